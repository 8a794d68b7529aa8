// SPDX-License-Identifier: BSD-2-Clause
// One connection to a kernel server, call by call.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "host/fd.h"
#include "host/netbsd/kernel_socket.h"

namespace pupci::netbsd::test {

struct RawAnswer {
  int error = -1;  // -1: the connection has ended
  std::int64_t value = 0;
  std::vector<std::byte> bytes;
  Fd descriptor;
};

class RawClient {
 public:
  // Joins `process`, or begins one for 0; -1: does not join.
  explicit RawClient(const std::string& path, std::int64_t process = 0);

  RawAnswer call(Call what, std::uint64_t a0 = 0, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                 std::uint64_t a3 = 0, const std::string& bytes = {});
  RawAnswer open(const std::string& path, int flags = 2) {
    return call(Call::open, static_cast<std::uint64_t>(flags), 0, 0, 0, path);
  }
  int ioctl(std::int64_t fd, unsigned long command, void* argument);

  [[nodiscard]] std::int64_t process() const { return process_; }
  [[nodiscard]] int fd() const { return socket_.get(); }
  // How often the kernel asked for memory, or gave it.
  [[nodiscard]] int copies() const { return copies_; }

 private:
  bool send(const Message& message, const void* bytes, std::size_t size);

  Fd socket_;
  std::int64_t process_ = 0;
  int copies_ = 0;
};

}  // namespace pupci::netbsd::test
