// SPDX-License-Identifier: BSD-2-Clause
#include "pupci/pci_ids.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace pupci {
namespace {

// The number of four hexadecimal digits that `line` begins with, followed by blanks.
std::optional<std::uint16_t> leading_id(std::string_view line) {
  if (line.size() < 6 || line[4] != ' ') return std::nullopt;
  std::uint16_t id = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + 4, id, 16);
  if (error != std::errc{} || end != line.data() + 4) return std::nullopt;
  return id;
}

std::string_view name_of(std::string_view line) {
  const auto start = line.find_first_not_of(' ', 4);
  return start == std::string_view::npos ? std::string_view{} : line.substr(start);
}

// Takes the first line off `text`.
std::string_view next_line(std::string_view& text) {
  const auto end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

std::string read_first(std::initializer_list<const char*> paths) {
  for (const char* path : paths) {
    if (path == nullptr) continue;
    std::ifstream file(path, std::ios::binary);
    if (!file) continue;
    std::ostringstream text;  // in blocks: one by one, its million bytes take a sanitizer a second
    text << file.rdbuf();
    return text.str();
  }
  return {};
}

}  // namespace

PciIds::PciIds(std::string text) : text_(std::move(text)) {
  std::string_view rest = text_;
  Block* current = nullptr;
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '\t') {
      if (current == nullptr) continue;
      // Up to here the lines are this vendor's.
      const char* start = current->lines.data() == nullptr ? line.data() : current->lines.data();
      current->lines = {start, static_cast<std::size_t>(line.data() + line.size() - start)};
      continue;
    }
    const auto id = leading_id(line);  // "C 00  class" ends the list of vendors
    current =
        id ? &vendors_.insert_or_assign(*id, Block{name_of(line), {}}).first->second : nullptr;
  }
}

std::optional<std::string_view> PciIds::vendor(std::uint16_t vendor) const {
  const auto it = vendors_.find(vendor);
  if (it == vendors_.end()) return std::nullopt;
  return it->second.name;
}

std::optional<std::string_view> PciIds::product(std::uint16_t vendor, std::uint16_t product) const {
  const auto it = vendors_.find(vendor);
  if (it == vendors_.end()) return std::nullopt;
  std::string_view rest = it->second.lines;
  while (!rest.empty()) {
    std::string_view line = next_line(rest);
    if (line.empty() || line.front() != '\t') continue;
    line.remove_prefix(1);
    if (leading_id(line) == product) return name_of(line);  // subsystems begin with another tab
  }
  return std::nullopt;
}

const PciIds& PciIds::system() {
  static const auto& ids =
      *new PciIds(read_first({std::getenv("PUPCI_PCI_IDS"), "/usr/share/misc/pci.ids",
                              "/usr/share/hwdata/pci.ids", "/usr/pkg/share/pciids/pci.ids"}));
  return ids;
}

std::string vendor_name(std::uint16_t vendor) {
  const auto name = PciIds::system().vendor(vendor);
  return name ? std::string(*name) : fmt::format("vendor {:04x}", vendor);
}

std::string product_name(std::uint16_t vendor, std::uint16_t product) {
  const auto name = PciIds::system().product(vendor, product);
  return name ? std::string(*name) : fmt::format("product {:04x}", product);
}

std::string device_info(std::uint32_t id, std::uint32_t class_and_revision, bool show_class) {
  const auto vendor = static_cast<std::uint16_t>(id);
  const auto product = static_cast<std::uint16_t>(id >> 16);
  std::string text = vendor_name(vendor) + " " + product_name(vendor, product);
  if (show_class) text += " (" + class_name(class_and_revision) + ")";
  return text;
}

}  // namespace pupci
