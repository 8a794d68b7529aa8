// SPDX-License-Identifier: BSD-2-Clause
// Names of vendors, products and classes: pci.ids (pci.ids(5) of pciutils) and NetBSD's words for
// classes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace pupci {

/// The contents of one pci.ids file. Immutable after construction.
class PciIds {
 public:
  /// Lines that make no sense are passed over.
  explicit PciIds(std::string text);

  [[nodiscard]] std::optional<std::string_view> vendor(std::uint16_t vendor) const;
  [[nodiscard]] std::optional<std::string_view> product(std::uint16_t vendor,
                                                        std::uint16_t product) const;

  /// The system's file, read at the first call: $PUPCI_PCI_IDS if set, else /usr/share/misc or
  /// /usr/share/hwdata; empty without one. Thread-safe.
  static const PciIds& system();

 private:
  struct Block {
    std::string_view name;
    std::string_view lines;  ///< of its products
  };
  std::string text_;
  std::unordered_map<std::uint16_t, Block> vendors_;
};

/// "Red Hat, Inc."; "vendor 1b36" for one without a name.
std::string vendor_name(std::uint16_t vendor);
/// "QEMU PCIe Root port"; "product 000c" for one without a name.
std::string product_name(std::uint16_t vendor, std::uint16_t product);
/// What pci_devinfo(9) shows in parentheses, from the word at offset 8 of configuration space:
/// "PCI bridge", "ethernet network, revision 0x02", "class 0x42, subclass 0x01".
std::string class_name(std::uint32_t class_and_revision);
/// "Red Hat, Inc. QEMU PCIe Root port", and with `show_class` " (PCI bridge)". `id` is the word at
/// offset 0.
std::string device_info(std::uint32_t id, std::uint32_t class_and_revision, bool show_class);

}  // namespace pupci
