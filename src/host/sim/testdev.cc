// SPDX-License-Identifier: BSD-2-Clause
// "testdev": register-compatible with QEMU's pci-testdev (QEMU docs/specs/pci-testdev), so that one
// driver runs on both. Memory BAR 0 and I/O BAR 1 hold the same header: a test is chosen by
// writing its number, and the header then says where to write what, and counts the hits. As in
// QEMU without KVM, only test 0 counts: the writes of the others go to event notifiers.
#include <array>
#include <cstring>

#include "host/sim/models.h"

namespace pupci::sim {
namespace {

constexpr std::array<const char*, 3> test_names{"no-eventfd", "wildcard-eventfd",
                                                "datamatch-eventfd"};
constexpr std::uint32_t memory_offset = 2048;
constexpr std::uint32_t port_offset = 128;

struct Header {
  std::uint8_t test = 0;
  std::uint8_t width = 1;
  std::uint8_t pad0[2] = {};
  std::uint32_t offset = 0;
  std::uint8_t data = 0;
  std::uint8_t pad1[3] = {};
  std::uint32_t count = 0;
  char name[32] = {};
};
static_assert(sizeof(Header) == 48);

class TestDevice final : public Model {
 public:
  TestDevice() : Model({.vendor = 0x1b36, .device = 0x0005}) {
    add_bar(0, {.size = 4096});
    add_bar(1, {.kind = Bar::Kind::io, .size = 256});
  }

 protected:
  // The device takes single bytes; wider accesses are so many of them.
  std::uint64_t read(unsigned /*bar*/, std::uint64_t offset, unsigned width) override {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) {
      value |= std::uint64_t{read_byte(offset + i)} << (8 * i);
    }
    return value;
  }
  void write(unsigned bar, std::uint64_t offset, unsigned width, std::uint64_t value) override {
    for (unsigned i = 0; i < width; i++, value >>= 8) {
      write_byte(bar, offset + i, static_cast<std::uint8_t>(value));
    }
  }
  void reset() override { chosen_ = false; }

 private:
  std::uint8_t read_byte(std::uint64_t offset) const {
    if (!chosen_ || offset >= sizeof header_) return 0;
    std::array<std::uint8_t, sizeof(Header)> bytes{};
    std::memcpy(bytes.data(), &header_, sizeof header_);
    return bytes.at(offset);
  }

  void write_byte(unsigned bar, std::uint64_t offset, std::uint8_t value) {
    if (offset == 0) return choose(bar, value);
    if (!chosen_ || bar != bar_ || offset != header_.offset || number_ != 0) return;
    if (value == header_.data) header_.count++;
  }

  void choose(unsigned bar, unsigned number) {
    chosen_ = number < test_names.size();
    if (!chosen_) return;
    bar_ = bar;
    number_ = number;
    const unsigned index = bar * static_cast<unsigned>(test_names.size()) + number;
    header_ = {};
    header_.test = static_cast<std::uint8_t>(index);
    header_.offset = (bar == 0 ? memory_offset : port_offset) + index;
    header_.data = number == 1 ? 0xce : 0xfa;
    std::string name = bar == 0 ? "mmio-" : "portio-";
    name += test_names.at(number);
    name.copy(header_.name, sizeof header_.name - 1);
  }

  bool chosen_ = false;
  unsigned bar_ = 0;
  unsigned number_ = 0;
  Header header_{};
};

}  // namespace

std::shared_ptr<Model> make_testdev(std::string_view variant) {
  if (!variant.empty()) bad_variant("testdev", variant, "none");
  return std::make_shared<TestDevice>();
}

}  // namespace pupci::sim
