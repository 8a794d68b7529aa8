// SPDX-License-Identifier: BSD-2-Clause
// "faulty": functions that are broken in one way each. 1234:50ff; BAR 0 is 4 KiB of memory whose
// every 32-bit register reads as its offset.
//
//   absent    configuration space reads all ones
//   header    header type 0x7f
//   loop      a capability list that loops
//   range     a capability that does not fit before the end of configuration space
//   pointer   a capability pointer into the header
//   bars      BAR 1 has size 0, BAR 2 is stuck at all ones, BAR 3 has a reserved type, BAR 5 is 64
//             bits wide
//   overlap   BAR 1 lies within BAR 0
//   noreset   cannot be reset
//   dies[:N]  after N accesses to BAR 0 (default 8) the function dies and the bus is lost
//   vanishes[:N]  after N accesses to BAR 0 this function alone reads all ones
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "host/sim/models.h"
#include "pupci/pci_config.h"

namespace pupci::sim {
namespace {

class Faulty final : public Model {
 public:
  enum class End : std::uint8_t { none, die, vanish };

  Faulty(std::string_view kind, End end, unsigned accesses)
      : Model({.vendor = static_cast<std::uint16_t>(kind == "absent" ? 0xffff : 0x1234),
               .device = 0x50ff,
               .interrupt_pin = 1}),
        end_(end),
        left_(accesses) {
    add_bar(0, {.size = 4096});
    if (kind == "absent") {
      for (unsigned offset = 0; offset < pci::config_end; offset += 4) {
        set_config(offset, 4, UINT32_MAX);
      }
    } else if (kind == "header") {
      set_config(pci::header_type, 1, 0x7f);
    } else if (kind == "loop" || kind == "range" || kind == "pointer") {
      break_capabilities(kind);
    } else if (kind == "bars") {
      break_bars();
    } else if (kind == "overlap") {
      add_bar(1, {.size = 16});
      overlap_ = true;
    } else if (kind == "noreset") {
      set_no_reset();
    }
  }

 protected:
  std::uint64_t read(unsigned bar, std::uint64_t offset, unsigned /*width*/) override {
    if (bar != 0 || !count()) return UINT64_MAX;
    return offset & ~std::uint64_t{3};
  }
  void write(unsigned bar, std::uint64_t /*offset*/, unsigned /*width*/,
             std::uint64_t /*value*/) override {
    if (bar == 0) count();
  }
  // Firmware turns decoding on last; wherever it put BAR 0, BAR 1 comes to lie within.
  void config_written(unsigned offset, unsigned /*width*/) override {
    if (overlap_ && offset == pci::command && config(offset, 2) != 0) {
      set_register(pci::bar0 + 4, 4, config(pci::bar0, 4) | 0x10);
    }
  }

 private:
  bool count() {
    if (gone_) return false;
    if (end_ == End::none || left_-- != 0) return true;
    gone_ = true;
    if (end_ == End::die) {
      die("the function died");
    } else {
      vanish();
    }
    return false;
  }

  void break_capabilities(std::string_view kind) {
    add_power_management();
    const unsigned second = add_capability(pci::capability_id::vendor, {});
    if (kind == "loop") {
      set_config(second + 1, 1, pci::header_end);
    } else if (kind == "pointer") {
      set_config(second + 1, 1, 0x20);
    } else {
      set_config(second + 1, 1, 0xfc);
      set_config(0xfc, 1, pci::capability_id::msix);
    }
  }

  void break_bars() {
    set_config(pci::bar0 + 4, 4, pci::bar::prefetchable);
    set_config(pci::bar0 + 8, 4, UINT32_MAX);
    set_config(pci::bar0 + 12, 4, pci::bar::type_mask, 0xfffff000);
    set_config(pci::bar0 + 20, 4, pci::bar::type_64, 0xfffff000);
  }

  End end_;
  unsigned left_;
  bool gone_ = false;
  bool overlap_ = false;
};

}  // namespace

std::shared_ptr<Model> make_faulty(std::string_view variant) {
  static constexpr std::array<std::string_view, 10> kinds{
      "absent", "header",  "loop",    "range", "pointer",
      "bars",   "overlap", "noreset", "dies",  "vanishes"};
  const std::string_view kind = variant.substr(0, variant.find(':'));
  auto end = Faulty::End::none;
  if (kind == "dies") end = Faulty::End::die;
  if (kind == "vanishes") end = Faulty::End::vanish;
  bool good = std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  unsigned accesses = 8;
  if (kind.size() != variant.size()) {
    const char* last = variant.data() + variant.size();
    const auto [stop, error] = std::from_chars(variant.data() + kind.size() + 1, last, accesses);
    good = good && end != Faulty::End::none && error == std::errc{} && stop == last;
  }
  if (!good) bad_variant("faulty", variant, fmt::format("{}", fmt::join(kinds, ", ")));
  return std::make_shared<Faulty>(kind, end, accesses);
}

}  // namespace pupci::sim
