// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/kernel/client_process.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>

#include "kern/open_file.h"
#include "netbsd/sys/param.h"
#include "pupci/dma.h"

namespace pupci::netbsd {

using namespace std::chrono_literals;

namespace {
// A process that takes longer to let go of its pages hangs, and would hang the kernel.
constexpr auto patience = 10s;
}  // namespace

ClientProcess::ClientProcess(std::int64_t number, pid_t pid, Dma& arena,
                             std::shared_ptr<Trace> trace, bool ask)
    : number_(number),
      arena_(arena),
      trace_(std::move(trace)),
      memory_(new ClientMemory(pid, ask)),
      files_(pid, fmt::format("process{}", number).c_str()) {
  files_.process()->p_vmspace = memory_.get();
}

int ClientProcess::resolve(std::int64_t fd, std::uint64_t size, int protection, std::int64_t offset,
                           std::uint64_t& address) {
  const auto file = files_.find(fd);
  if (file == nullptr) return EBADF;
  for (std::uint64_t at = 0; at < size; at += PAGE_SIZE) {
    paddr_t page = 0;
    const int error = file->map_page(offset + static_cast<std::int64_t>(at), protection, page);
    if (error != 0) return error;
    const std::uint64_t here = std::uint64_t{page} << PAGE_SHIFT;
    if (at == 0) address = here;
    if (here != address + at) return ENODEV;
  }
  // Registers that are behind another program's interface cannot be given away.
  const bool memory = arena_.arena_fd() >= 0 && arena_.from_bus(address, size) != nullptr;
  return memory ? 0 : ENODEV;
}

int ClientProcess::map(std::int64_t fd, std::uint64_t size, int protection, std::int64_t offset,
                       std::uint64_t& in_file) {
  constexpr std::uint64_t most = std::uint64_t{1} << 40;
  if (size == 0 || size > most || offset < 0 || (offset & PAGE_MASK) != 0 || protection == 0 ||
      (protection & ~3) != 0) {
    return EINVAL;
  }
  const std::uint64_t whole = round_page(size);
  std::uint64_t address = 0;
  if (const int error = resolve(fd, whole, protection, offset, address)) return error;
  kern::mapping_enter(shared_from_this(), address, whole);
  // The driver may have taken the pages back before it could be seen who has them.
  std::uint64_t again = 0;
  int error = resolve(fd, whole, protection, offset, again);
  if (error == 0 && again != address) error = EAGAIN;
  if (error != 0) {
    kern::mapping_remove(*this, address, whole);
    return error;
  }
  const std::scoped_lock lock(mutex_);
  mappings_.push_back({fd, offset, whole, address});
  in_file = arena_.arena_fd_offset() + (address - arena_.arena_bus());
  return 0;
}

int ClientProcess::unmap(std::int64_t fd, std::uint64_t size, std::int64_t offset) {
  Mapping mapping{};
  {
    const std::scoped_lock lock(mutex_);
    const auto found = std::find_if(mappings_.begin(), mappings_.end(), [&](const Mapping& one) {
      return one.fd == fd && one.offset == offset && one.size == round_page(size);
    });
    if (found == mappings_.end()) return EINVAL;
    mapping = *found;
    mappings_.erase(found);
  }
  kern::mapping_remove(*this, mapping.address, mapping.size);
  return 0;
}

std::vector<Revocation> ClientProcess::next_revocations(const std::function<bool()>& ended) {
  std::unique_lock lock(mutex_);
  listening_ = true;
  complied_ = taken_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return !pending_.empty() || ended(); });
  taken_ = issued_;
  return std::exchange(pending_, {});
}

bool ClientProcess::listening() {
  const std::scoped_lock lock(mutex_);
  return listening_;
}

void ClientProcess::stop_revocations() {
  const std::scoped_lock lock(mutex_);
  listening_ = false;
  changed_.notify_all();
}

void ClientProcess::wake() {
  const std::scoped_lock lock(mutex_);
  changed_.notify_all();
}

void ClientProcess::revoke(std::uint64_t address, std::uint64_t size) noexcept {
  std::unique_lock lock(mutex_);
  const auto unheard = [&](const char* why) {
    fmt::print(stderr, "process {}: {} bytes at {:#x} stay mapped: {}\n", number_, size, address,
               why);
  };
  if (ended_) return;
  if (!listening_) return unheard("it does not listen for revocations");
  pending_.push_back({arena_.arena_fd_offset() + (address - arena_.arena_bus()), size});
  const std::uint64_t ours = ++issued_;
  changed_.notify_all();
  if (!changed_.wait_for(lock, patience, [&] { return complied_ >= ours || !listening_; })) {
    unheard("it does not let go of them");
  }
}

bool ClientProcess::enter() {
  const std::scoped_lock lock(mutex_);
  if (ended_) return false;
  connections_++;
  return true;
}

void ClientProcess::leave() {
  {
    const std::scoped_lock lock(mutex_);
    if (--connections_ != 0) return;
    ended_ = true;
  }
  if (trace_ != nullptr) trace_->line(fmt::format("gone {}", number_));
  // Its memory went with it.
  kern::mapping_remove_all(*this);
  files_.close_all();
  if (trace_ != nullptr) trace_->line(fmt::format("closed {}", number_));
}

}  // namespace pupci::netbsd
