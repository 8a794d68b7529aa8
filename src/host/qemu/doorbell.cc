// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/doorbell.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <utility>

#include "host/qemu/sys.h"
#include "host/send.h"
#include "pupci/error.h"

namespace pupci::qemu {
namespace {

// The protocol between ivshmem server and client (QEMU's docs/specs/ivshmem-spec.txt): 8-byte
// little-endian numbers, some with a descriptor.
constexpr std::int64_t protocol_version = 0;
constexpr std::int64_t our_id = 0;
constexpr std::int64_t device_id = 1;
constexpr std::int64_t shared_memory = -1;

void send_message(int socket, std::int64_t number, int fd = -1) {
  iovec data{&number, sizeof number};
  if (send_parts(socket, &data, 1, fd) != static_cast<ssize_t>(sizeof number)) {
    throw_errno("doorbell device");
  }
}

bool wait_readable(int fd, int ms) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, ms) == 1;
}

// QEMU makes every descriptor that it is sent blocking, and so ours, which is the same open file,
// at a moment of its own choice.
void drain(int fd) {
  eventfd_t count = 0;
  if (wait_readable(fd, 0)) ::eventfd_read(fd, &count);
}

}  // namespace

Doorbell::Doorbell(Fd server) : server_(std::move(server)), allocated_(count) {
  // The device insists on shared memory, though nobody uses it.
  const Fd memory = memory_file("pupci-doorbell", 4096);
  send_message(server_.get(), protocol_version);
  send_message(server_.get(), device_id);
  send_message(server_.get(), shared_memory, memory.get());
}

void Doorbell::connect(std::shared_ptr<Qtest> transport, std::uint64_t bar0) noexcept {
  transport_ = std::move(transport);
  address_ = bar0 + register_offset;
}

unsigned Doorbell::allocate(unsigned n) {
  const std::scoped_lock lock(mutex_);
  const unsigned alignment = std::bit_ceil(n);
  for (unsigned first = 0; n > 0 && first + n <= count; first += alignment) {
    const auto begin = allocated_.begin() + first;
    if (std::find(begin, begin + n, true) != begin + n) continue;
    hand_over(first + n);
    for (unsigned i = first; i < first + n; i++) verify(i);
    std::fill_n(begin, n, true);
    return first;
  }
  throw Error(ENOSPC, fmt::format("qemu: no {} interrupt vectors in a row left of {}", n, count));
}

void Doorbell::release(unsigned first, unsigned n) noexcept {
  const std::scoped_lock lock(mutex_);
  std::fill_n(allocated_.begin() + first, n, false);
}

int Doorbell::fd(unsigned doorbell) noexcept {
  const std::scoped_lock lock(mutex_);
  return events_[doorbell].get();
}

void Doorbell::hand_over(unsigned end) {
  while (events_.size() < end) {
    Fd event = event_fd();
    send_message(server_.get(), our_id, event.get());
    events_.push_back(std::move(event));
  }
}

// QEMU takes descriptors from one socket and commands from another, in no order between them: a
// doorbell is there once it has rung.
void Doorbell::verify(unsigned doorbell) {
  constexpr int patience_ms = 5000;
  const int fd = events_[doorbell].get();
  drain(fd);
  for (int waited = 0; waited < patience_ms && !transport_->lost(); waited++) {
    transport_->write(Space::memory, address_, 4, doorbell);
    transport_->flush();
    // The ring precedes the answer, so the wait only gives QEMU time to look at the other socket.
    if (wait_readable(fd, waited == 0 ? 0 : 1)) {
      drain(fd);
      // It has the descriptor, so that moment is over.
      ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
      return;
    }
  }
  throw Error(EIO, fmt::format("qemu: interrupt vector {} does not arrive", doorbell));
}

}  // namespace pupci::qemu
