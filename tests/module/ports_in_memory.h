// SPDX-License-Identifier: BSD-2-Clause
// What a machine is like that has its I/O ports in memory, and a process on it.
#pragma once

#include <set>

#include "host/netbsd/system.h"
#include "kern/file_table.h"
#include "kern/page_mapping.h"
#include "kern/user_memory.h"
#include "pupci/bus.h"

namespace pupci::test {

// The ports of a bus, in memory: `window` is port 0. The rest is as the inner bus has it.
std::shared_ptr<Bus> ports_in_memory(std::shared_ptr<Bus> inner, std::byte* window);

// The system calls of a process of the kernel that runs in this same process, on the module's
// nodes.
class LocalSystem final : public netbsd::System {
 public:
  // `window`: as above.
  LocalSystem(Dma& arena, std::byte* window);
  ~LocalSystem() override;

  int open(const char* path, int flags) noexcept override;
  int close(int fd) noexcept override;
  int ioctl(int fd, unsigned long command, void* argument) noexcept override;
  std::ptrdiff_t read(int fd, void* to, std::size_t size) noexcept override;
  void* mmap(int fd, std::size_t size, int prot, std::int64_t offset) noexcept override;
  int munmap(void* address, std::size_t size) noexcept override;
  int kqueue() noexcept override;
  int kevent_add(int kq, int fd) noexcept override;
  std::optional<netbsd::Event> kevent_take(int kq) noexcept override;
  int pollable(int fd) noexcept override;
  void settle(int fd) noexcept override;
  void retire(int fd) noexcept override;

  // Physical addresses of pages that it lost.
  [[nodiscard]] std::set<std::uint64_t> revoked() const;

 private:
  class Pages;
  int fail(int error) noexcept;

  Dma& arena_;
  std::byte* window_;
  std::shared_ptr<Pages> pages_;
  kern::SpaceHandle memory_;
  kern::FileTable files_{1, "local"};
  int silent_;  // never readable
};

}  // namespace pupci::test
