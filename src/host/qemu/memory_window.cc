// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/memory_window.h"

#include <fmt/core.h>
#include <sys/uio.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <vector>

#include "host/qemu/machine.h"

namespace pupci::qemu {
namespace {

constexpr unsigned most_attempts = 16;

bool forbidden() noexcept {
  return std::getenv("PUPCI_QEMU_NO_WINDOW") != nullptr;
}

}  // namespace

bool MemoryWindow::read(std::uint64_t offset, std::span<std::byte> to) noexcept {
  const auto from = base();
  if (!from) return false;
  machine_->transport()->flush();
  return !machine_->transport()->lost() && copy(*from + offset, to);
}

std::optional<std::uint64_t> MemoryWindow::base() noexcept {
  const std::scoped_lock lock(mutex_);
  if (!base_ && attempts_ < most_attempts && !forbidden()) {
    attempts_++;
    base_ = find();
  }
  return base_;
}

std::optional<std::uint64_t> MemoryWindow::find() noexcept try {
  const auto first = translate(bus_address_);
  const auto last = translate(bus_address_ + size_ - 1);
  if (!first || !last || *last - *first != size_ - 1 || !agrees(*first)) return std::nullopt;
  return first;
} catch (...) {
  return std::nullopt;  // no memory, or QEMU is gone
}

// "Host virtual address for 0xfd000000 (vga.vram) is 0x7f0123456000"
std::optional<std::uint64_t> MemoryWindow::translate(std::uint64_t address) {
  const std::string answer = machine_->qmp().human(fmt::format("gpa2hva {:#x}", address));
  constexpr std::string_view before = " is 0x";
  const auto at = answer.rfind(before);
  if (at == std::string::npos) return std::nullopt;
  std::uint64_t value = 0;
  const char* start = answer.data() + at + before.size();
  const auto result = std::from_chars(start, answer.data() + answer.size(), value, 16);
  return result.ec == std::errc{} ? std::optional(value) : std::nullopt;
}

// Should the process not be QEMU itself but a wrapper, its memory is another one.
bool MemoryWindow::agrees(std::uint64_t base) {
  std::vector<std::byte> one(std::min<std::uint64_t>(size_, 4096));
  std::vector<std::byte> other(one.size());
  machine_->transport()->read_memory(bus_address_, one);
  return copy(base, other) && one == other;
}

bool MemoryWindow::copy(std::uint64_t from, std::span<std::byte> to) const noexcept {
  const iovec local{to.data(), to.size()};
  const iovec remote{reinterpret_cast<void*>(from), to.size()};
  return ::process_vm_readv(machine_->pid(), &local, 1, &remote, 1, 0) ==
         static_cast<ssize_t>(to.size());
}

}  // namespace pupci::qemu
