// SPDX-License-Identifier: BSD-2-Clause
// One connection of a process to the kernel server, and its calls: kernel_socket.h, as the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "host/fd.h"
#include "host/netbsd/kernel_socket.h"
#include "kern/lwp.h"
#include "kern/poll.h"
#include "kern/thread.h"
#include "netbsd/kernel/client_process.h"

namespace pupci::netbsd {

// Finds a process to join, or begins one for number 0; null when there is none.
using Join = std::function<std::shared_ptr<ClientProcess>(std::int64_t number, pid_t pid)>;

class ClientConnection {
 public:
  // Serves in a thread of its own; `finished` is called at its end, from there.
  ClientConnection(Fd socket, Join join, std::function<void()> finished);
  ~ClientConnection();  // hangs up, waits for the thread
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;

  [[nodiscard]] int fd() const { return socket_.get(); }
  // The other side has gone: the call that is under way ends, if it can be interrupted.
  void hang_up();
  [[nodiscard]] bool hung_up() const { return hung_up_; }
  [[nodiscard]] bool finished() const { return finished_; }

  // During a call, for the process's memory.
  bool copy_in(std::uintptr_t address, void* to, std::size_t size);
  bool copy_out(const void* from, std::uintptr_t address, std::size_t size);

 private:
  struct Received {
    Message message{};
    std::vector<std::byte> bytes;
  };
  struct Reply {
    int error = 0;
    std::int64_t value = 0;
    std::vector<std::byte> bytes;
    int rights = -1;  // a descriptor to send along
  };

  void serve();
  bool receive(Received& received);
  bool send(const Message& message, const void* bytes, std::size_t size, int rights = -1);
  Reply answer(const Received& call);
  Reply answer_joined(const Received& call);
  Reply open(const Received& call);
  Reply read(std::int64_t fd, std::uint64_t size);
  Reply map(const Message& call);
  Reply add_queue();
  Reply wait_queue(std::int64_t kq, std::int64_t timeout);
  Reply poll(std::int64_t fd, int events, std::int64_t timeout);
  Reply revoked();

  Fd socket_;
  Join join_;
  std::function<void()> on_finished_;
  std::shared_ptr<ClientProcess> process_;
  bool takes_revocations_ = false;
  std::vector<std::byte> buffer_;
  std::atomic<bool> hung_up_{false};
  std::atomic<bool> finished_{false};

  std::mutex mutex_;
  lwp* in_call_ = nullptr;  // while it may be interrupted
  kern::Thread thread_;
};

}  // namespace pupci::netbsd
