// SPDX-License-Identifier: BSD-2-Clause
// Copies between user space and the kernel: copy(9), ufetch(9).
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "kern/check.h"
#include "kern/lwp.h"
#include "kern/user_memory.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/proc.h"
#include "netbsd/sys/uio.h"

using namespace pupci::kern;

namespace {

thread_local vmspace* user = nullptr;

std::uintptr_t address_of(const void* p) {
  return reinterpret_cast<std::uintptr_t>(p);
}

// Copies a string of at most `size` bytes with its null byte.
int copy_string(const char* from, std::size_t available, void* to, std::size_t size,
                std::size_t* done) {
  const std::size_t limit = std::min(available, size);
  const void* end = std::memchr(from, 0, limit);
  const std::size_t length =
      end == nullptr ? limit : static_cast<std::size_t>(static_cast<const char*>(end) - from) + 1;
  std::memcpy(to, from, length);
  if (done != nullptr) *done = length;
  if (end != nullptr) return 0;
  return limit == size ? ENAMETOOLONG : EFAULT;
}

template <typename T>
int fetch(const T* uaddr, T* to) {
  return copyin(uaddr, to, sizeof *to);
}

template <typename T>
int store(T* uaddr, T value) {
  return copyout(&value, uaddr, sizeof value);
}

}  // namespace

bool vmspace::add(std::uintptr_t address, std::vector<std::byte> bytes, bool writable) {
  const std::size_t size = bytes.size();
  if (size == 0) return true;
  if (address > UINTPTR_MAX - size) return false;
  const auto next = ranges_.lower_bound(address);
  if (next != ranges_.end() && next->first - address < size) return false;
  if (next != ranges_.begin()) {
    const auto& [before, range] = *std::prev(next);
    if (address - before < range.bytes.size()) return false;
  }
  ranges_.emplace(address, Range{std::move(bytes), writable});
  return true;
}

std::size_t vmspace::bytes_from(std::uintptr_t address) const {
  const auto next = ranges_.upper_bound(address);
  if (next == ranges_.begin()) return 0;
  const auto& [start, range] = *std::prev(next);
  const std::uintptr_t within = address - start;
  return within < range.bytes.size() ? range.bytes.size() - within : 0;
}

bool vmspace::copy_in(std::uintptr_t address, void* to, std::size_t size) const {
  if (size == 0) return true;
  if (bytes_from(address) < size) return false;
  const auto& [start, range] = *std::prev(ranges_.upper_bound(address));
  std::memcpy(to, range.bytes.data() + (address - start), size);
  return true;
}

bool vmspace::copy_out(const void* from, std::uintptr_t address, std::size_t size) {
  if (size == 0) return true;
  if (bytes_from(address) < size) return false;
  auto& [start, range] = *std::prev(ranges_.upper_bound(address));
  if (!range.writable) return false;
  std::memcpy(range.bytes.data() + (address - start), from, size);
  range.written = true;
  return true;
}

bool vmspace::accessible(std::uintptr_t address, std::size_t size, bool write) const {
  if (size == 0) return true;
  if (bytes_from(address) < size) return false;
  return !write || std::prev(ranges_.upper_bound(address))->second.writable;
}

namespace pupci::kern {

// Threads of one process have one space, and then nothing is written here.
UserScope::UserScope(vmspace* space) noexcept
    : previous_(user), of_process_(current()->process->p_vmspace) {
  user = space;
  proc* const process = current()->process;
  if (process != &proc0 && of_process_ != space) process->p_vmspace = space;
}
UserScope::~UserScope() {
  user = previous_;
  proc* const process = current()->process;
  if (process != &proc0 && process->p_vmspace != of_process_) process->p_vmspace = of_process_;
}

vmspace* current_user() noexcept {
  return user;
}

}  // namespace pupci::kern

vmspace* vmspace_kernel(void) {
  static auto& kernel_space = *new vmspace;
  return &kernel_space;
}

int copyin_vmspace(vmspace* space, const void* uaddr, void* kaddr, size_t size) {
  if (space == vmspace_kernel()) return kcopy(uaddr, kaddr, size);
  return space != nullptr && space->copy_in(address_of(uaddr), kaddr, size) ? 0 : EFAULT;
}

int copyout_vmspace(vmspace* space, const void* kaddr, void* uaddr, size_t size) {
  if (space == vmspace_kernel()) return kcopy(kaddr, uaddr, size);
  return space != nullptr && space->copy_out(kaddr, address_of(uaddr), size) ? 0 : EFAULT;
}

int copyin(const void* uaddr, void* kaddr, size_t size) {
  check_sleepable("copyin", __builtin_return_address(0));
  return copyin_vmspace(user, uaddr, kaddr, size);
}

int copyout(const void* kaddr, void* uaddr, size_t size) {
  check_sleepable("copyout", __builtin_return_address(0));
  return copyout_vmspace(user, kaddr, uaddr, size);
}

int copyinstr(const void* uaddr, void* kaddr, size_t size, size_t* done) {
  check_sleepable("copyinstr", __builtin_return_address(0));
  const std::size_t available = user == nullptr ? 0 : user->bytes_from(address_of(uaddr));
  if (available == 0) return EFAULT;
  std::vector<char> text(std::min(available, size));
  if (!user->copy_in(address_of(uaddr), text.data(), text.size())) return EFAULT;
  return copy_string(text.data(), available, kaddr, size, done);
}

int copyoutstr(const void* kaddr, void* uaddr, size_t size, size_t* done) {
  check_sleepable("copyoutstr", __builtin_return_address(0));
  const auto* text = static_cast<const char*>(kaddr);
  const std::size_t length = strnlen(text, size);
  const std::size_t total = std::min(length + 1, size);
  if (const int error = copyout(text, uaddr, total)) return error;
  if (done != nullptr) *done = total;
  return length < size ? 0 : ENAMETOOLONG;
}

int copystr(const void* from, void* to, size_t size, size_t* done) {
  return copy_string(static_cast<const char*>(from), SIZE_MAX, to, size, done);
}

int kcopy(const void* from, void* to, size_t size) {
  std::memmove(to, from, size);
  return 0;
}

int ioctl_copyin(int flags, const void* from, void* to, size_t size) {
  return (static_cast<unsigned>(flags) & FKIOCTL) != 0 ? kcopy(from, to, size)
                                                       : copyin(from, to, size);
}

int ioctl_copyout(int flags, const void* from, void* to, size_t size) {
  return (static_cast<unsigned>(flags) & FKIOCTL) != 0 ? kcopy(from, to, size)
                                                       : copyout(from, to, size);
}

int ufetch_8(const uint8_t* uaddr, uint8_t* to) {
  return fetch(uaddr, to);
}
int ufetch_16(const uint16_t* uaddr, uint16_t* to) {
  return fetch(uaddr, to);
}
int ufetch_32(const uint32_t* uaddr, uint32_t* to) {
  return fetch(uaddr, to);
}
int ufetch_64(const uint64_t* uaddr, uint64_t* to) {
  return fetch(uaddr, to);
}
int ustore_8(uint8_t* uaddr, uint8_t value) {
  return store(uaddr, value);
}
int ustore_16(uint16_t* uaddr, uint16_t value) {
  return store(uaddr, value);
}
int ustore_32(uint32_t* uaddr, uint32_t value) {
  return store(uaddr, value);
}
int ustore_64(uint64_t* uaddr, uint64_t value) {
  return store(uaddr, value);
}
