// SPDX-License-Identifier: BSD-2-Clause
// BAR sizing and header decode.
#include "host/config_space.h"

#include <fmt/core.h>

#include <bit>
#include <optional>

#include "pupci/pci_config.h"

namespace pupci {
namespace {

// Turns the decoding of memory and I/O off for a scope: a BAR that is being sized claims
// addresses that belong to others.
class DecodeOff {
 public:
  explicit DecodeOff(ConfigSpace& config) noexcept
      : config_(config), command_(config.read(pci::command, 2)) {
    constexpr std::uint32_t decode = pci::command_bit::io | pci::command_bit::memory;
    config_.write(pci::command, 2, command_ & ~decode);
  }
  ~DecodeOff() { config_.write(pci::command, 2, command_); }
  DecodeOff(const DecodeOff&) = delete;
  DecodeOff& operator=(const DecodeOff&) = delete;

 private:
  ConfigSpace& config_;
  std::uint32_t command_;
};

struct Probe {
  std::uint32_t before;
  std::uint32_t mask;  // what reads back after all ones were written
  bool restored;
};

Probe probe(ConfigSpace& config, unsigned offset, std::uint32_t ones) noexcept {
  Probe result{};
  result.before = config.read(offset, 4);
  config.write(offset, 4, ones);
  result.mask = config.read(offset, 4);
  config.write(offset, 4, result.before);
  result.restored = config.read(offset, 4) == result.before;
  return result;
}

// The size that writable address bits stand for: contiguous from bit log2(size) to the top.
std::optional<std::uint64_t> size_of(std::uint64_t bits, unsigned top) noexcept {
  const std::uint64_t size = bits & (~bits + 1);
  const std::uint64_t all = top == 64 ? UINT64_MAX : (std::uint64_t{1} << top) - 1;
  if (bits != (all & ~(size - 1))) return std::nullopt;
  return size;
}

class Sizer {
 public:
  Sizer(ConfigSpace& config, const Header& header) noexcept : config_(config), header_(header) {}

  BarList run() {
    const unsigned count = header_.bar_count();
    for (unsigned index = 0; index < count;) index += one(index, count);
    if (header_.rom_register() != 0) rom();
    overlaps();
    return std::move(list_);
  }

 private:
  using Fault = BarFault::Kind;

  void fault(unsigned index, Fault kind) { list_.faults.push_back({index, kind}); }

  // Registers taken: 2 for a 64-bit BAR, else 1.
  unsigned one(unsigned index, unsigned count) {
    const Probe low = probe(config_, bar_register(header_, index), UINT32_MAX);
    if (low.mask == 0) return 1;
    if (low.mask == UINT32_MAX) {
      fault(index, Fault::all_ones);
      return 1;
    }
    if (!low.restored) fault(index, Fault::not_restored);
    if ((low.mask & pci::bar::io) != 0) {
      io(index, low);
      return 1;
    }
    const std::uint32_t type = low.mask & pci::bar::type_mask;
    if (type == pci::bar::type_mask) {
      fault(index, Fault::reserved_type);
      return 1;
    }
    if (type != pci::bar::type_64) {
      memory(index, Bar::Kind::memory32, low, low.mask & pci::bar::memory_mask,
             low.before & pci::bar::memory_mask);
      return 1;
    }
    if (index + 1 >= count) {
      fault(index, Fault::upper_half);
      return 1;
    }
    const Probe high = probe(config_, bar_register(header_, index + 1), UINT32_MAX);
    if (!high.restored) fault(index, Fault::not_restored);
    memory(index, Bar::Kind::memory64, low,
           std::uint64_t{high.mask} << 32 | (low.mask & pci::bar::memory_mask),
           std::uint64_t{high.before} << 32 | (low.before & pci::bar::memory_mask));
    return 2;
  }

  void memory(unsigned index, Bar::Kind kind, const Probe& low, std::uint64_t bits,
              std::uint64_t address) {
    const bool wide = kind == Bar::Kind::memory64;
    add(index, kind, (low.mask & pci::bar::prefetchable) != 0, bits, wide ? 64 : 32, address);
  }

  void io(unsigned index, const Probe& low) {
    std::uint32_t bits = low.mask & pci::bar::io_mask;
    if (bits >> 16 == 0 && bits != 0) bits |= 0xffff0000;  // 16 bits of ports are enough
    add(index, Bar::Kind::io, false, bits, 32, low.before & pci::bar::io_mask);
  }

  void rom() {
    const Probe low = probe(config_, header_.rom_register(), pci::bar::rom_mask);
    if (low.mask == 0) return;
    if (low.mask == UINT32_MAX) return fault(Bar::rom_index, Fault::all_ones);
    if (!low.restored) fault(Bar::rom_index, Fault::not_restored);
    add(Bar::rom_index, Bar::Kind::rom, false, low.mask & pci::bar::rom_mask, 32,
        low.before & pci::bar::rom_mask);
  }

  void add(unsigned index, Bar::Kind kind, bool prefetchable, std::uint64_t bits, unsigned top,
           std::uint64_t address) {
    if (bits == 0) return fault(index, Fault::size_zero);
    const auto size = size_of(bits, top);
    if (!size) return fault(index, Fault::not_power_of_two);
    list_.bars.push_back({index, kind, prefetchable, address, *size});
  }

  void overlaps() {
    for (std::size_t i = 0; i < list_.bars.size(); i++) {
      for (std::size_t j = 0; j < i; j++) {
        const Bar& a = list_.bars[j];
        const Bar& b = list_.bars[i];
        if (a.space() != b.space() || a.address == 0 || b.address == 0) continue;
        if (a.address <= b.address + (b.size - 1) && b.address <= a.address + (a.size - 1)) {
          fault(b.index, Fault::overlap);
          break;
        }
      }
    }
  }

  ConfigSpace& config_;
  Header header_;
  BarList list_;
};

}  // namespace

const char* to_string(HeaderKind kind) noexcept {
  switch (kind) {
    case HeaderKind::absent:
      return "absent";
    case HeaderKind::endpoint:
      return "endpoint";
    case HeaderKind::bridge:
      return "bridge";
    case HeaderKind::cardbus:
      return "cardbus bridge";
    case HeaderKind::unknown:
      break;
  }
  return "unknown";
}

unsigned Header::bar_count() const noexcept {
  switch (kind) {
    case HeaderKind::endpoint:
      return 6;
    case HeaderKind::bridge:
      return 2;
    case HeaderKind::cardbus:
      return 1;
    default:
      return 0;
  }
}

unsigned Header::rom_register() const noexcept {
  if (kind == HeaderKind::endpoint) return pci::rom_bar;
  return kind == HeaderKind::bridge ? pci::bridge_rom_bar : 0;
}

Header read_header(ConfigSpace& config) noexcept {
  Header header;
  if (config.read(pci::vendor_id, 2) == 0xffff) return header;
  const std::uint32_t value = config.read(pci::header_type, 1);
  header.type = static_cast<std::uint8_t>(value & pci::header::type_mask);
  header.multifunction = (value & pci::header::multifunction) != 0;
  switch (header.type) {
    case pci::header::endpoint:
      header.kind = HeaderKind::endpoint;
      break;
    case pci::header::bridge:
      header.kind = HeaderKind::bridge;
      break;
    case pci::header::cardbus:
      header.kind = HeaderKind::cardbus;
      break;
    default:
      header.kind = HeaderKind::unknown;
  }
  return header;
}

std::string to_string(const BarFault& fault) {
  std::string name =
      fault.index == Bar::rom_index ? "expansion ROM" : fmt::format("BAR {}", fault.index);
  switch (fault.kind) {
    case BarFault::Kind::all_ones:
      return name + ": reads all ones";
    case BarFault::Kind::size_zero:
      return name + ": has size 0";
    case BarFault::Kind::not_power_of_two:
      return name + ": its size is no power of two";
    case BarFault::Kind::reserved_type:
      return name + ": has a reserved type";
    case BarFault::Kind::upper_half:
      return name + ": 64 bits wide, but the last register";
    case BarFault::Kind::overlap:
      return name + ": overlaps an earlier BAR";
    case BarFault::Kind::not_restored:
      return name + ": did not keep its value";
  }
  return name;
}

BarList size_bars(ConfigSpace& config) {
  const Header header = read_header(config);
  if (header.bar_count() == 0) return {};
  const DecodeOff off(config);
  return Sizer(config, header).run();
}

void refresh_addresses(ConfigSpace& config, std::vector<Bar>& sized) noexcept {
  const Header header = read_header(config);
  for (Bar& bar : sized) {
    const unsigned offset = bar_register(header, bar.index);
    const std::uint64_t low = config.read(offset, 4);
    bar.address = low & ~(bar.size - 1) & UINT32_MAX;
    if (bar.kind == Bar::Kind::memory64) {
      bar.address |= std::uint64_t{config.read(offset + 4, 4)} << 32;
    }
  }
}

unsigned bar_register(const Header& header, unsigned index) noexcept {
  return index == Bar::rom_index ? header.rom_register() : pci::bar0 + 4 * index;
}

}  // namespace pupci
