// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/fault_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

namespace pupci::vfio {
namespace {

// What stands between `before` and `after`, as an address of a function.
std::optional<Address> address_in(std::string_view line, std::string_view before,
                                  std::string_view after) {
  auto at = line.find(before);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + before.size());
  at = line.find(after);
  if (at == std::string_view::npos) return std::nullopt;
  return parse_address(line.substr(0, at));
}

// The hexadecimal number behind `before`, with or without 0x.
std::optional<std::uint64_t> number_in(std::string_view line, std::string_view before) {
  const auto at = line.find(before);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + before.size());
  if (line.starts_with("0x")) line.remove_prefix(2);
  std::uint64_t value = 0;
  const auto result = std::from_chars(line.data(), line.data() + line.size(), value, 16);
  if (result.ec != std::errc{}) return std::nullopt;
  return value;
}

// "DMAR: [DMA Write NO_PASID] Request device [00:02.0] fault addr 0x1000 [fault reason 0x05] ..."
std::optional<DmaFault> parse_intel(std::string_view line) {
  const auto function = address_in(line, "device [", "]");
  const auto address = number_in(line, "fault addr ");
  if (!function || !address) return std::nullopt;
  return DmaFault{*function, *address, line.find("[DMA Write") != std::string_view::npos};
}

// "vfio-pci 0000:03:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000e address=0x1000
// flags=0x0020]": bit 5 of the flags is a write. Older kernels: "... [IO_PAGE_FAULT
// device=0000:03:00.0 domain=...".
std::optional<DmaFault> parse_amd(std::string_view line) {
  auto function = address_in(line, "device=", " ");
  if (!function) function = address_in(line, " ", ": AMD-Vi");
  const auto address = number_in(line, "address=");
  if (!function || !address) return std::nullopt;
  constexpr std::uint64_t write = 0x20;
  return DmaFault{*function, *address, (number_in(line, "flags=").value_or(0) & write) != 0};
}

}  // namespace

std::optional<DmaFault> parse_dma_fault(std::string_view line) {
  if (line.find("DMAR:") != std::string_view::npos) return parse_intel(line);
  if (line.find("IO_PAGE_FAULT") != std::string_view::npos) return parse_amd(line);
  return std::nullopt;
}

FaultLog::FaultLog(const std::string& node)
    : fd_(::open(node.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
  if (fd_) ::lseek(fd_.get(), 0, SEEK_END);
}

std::optional<DmaFault> FaultLog::next() {
  std::array<char, 8192> record{};  // each read(2) gives one record
  for (;;) {
    const ssize_t size = ::read(fd_.get(), record.data(), record.size());
    if (size < 0 && errno == EPIPE) continue;  // some were overwritten before they were read
    if (size <= 0) return std::nullopt;
    std::string_view text(record.data(), static_cast<std::size_t>(size));
    text = text.substr(0, text.find('\n'));  // what follows are the record's properties
    const auto message = text.find(';');
    if (message == std::string_view::npos) continue;
    if (const auto fault = parse_dma_fault(text.substr(message + 1))) return fault;
  }
}

}  // namespace pupci::vfio
