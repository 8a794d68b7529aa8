// SPDX-License-Identifier: BSD-2-Clause
// Bulk transfers of the qtest protocol.
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "host/base64.h"
#include "host/qemu/qtest.h"

namespace pupci::qemu {
namespace {

// One command's worth: its text should fit the socket's buffer a few times.
constexpr std::size_t piece = std::size_t{48} << 10;
// From here on a fill is a shorter command than the bytes themselves.
constexpr std::size_t worth_a_fill = 8;

bool is_uniform(std::span<const std::byte> bytes) noexcept {
  return bytes.size() >= worth_a_fill &&
         std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

}  // namespace

void Qtest::read_memory(std::uint64_t address, std::span<std::byte> to) noexcept {
  std::string answer;
  while (!to.empty()) {
    const auto now = to.first(std::min(piece, to.size()));
    if (lost() || !command(fmt::format("b64read {:#x} {:#x}", address, now.size()), &answer) ||
        !decode_base64(answer, now)) {
      std::memset(now.data(), 0xff, now.size());
    }
    address += now.size();
    to = to.subspan(now.size());
  }
}

void Qtest::write_memory(std::uint64_t address, std::span<const std::byte> from) noexcept {
  std::string line;
  while (!from.empty() && !lost()) {
    const auto now = from.first(std::min(piece, from.size()));
    line.clear();
    if (is_uniform(now)) {
      line = fmt::format("memset {:#x} {:#x} {:#x}\n", address, now.size(),
                         std::to_integer<unsigned>(now[0]));
    } else {
      line = fmt::format("b64write {:#x} {:#x} ", address, now.size());
      append_base64(line, now);
      line += '\n';
    }
    {
      const std::scoped_lock lock(mutex_);
      post_locked(line);
    }
    address += now.size();
    from = from.subspan(now.size());
  }
}

}  // namespace pupci::qemu
