// SPDX-License-Identifier: BSD-2-Clause
// Serves system calls of other processes into the running kernel: kernel_socket.h.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "host/fd.h"
#include "netbsd/kernel/client_connection.h"
#include "netbsd/kernel/trace_bus.h"

namespace pupci {
class Dma;
}

namespace pupci::netbsd {

class KernelServer {
 public:
  // Listens at `path`, which it makes and removes. `arena` is what processes can map. `trace`, if
  // there is one, is told "gone N" when process N has ended and "closed N" when all it had open is
  // closed. `ask`: copies by the process's connection, as where others are forbidden. Throws
  // pupci::Error.
  KernelServer(std::string path, Dma& arena, std::shared_ptr<Trace> trace = nullptr,
               bool ask = false);
  // As if all processes had ended.
  ~KernelServer();
  KernelServer(const KernelServer&) = delete;
  KernelServer& operator=(const KernelServer&) = delete;

  // Whether a process awaits revocations.
  [[nodiscard]] bool listening(std::int64_t process);

 private:
  void run();
  void accept_one();
  void reap();
  void watch(int fd, std::uint64_t what) const;
  void wake() const;
  std::shared_ptr<ClientProcess> join(std::int64_t number, pid_t pid);

  std::string path_;
  Dma& arena_;
  std::shared_ptr<Trace> trace_;
  bool ask_;
  Fd listener_;
  Fd events_;  // epoll
  Fd woken_;   // eventfd

  std::mutex mutex_;
  std::int64_t last_process_ = 0;
  std::map<std::int64_t, std::weak_ptr<ClientProcess>> processes_;
  std::atomic<bool> ending_{false};
  std::uint64_t last_connection_ = 1;  // of the thread
  std::map<std::uint64_t, std::unique_ptr<ClientConnection>> connections_;
  std::thread thread_;
};

}  // namespace pupci::netbsd
