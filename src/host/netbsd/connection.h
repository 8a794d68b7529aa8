// SPDX-License-Identifier: BSD-2-Clause
// One connection to a kernel in another process: kernel_socket.h, as its client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "host/fd.h"
#include "host/netbsd/kernel_socket.h"

namespace pupci::netbsd {

/// What a call came back with.
struct Answer {
  int error = 0;  ///< an errno value; ENXIO too when the kernel has gone
  std::int64_t value = 0;
  std::vector<std::byte> bytes;
  Fd descriptor;
};

/// For one thread at a time.
class Connection {
 public:
  /// Not connected when connect(2) fails, with errno set.
  explicit Connection(const std::string& socket);

  [[nodiscard]] bool connected() const noexcept { return static_cast<bool>(fd_); }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// Serves what the kernel asks of this process's memory meanwhile.
  Answer call(Call call, const std::uint64_t (&arguments)[4], const void* bytes = nullptr,
              std::size_t size = 0) noexcept;

  /// A call whose answer comes in its own time; then the connection is readable.
  bool send(Call call, const std::uint64_t (&arguments)[4], const void* bytes = nullptr,
            std::size_t size = 0) noexcept;
  enum class Arrival : std::uint8_t { nothing, answer, end };
  /// Takes that answer if it is there.
  Arrival take(Answer& answer) noexcept;

 private:
  bool transmit(const Message& message, const void* bytes, std::size_t size) noexcept;
  Arrival receive(Message& message, Answer& answer, bool wait) noexcept;
  bool copy_in(const Message& request) noexcept;
  bool copy_out(const Message& request, const std::vector<std::byte>& bytes) noexcept;

  Fd fd_;
  std::vector<std::byte> buffer_;  // of receive()
};

}  // namespace pupci::netbsd
