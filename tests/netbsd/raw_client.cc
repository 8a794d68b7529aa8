// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/raw_client.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <cstring>

namespace pupci::netbsd::test {

RawClient::RawClient(const std::string& path, std::int64_t process)
    : socket_(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  EXPECT_EQ(::connect(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  if (process < 0) return;
  const RawAnswer answer = call(Call::join, static_cast<std::uint64_t>(process));
  EXPECT_EQ(answer.error, 0);
  process_ = answer.value;
}

bool RawClient::send(const Message& message, const void* bytes, std::size_t size) {
  iovec parts[] = {{const_cast<Message*>(&message), sizeof message},
                   {const_cast<void*>(bytes), size}};
  msghdr header{};
  header.msg_iov = parts;
  header.msg_iovlen = 2;
  return ::sendmsg(socket_.get(), &header, MSG_NOSIGNAL) >= 0;
}

RawAnswer RawClient::call(Call what, std::uint64_t a0, std::uint64_t a1, std::uint64_t a2,
                          std::uint64_t a3, const std::string& bytes) {
  RawAnswer answer;
  if (!send({what, 0, 0, {a0, a1, a2, a3}}, bytes.data(), bytes.size())) return answer;
  for (;;) {
    Message message{};
    std::vector<std::byte> buffer(message_limit);
    alignas(cmsghdr) char rights[CMSG_SPACE(sizeof(int))];
    iovec parts[] = {{&message, sizeof message}, {buffer.data(), buffer.size()}};
    msghdr header{};
    header.msg_iov = parts;
    header.msg_iovlen = 2;
    header.msg_control = rights;
    header.msg_controllen = sizeof rights;
    const ssize_t got = ::recvmsg(socket_.get(), &header, MSG_CMSG_CLOEXEC);
    if (got < static_cast<ssize_t>(sizeof message)) return answer;
    buffer.resize(static_cast<std::size_t>(got) - sizeof message);
    if (const cmsghdr* head = CMSG_FIRSTHDR(&header)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(head), sizeof fd);
      answer.descriptor.reset(fd);
    }
    auto* const memory = reinterpret_cast<std::byte*>(message.a[0]);
    const Message done{Call::reply, 0, 0, {}};
    if (message.call == Call::copy_in) {
      copies_++;
      send(done, memory, message.a[1]);
    } else if (message.call == Call::copy_out) {
      copies_++;
      std::memcpy(memory, buffer.data(), buffer.size());
      send(done, nullptr, 0);
    } else {
      answer.error = message.error;
      answer.value = message.value;
      answer.bytes = std::move(buffer);
      return answer;
    }
  }
}

int RawClient::ioctl(std::int64_t fd, unsigned long command, void* argument) {
  return call(Call::ioctl, static_cast<std::uint64_t>(fd), command,
              reinterpret_cast<std::uintptr_t>(argument))
      .error;
}

}  // namespace pupci::netbsd::test
