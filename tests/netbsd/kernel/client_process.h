// SPDX-License-Identifier: BSD-2-Clause
// A process that the kernel server serves: its descriptors, its memory, its mappings.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "host/netbsd/kernel_socket.h"
#include "kern/file_table.h"
#include "kern/page_mapping.h"
#include "netbsd/kernel/client_memory.h"
#include "netbsd/kernel/trace_bus.h"
#include "pupci/dma.h"

namespace pupci::netbsd {

class ClientProcess : public kern::PageClient, public std::enable_shared_from_this<ClientProcess> {
 public:
  // `arena`: what can be mapped.
  ClientProcess(std::int64_t number, pid_t pid, Dma& arena, std::shared_ptr<Trace> trace, bool ask);

  [[nodiscard]] std::int64_t number() const { return number_; }
  [[nodiscard]] kern::FileTable& files() { return files_; }
  [[nodiscard]] vmspace& memory() { return *memory_; }

  // errno values. map(): where the mapping begins in the arena's file.
  int map(std::int64_t fd, std::uint64_t size, int protection, std::int64_t offset,
          std::uint64_t& in_file);
  int unmap(std::int64_t fd, std::uint64_t size, std::int64_t offset);

  // What was revoked since the last call, which this one says is done with. Waits for something;
  // nothing when `ended` says so, after wake().
  std::vector<Revocation> next_revocations(const std::function<bool()>& ended);
  void stop_revocations();
  [[nodiscard]] bool listening();
  void wake();

  // Connections: the last one to leave closes everything.
  bool enter();  // false: it has ended
  void leave();
  [[nodiscard]] int arena_fd() const { return arena_.arena_fd(); }

  void revoke(std::uint64_t address, std::uint64_t size) noexcept override;

 private:
  struct Mapping {
    std::int64_t fd;
    std::int64_t offset;
    std::uint64_t size;
    std::uint64_t address;
  };
  // The first page of `size` bytes in one piece; an errno.
  int resolve(std::int64_t fd, std::uint64_t size, int protection, std::int64_t offset,
              std::uint64_t& address);

  const std::int64_t number_;
  Dma& arena_;
  const std::shared_ptr<Trace> trace_;
  const kern::SpaceHandle memory_;
  kern::FileTable files_;

  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned connections_ = 0;
  bool ended_ = false;
  std::vector<Mapping> mappings_;
  bool listening_ = false;  // a connection awaits revocations
  std::vector<Revocation> pending_;
  std::uint64_t issued_ = 0;
  std::uint64_t taken_ = 0;
  std::uint64_t complied_ = 0;
};

}  // namespace pupci::netbsd
