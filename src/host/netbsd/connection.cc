// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/connection.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "host/send.h"

namespace pupci::netbsd {
namespace {

// By the kernel of this machine, which answers EFAULT where a load or store would end the process.
bool copy_safely(void* to, std::uint64_t from, std::size_t size) noexcept {
  if (size == 0) return true;
  iovec local{to, size};
  iovec remote{reinterpret_cast<void*>(static_cast<std::uintptr_t>(from)), size};
  return ::process_vm_readv(::getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}
bool store_safely(std::uint64_t to, const void* from, std::size_t size) noexcept {
  if (size == 0) return true;
  iovec local{const_cast<void*>(from), size};
  iovec remote{reinterpret_cast<void*>(static_cast<std::uintptr_t>(to)), size};
  return ::process_vm_writev(::getpid(), &local, 1, &remote, 1, 0) == static_cast<ssize_t>(size);
}

Message message_of(Call call, const std::uint64_t (&arguments)[4]) noexcept {
  Message message{};
  message.call = call;
  std::copy(std::begin(arguments), std::end(arguments), std::begin(message.a));
  return message;
}

Message reply_of(int error) noexcept {
  Message message{};
  message.call = Call::reply;
  message.error = error;
  return message;
}

// What rights came with a message; others than the first are not ours to keep.
Fd take_rights(msghdr& header) noexcept {
  Fd first;
  for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
    if (each->cmsg_level != SOL_SOCKET || each->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (each->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; i++) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(each) + i * sizeof fd, sizeof fd);
      Fd one(fd);
      if (!first) first = std::move(one);
    }
  }
  return first;
}

}  // namespace

Connection::Connection(const std::string& socket) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return;
  }
  socket.copy(address.sun_path, sizeof address.sun_path - 1);
  Fd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd) return;
  int result = 0;
  do {
    result = ::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address);
  } while (result != 0 && errno == EINTR);
  if (result == 0) fd_ = std::move(fd);
}

bool Connection::transmit(const Message& message, const void* bytes, std::size_t size) noexcept {
  iovec parts[] = {{const_cast<Message*>(&message), sizeof message},
                   {const_cast<void*>(bytes), size}};
  return send_parts(fd_.get(), parts, size == 0 ? 1 : 2) ==
         static_cast<ssize_t>(sizeof message + size);
}

Connection::Arrival Connection::receive(Message& message, Answer& answer, bool wait) noexcept try {
  if (buffer_.empty()) buffer_.resize(message_limit);
  alignas(cmsghdr) char rights[CMSG_SPACE(4 * sizeof(int))];
  iovec parts[] = {{&message, sizeof message}, {buffer_.data(), buffer_.size()}};
  msghdr header{};
  header.msg_iov = parts;
  header.msg_iovlen = 2;
  header.msg_control = rights;
  header.msg_controllen = sizeof rights;
  ssize_t got = 0;
  do {
    got = ::recvmsg(fd_.get(), &header, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
  } while (got < 0 && errno == EINTR);
  if (got < 0 && !wait && (errno == EAGAIN || errno == EWOULDBLOCK)) return Arrival::nothing;
  if (got < static_cast<ssize_t>(sizeof message)) return Arrival::end;
  answer.descriptor = take_rights(header);
  answer.bytes.assign(buffer_.begin(), buffer_.begin() + (got - ssize_t{sizeof message}));
  answer.error = message.error;
  answer.value = message.value;
  return Arrival::answer;
} catch (const std::bad_alloc&) {
  return Arrival::end;
}

bool Connection::copy_in(const Message& request) noexcept try {
  if (request.a[1] > message_limit) return transmit(reply_of(EFAULT), nullptr, 0);
  std::vector<std::byte> bytes(request.a[1]);
  if (!copy_safely(bytes.data(), request.a[0], bytes.size())) {
    return transmit(reply_of(EFAULT), nullptr, 0);
  }
  return transmit(reply_of(0), bytes.data(), bytes.size());
} catch (const std::bad_alloc&) {
  return transmit(reply_of(ENOMEM), nullptr, 0);
}

bool Connection::copy_out(const Message& request, const std::vector<std::byte>& bytes) noexcept {
  const bool good =
      request.a[1] == bytes.size() && store_safely(request.a[0], bytes.data(), bytes.size());
  return transmit(reply_of(good ? 0 : EFAULT), nullptr, 0);
}

bool Connection::send(Call call, const std::uint64_t (&arguments)[4], const void* bytes,
                      std::size_t size) noexcept {
  return transmit(message_of(call, arguments), bytes, size);
}

Connection::Arrival Connection::take(Answer& answer) noexcept {
  Message message{};
  return receive(message, answer, false);
}

Answer Connection::call(Call call, const std::uint64_t (&arguments)[4], const void* bytes,
                        std::size_t size) noexcept {
  Answer answer;
  bool good = send(call, arguments, bytes, size);
  while (good) {
    Message message{};
    if (receive(message, answer, true) != Arrival::answer) break;
    switch (message.call) {
      case Call::reply:
        return answer;
      case Call::copy_in:
        good = copy_in(message);
        break;
      case Call::copy_out:
        good = copy_out(message, answer.bytes);
        break;
      default:
        good = false;
        break;
    }
  }
  // What it was at is unknown, so nothing more can be said on it.
  fd_.reset();
  answer = Answer();
  answer.error = ENXIO;
  return answer;
}

}  // namespace pupci::netbsd
