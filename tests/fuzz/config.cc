// SPDX-License-Identifier: BSD-2-Clause
// Fuzzes the decoders of configuration space. The input is 256 bytes of its content, 256 of the
// bits that can be written, and then the extended space.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>

#include "host/config_space.h"
#include "pupci/capability.h"
#include "pupci/pci_config.h"

namespace {

class FuzzedSpace final : public pupci::ConfigSpace {
 public:
  FuzzedSpace(const std::uint8_t* data, std::size_t size) {
    const auto part = [&](std::size_t from, std::size_t length, std::uint8_t* to) {
      if (size > from) std::copy_n(data + from, std::min(length, size - from), to);
    };
    part(0, 256, bytes_.data());
    part(256, 256, writable_.data());
    part(512, 4096 - 256, bytes_.data() + 256);
    size_ = size > 512 ? 4096 : 256;
  }
  [[nodiscard]] unsigned size() const noexcept override { return size_; }
  std::uint32_t read(unsigned offset, unsigned width) noexcept override {
    // A decoder that strays is a bug, though a real space would answer all ones.
    if (offset % width != 0 || offset + width > size_) std::abort();
    std::uint32_t value = 0;
    std::memcpy(&value, bytes_.data() + offset, width);
    return value;
  }
  void write(unsigned offset, unsigned width, std::uint32_t value) noexcept override {
    if (offset % width != 0 || offset + width > size_) std::abort();
    for (unsigned i = 0; i < width; i++, value >>= 8) {
      const std::uint8_t mask = writable_.at(offset + i);
      bytes_.at(offset + i) =
          static_cast<std::uint8_t>((bytes_.at(offset + i) & ~mask) | (value & mask));
    }
  }
  [[nodiscard]] const std::array<std::uint8_t, 4096>& bytes() const noexcept { return bytes_; }

 private:
  std::array<std::uint8_t, 4096> bytes_{};
  std::array<std::uint8_t, 4096> writable_{};
  unsigned size_;
};

void check(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pupci;
  FuzzedSpace space(data, size);
  const auto before = space.bytes();
  const CapabilityList list = capabilities(space);
  check(list.found.size() <= 48 &&
        list.fault_text().empty() == (list.fault == CapabilityFault::none));
  for (const Capability& capability : list.found) {
    check(capability.offset >= 0x40 && capability.offset < 0x100 && capability.offset % 4 == 0);
    const auto first = find_capability(space, capability.id);
    check(first && *first == list.find(capability.id)->offset);
  }
  const CapabilityList extended = extended_capabilities(space);
  check(extended.found.size() <= 960);
  for (const Capability& capability : extended.found) check(capability.offset >= 0x100);
  if (const auto msi = msi_capability(space)) check(msi->vectors >= 1 && msi->vectors <= 32);
  if (const auto msix = msix_capability(space)) check(msix->vectors <= 2048 && msix->table_bar < 6);

  const BarList sized = size_bars(space);
  for (const Bar& bar : sized.bars) {
    check(bar.index <= Bar::rom_index && bar.size >= 4 && (bar.size & (bar.size - 1)) == 0);
  }
  for (const BarFault& fault : sized.faults) check(!to_string(fault).empty());
  check(space.bytes() == before);
  auto bars = sized.bars;
  refresh_addresses(space, bars);
  for (std::size_t i = 0; i < bars.size(); i++) check(bars[i].size == sized.bars[i].size);
  return 0;
}
