// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/kernel/client_memory.h"

#include <fmt/core.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>

#include "netbsd/kernel/client_connection.h"
#include "netbsd/sys/param.h"

namespace pupci::netbsd {
namespace {

thread_local ClientConnection* calling = nullptr;

}  // namespace

ClientMemory::Call::Call(ClientConnection& connection) {
  calling = &connection;
}

ClientMemory::Call::~Call() {
  calling = nullptr;
}

ClientMemory::ClientMemory(pid_t pid, bool ask)
    : pid_(pid), ask_(ask), process_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}

bool ClientMemory::alive() const {
  if (!process_) return false;
  pollfd one{process_.get(), POLLIN, 0};
  return ::poll(&one, 1, 0) == 0;
}

ClientMemory::Result ClientMemory::move(void* local, std::uintptr_t address, std::size_t size,
                                        bool in) const {
  if (ask_) return Result::forbidden;
  const iovec here{local, size};
  const iovec there{reinterpret_cast<void*>(address), size};
  const ssize_t moved = in ? ::process_vm_readv(pid_, &here, 1, &there, 1, 0)
                           : ::process_vm_writev(pid_, &here, 1, &there, 1, 0);
  if (moved == static_cast<ssize_t>(size)) return Result::done;
  return moved < 0 && (errno == EPERM || errno == ENOSYS) ? Result::forbidden : Result::fault;
}

bool ClientMemory::copy_in(std::uintptr_t address, void* to, std::size_t size) const {
  if (size == 0) return true;
  if (!alive()) return false;
  const Result result = move(to, address, size, true);
  if (result != Result::forbidden) return result == Result::done;
  return calling != nullptr && calling->copy_in(address, to, size);
}

bool ClientMemory::copy_out(const void* from, std::uintptr_t address, std::size_t size) {
  if (size == 0) return true;
  if (!alive()) return false;
  const Result result = move(const_cast<void*>(from), address, size, false);
  if (result != Result::forbidden) return result == Result::done;
  return calling != nullptr && calling->copy_out(from, address, size);
}

std::size_t ClientMemory::bytes_from(std::uintptr_t address) const {
  char byte = 0;
  if (!copy_in(address, &byte, 1)) return 0;
  return PAGE_SIZE - (address & PAGE_MASK);
}

// /proc tells what may be written without a write to it.
bool ClientMemory::accessible(std::uintptr_t address, std::size_t size, bool write) const {
  if (size == 0) return true;
  if (!alive()) return false;
  std::ifstream maps(fmt::format("/proc/{}/maps", pid_));
  const std::uintptr_t end = address + size;
  std::string line;
  while (std::getline(maps, line)) {
    unsigned long first = 0;
    unsigned long last = 0;
    char dash = 0;
    std::string rights;
    if (!(std::istringstream(line) >> std::hex >> first >> dash >> last >> rights)) continue;
    if (rights.size() < 2) return false;
    if (last <= address) continue;
    if (first > address || rights[0] != 'r' || (write && rights[1] != 'w')) return false;
    if (last >= end) return true;
    address = last;
  }
  return false;
}

}  // namespace pupci::netbsd
