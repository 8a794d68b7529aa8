// SPDX-License-Identifier: BSD-2-Clause
// pci(9): base address registers and expansion ROMs.
#include <fmt/core.h>

#include <cerrno>
#include <optional>

#include "kern/bus_space.h"
#include "kern/bus_space_table.h"
#include "kern/console.h"
#include "kern/pci_chipset.h"
#include "pupci/bus.h"

namespace pupci::kern {
namespace {

constexpr int failed = 1;  // what pci(9) answers when a register is not as asked for

pcireg_t type_bits(pcireg_t bar) noexcept {
  return PCI_MAPREG_TYPE(bar) == PCI_MAPREG_TYPE_IO
             ? PCI_MAPREG_TYPE_IO
             : bar & (PCI_MAPREG_TYPE_MASK | PCI_MAPREG_MEM_TYPE_MASK);
}

std::optional<Bar> bar_at(Function& function, int reg) {
  for (const Bar& bar : function.bars()) {
    const int offset =
        bar.index == Bar::rom_index ? PCI_MAPREG_ROM : PCI_BAR(static_cast<int>(bar.index));
    if (offset == reg) return bar;
  }
  return std::nullopt;
}

bool is_type(const Bar& bar, pcireg_t type) noexcept {
  switch (bar.kind) {
    case Bar::Kind::io:
      return PCI_MAPREG_TYPE(type) == PCI_MAPREG_TYPE_IO;
    case Bar::Kind::memory64:
      return PCI_MAPREG_TYPE(type) == PCI_MAPREG_TYPE_MEM &&
             PCI_MAPREG_MEM_TYPE(type) == PCI_MAPREG_MEM_TYPE_64BIT;
    case Bar::Kind::memory32:
      return PCI_MAPREG_TYPE(type) == PCI_MAPREG_TYPE_MEM &&
             PCI_MAPREG_MEM_TYPE(type) != PCI_MAPREG_MEM_TYPE_64BIT;
    case Bar::Kind::rom:
      return PCI_MAPREG_TYPE(type) == PCI_MAPREG_TYPE_ROM;
  }
  return false;
}

// The BAR at `reg` if it is of `type`; a message tells what else it is, as a driver that asks for
// the wrong type is hard to debug otherwise.
std::optional<Bar> checked_bar(pci_chipset_tag_t chipset, pcitag_t tag, int reg,
                               pcireg_t type) noexcept try {
  const auto function = chipset->find(tag);
  if (function == nullptr) return std::nullopt;
  const std::optional<Bar> bar = bar_at(*function, reg);
  if (!bar) {
    console_write(Message::debug,
                  fmt::format("pci_mapreg: {} has no BAR at offset {:#x}\n",
                              to_string(function->address()), static_cast<unsigned>(reg)));
    return std::nullopt;
  }
  if (!is_type(*bar, type)) {
    console_write(Message::debug,
                  fmt::format("pci_mapreg: the BAR at offset {:#x} of {} is of "
                              "another type than {:#x}\n",
                              static_cast<unsigned>(reg), to_string(function->address()), type));
    return std::nullopt;
  }
  return bar;
} catch (...) {
  return std::nullopt;
}

// Turns on the decoder that the BAR needs: of the space, and of the ROM itself.
void enable_decoding(Function& function, const Bar& bar) noexcept {
  const std::uint32_t bit =
      bar.kind == Bar::Kind::io ? PCI_COMMAND_IO_ENABLE : PCI_COMMAND_MEM_ENABLE;
  const std::uint32_t command = function.config_read(PCI_COMMAND_STATUS_REG, 2);
  if ((command & bit) == 0) function.config_write(PCI_COMMAND_STATUS_REG, 2, command | bit);
  if (bar.kind == Bar::Kind::rom) {
    const std::uint32_t rom = function.config_read(PCI_MAPREG_ROM, 4);
    function.config_write(PCI_MAPREG_ROM, 4, rom | PCI_MAPREG_ROM_ENABLE);
  }
}

int space_flags(const Bar& bar) noexcept {
  return bar.prefetchable || bar.kind == Bar::Kind::rom ? BUS_SPACE_MAP_PREFETCHABLE : 0;
}

int map_bar(const pci_attach_args& pa, const Bar& bar, int flags, std::uint64_t offset,
            std::uint64_t size, const void* caller, bus_space_handle_t* handle) noexcept try {
  const auto function = pa.pa_pc->find(pa.pa_tag);
  if (function == nullptr) return ENXIO;
  enable_decoding(*function, bar);
  return bus_space_enter(function->map(bar.index, offset, size, map_mode(flags)), flags, caller,
                         handle);
} catch (const Error& error) {
  console_write(Message::error, fmt::format("pci_mapreg_map: {}\n", error.what()));
  return error.errnum();
} catch (...) {
  return ENOMEM;
}

int submap(const pci_attach_args& pa, int reg, pcireg_t type, int flags, bus_size_t maxsize,
           bus_size_t offset, bus_space_tag_t* tag, bus_space_handle_t* handle, bus_addr_t* base,
           bus_size_t* size, const void* caller) noexcept {
  const bool io = PCI_MAPREG_TYPE(type) == PCI_MAPREG_TYPE_IO && reg != PCI_MAPREG_ROM;
  if ((pa.pa_flags & (io ? PCI_FLAGS_IO_OKAY : PCI_FLAGS_MEM_OKAY)) == 0) return failed;
  const std::optional<Bar> bar = checked_bar(pa.pa_pc, pa.pa_tag, reg, type);
  if (!bar || bar->address == 0) return failed;
  const bus_size_t length = maxsize != 0 ? maxsize : bar->size;
  if (offset > bar->size || length > bar->size - offset) return failed;
  bus_space_handle_t mapped = 0;
  const int error = map_bar(pa, *bar, flags | space_flags(*bar), offset, length, caller, &mapped);
  if (error != 0) return error;
  if (tag != nullptr) *tag = io ? pa.pa_iot : pa.pa_memt;
  if (handle != nullptr) *handle = mapped;
  if (base != nullptr) *base = bar->address + offset;
  if (size != nullptr) *size = length;
  return 0;
}

// The fields of a ROM image that decide, at `offset` of the ROM.
struct Image {
  bus_size_t size = 0;
  bool ours = false;
  bool last = false;
};

std::optional<Image> read_image(const pci_attach_args& pa, bus_space_tag_t tag,
                                bus_space_handle_t rom, bus_size_t size, bus_size_t offset,
                                int type) noexcept {
  if (size - offset < sizeof(pci_rom_header)) return std::nullopt;
  const auto word = [&](bus_size_t at) { return bus_space_read_2(tag, rom, at); };
  const auto byte = [&](bus_size_t at) { return bus_space_read_1(tag, rom, at); };
  if (word(offset + offsetof(pci_rom_header, romh_magic)) != PCI_ROM_HEADER_MAGIC) {
    return std::nullopt;  // not populated
  }
  const bus_size_t data = offset + word(offset + offsetof(pci_rom_header, romh_data_ptr));
  if (data > size || size - data < sizeof(pci_rom)) return std::nullopt;
  if (bus_space_read_4(tag, rom, data) != PCI_ROM_SIGNATURE) return std::nullopt;
  Image image;
  image.size = bus_size_t{512} * word(data + offsetof(pci_rom, rom_len));
  image.last = (byte(data + offsetof(pci_rom, rom_indicator)) & PCI_ROM_INDICATOR_LAST) != 0;
  image.ours = word(data + offsetof(pci_rom, rom_vendor)) == PCI_VENDOR(pa.pa_id) &&
               word(data + offsetof(pci_rom, rom_product)) == PCI_PRODUCT(pa.pa_id) &&
               byte(data + offsetof(pci_rom, rom_class)) == PCI_CLASS(pa.pa_class) &&
               byte(data + offsetof(pci_rom, rom_subclass)) == PCI_SUBCLASS(pa.pa_class) &&
               byte(data + offsetof(pci_rom, rom_interface)) == PCI_INTERFACE(pa.pa_class) &&
               byte(data + offsetof(pci_rom, rom_code_type)) == type;
  if (image.size == 0 || image.size > size - offset) return std::nullopt;
  return image;
}

}  // namespace
}  // namespace pupci::kern

using namespace pupci;
using namespace pupci::kern;

pcireg_t pci_mapreg_type(pci_chipset_tag_t chipset, pcitag_t tag, int reg) {
  const pcireg_t bar = pci_conf_read(chipset, tag, reg);
  return reg == PCI_MAPREG_ROM ? PCI_MAPREG_TYPE_ROM : type_bits(bar);
}

int pci_mapreg_probe(pci_chipset_tag_t chipset, pcitag_t tag, int reg, pcireg_t* type) {
  const auto function = chipset->find(tag);
  if (function == nullptr) return 0;
  try {
    if (!bar_at(*function, reg)) return 0;
  } catch (...) {
    return 0;
  }
  if (type != nullptr) *type = pci_mapreg_type(chipset, tag, reg);
  return 1;
}

int pci_mapreg_info(pci_chipset_tag_t chipset, pcitag_t tag, int reg, pcireg_t type,
                    bus_addr_t* base, bus_size_t* size, int* flags) {
  const std::optional<Bar> bar = checked_bar(chipset, tag, reg, type);
  if (!bar) return failed;
  if (base != nullptr) *base = bar->address;
  if (size != nullptr) *size = bar->size;
  if (flags != nullptr) *flags = space_flags(*bar);
  return 0;
}

int pci_mapreg_map(const struct pci_attach_args* pa, int reg, pcireg_t type, int flags,
                   bus_space_tag_t* tag, bus_space_handle_t* handle, bus_addr_t* base,
                   bus_size_t* size) {
  return submap(*pa, reg, type, flags, 0, 0, tag, handle, base, size, __builtin_return_address(0));
}

int pci_mapreg_submap(const struct pci_attach_args* pa, int reg, pcireg_t type, int flags,
                      bus_size_t maxsize, bus_size_t offset, bus_space_tag_t* tag,
                      bus_space_handle_t* handle, bus_addr_t* base, bus_size_t* size) {
  return submap(*pa, reg, type, flags, maxsize, offset, tag, handle, base, size,
                __builtin_return_address(0));
}

int pci_find_rom(const struct pci_attach_args* pa, bus_space_tag_t tag, bus_space_handle_t rom,
                 bus_size_t size, int type, bus_space_handle_t* image, bus_size_t* image_size) {
  for (bus_size_t offset = 0; offset < size;) {
    const std::optional<Image> found = read_image(*pa, tag, rom, size, offset, type);
    if (!found) return failed;
    if (found->ours) {
      *image_size = found->size;
      return bus_space_subregion(tag, rom, offset, found->size, image) == 0 ? 0 : failed;
    }
    if (found->last) return failed;
    offset += found->size;
  }
  return failed;
}
