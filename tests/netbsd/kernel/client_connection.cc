// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/kernel/client_connection.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "host/send.h"
#include "kern/devsw.h"
#include "kern/open_file.h"
#include "netbsd/kernel/client_queue.h"
#include "netbsd/sys/fcntl.h"

namespace pupci::netbsd {
namespace {

std::optional<std::chrono::milliseconds> timeout_of(std::int64_t milliseconds) {
  constexpr std::int64_t year = std::int64_t{365} * 24 * 3600 * 1000;
  if (milliseconds < 0) return std::nullopt;
  return std::chrono::milliseconds(std::min(milliseconds, year));
}

pid_t peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return 0;
  return credentials.pid;
}

}  // namespace

ClientConnection::ClientConnection(Fd socket, Join join, std::function<void()> finished)
    : socket_(std::move(socket)),
      join_(std::move(join)),
      on_finished_(std::move(finished)),
      buffer_(message_limit + 1),
      thread_("client", [this] { serve(); }) {}

ClientConnection::~ClientConnection() {
  hang_up();
}

void ClientConnection::hang_up() {
  ::shutdown(socket_.get(), SHUT_RDWR);
  {
    const std::scoped_lock lock(mutex_);
    hung_up_ = true;
    if (in_call_ != nullptr) kern::interrupt(in_call_);
  }
  std::shared_ptr<ClientProcess> process;
  {
    const std::scoped_lock lock(mutex_);
    process = process_;
  }
  if (process != nullptr) process->wake();
}

void ClientConnection::serve() {
  Received call;
  while (receive(call)) {
    {
      const std::scoped_lock lock(mutex_);
      if (hung_up_) break;
      in_call_ = kern::current();
    }
    const Reply reply = answer(call);
    {
      const std::scoped_lock lock(mutex_);
      in_call_ = nullptr;
      kern::current()->interrupted = false;
    }
    Message message{};
    message.call = Call::reply;
    message.error = reply.error;
    message.value = reply.value;
    if (!send(message, reply.bytes.data(), reply.bytes.size(), reply.rights)) break;
  }
  if (process_ != nullptr) {
    if (takes_revocations_) process_->stop_revocations();
    process_->leave();
  }
  finished_ = true;
  on_finished_();
}

bool ClientConnection::receive(Received& received) {
  iovec parts[] = {{&received.message, sizeof received.message}, {buffer_.data(), buffer_.size()}};
  msghdr header{};
  header.msg_iov = parts;
  header.msg_iovlen = 2;
  ssize_t got = 0;
  do {
    got = ::recvmsg(socket_.get(), &header, 0);
  } while (got < 0 && errno == EINTR);
  if (got < static_cast<ssize_t>(sizeof received.message)) return false;
  const auto size = static_cast<std::size_t>(got) - sizeof received.message;
  if (size > message_limit) return false;
  received.bytes.assign(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(size));
  return true;
}

bool ClientConnection::send(const Message& message, const void* bytes, std::size_t size,
                            int rights) {
  iovec parts[] = {{const_cast<Message*>(&message), sizeof message},
                   {const_cast<void*>(bytes), size}};
  return send_parts(socket_.get(), parts, size == 0 ? 1 : 2, rights) >= 0;
}

bool ClientConnection::copy_in(std::uintptr_t address, void* to, std::size_t size) {
  auto* at = static_cast<std::byte*>(to);
  while (size != 0) {
    const std::size_t now = std::min(size, message_limit);
    const Message ask{Call::copy_in, 0, 0, {address, now, 0, 0}};
    Received reply;
    if (!send(ask, nullptr, 0) || !receive(reply)) return false;
    if (reply.message.call != Call::reply || reply.message.error != 0) return false;
    if (reply.bytes.size() != now) return false;
    std::memcpy(at, reply.bytes.data(), now);
    at += now;
    address += now;
    size -= now;
  }
  return true;
}

bool ClientConnection::copy_out(const void* from, std::uintptr_t address, std::size_t size) {
  const auto* at = static_cast<const std::byte*>(from);
  while (size != 0) {
    const std::size_t now = std::min(size, message_limit);
    const Message ask{Call::copy_out, 0, 0, {address, now, 0, 0}};
    Received reply;
    if (!send(ask, at, now) || !receive(reply)) return false;
    if (reply.message.call != Call::reply || reply.message.error != 0) return false;
    at += now;
    address += now;
    size -= now;
  }
  return true;
}

ClientConnection::Reply ClientConnection::answer(const Received& call) {
  if (process_ == nullptr) {
    if (call.message.call != Call::join) return {EPERM};
    auto process = join_(static_cast<std::int64_t>(call.message.a[0]), peer_of(socket_.get()));
    if (process == nullptr) return {ESRCH};
    const std::scoped_lock lock(mutex_);
    process_ = std::move(process);
    return {0, process_->number()};
  }
  const ClientMemory::Call scope(*this);
  const kern::ClientScope client(process_->files());
  return answer_joined(call);
}

ClientConnection::Reply ClientConnection::answer_joined(const Received& call) {
  const std::uint64_t(&a)[4] = call.message.a;
  const auto fd = static_cast<std::int64_t>(a[0]);
  switch (call.message.call) {
    case Call::open:
      return open(call);
    case Call::close:
      return {process_->files().close(fd)};
    case Call::ioctl: {
      const auto file = process_->files().find(fd);
      return {file == nullptr ? EBADF : file->ioctl(a[1], process_->memory(), a[2])};
    }
    case Call::read:
      return read(fd, a[1]);
    case Call::mmap:
      return map(call.message);
    case Call::munmap:
      return {process_->unmap(fd, a[1], static_cast<std::int64_t>(a[3]))};
    case Call::kqueue:
      return add_queue();
    case Call::kevent_add: {
      const auto queue = std::dynamic_pointer_cast<ClientQueue>(process_->files().find(fd));
      const auto file = process_->files().find(static_cast<std::int64_t>(a[1]));
      return {queue == nullptr || file == nullptr ? EBADF : queue->add(*file, a[1])};
    }
    case Call::kevent_wait:
      return wait_queue(fd, static_cast<std::int64_t>(a[1]));
    case Call::poll:
      return poll(fd, static_cast<int>(a[1]), static_cast<std::int64_t>(a[2]));
    case Call::revoked:
      return revoked();
    default:
      return {ENOSYS};
  }
}

ClientConnection::Reply ClientConnection::open(const Received& call) {
  std::string path(reinterpret_cast<const char*>(call.bytes.data()), call.bytes.size());
  path = path.substr(0, path.find('\0'));
  if (path.rfind("/dev/", 0) != 0) return {ENOENT};
  const dev_t dev = kern::device_by_name(path.substr(5));
  if (dev == NODEV) return {ENOENT};
  const auto wanted = static_cast<int>(call.message.a[0]);
  const int mode = wanted & (FREAD | FWRITE);  // O_RDONLY, O_WRONLY, O_RDWR: one less
  if (mode == (FREAD | FWRITE)) return {EINVAL};
  int fd = -1;
  const int error = process_->files().open(dev, (mode + 1) | (wanted & FNONBLOCK), fd);
  return {error, fd};
}

ClientConnection::Reply ClientConnection::read(std::int64_t fd, std::uint64_t size) {
  const auto file = process_->files().find(fd);
  if (file == nullptr) return {EBADF};
  Reply reply;
  reply.bytes.resize(std::min<std::uint64_t>(size, message_limit));
  reply.error = file->read(reply.bytes);
  reply.value = static_cast<std::int64_t>(reply.bytes.size());
  return reply;
}

ClientConnection::Reply ClientConnection::map(const Message& call) {
  std::uint64_t in_file = 0;
  Reply reply;
  reply.error =
      process_->map(static_cast<std::int64_t>(call.a[0]), call.a[1], static_cast<int>(call.a[2]),
                    static_cast<std::int64_t>(call.a[3]), in_file);
  reply.value = static_cast<std::int64_t>(in_file);
  if (reply.error == 0) reply.rights = process_->arena_fd();
  return reply;
}

ClientConnection::Reply ClientConnection::add_queue() {
  int fd = -1;
  const int error = process_->files().add(std::make_shared<ClientQueue>(), fd);
  return {error, fd};
}

ClientConnection::Reply ClientConnection::wait_queue(std::int64_t kq, std::int64_t timeout) {
  const auto queue = std::dynamic_pointer_cast<ClientQueue>(process_->files().find(kq));
  if (queue == nullptr) return {EBADF};
  std::optional<struct kevent> event;
  Reply reply;
  reply.error = queue->next(timeout_of(timeout), event);
  if (reply.error != 0 || !event) return reply;
  Occurrence occurrence{};
  occurrence.fd = static_cast<std::int32_t>(event->ident);
  occurrence.eof = (event->flags & EV_EOF) != 0 ? 1 : 0;
  occurrence.data = event->data;
  reply.value = 1;
  reply.bytes.resize(sizeof occurrence);
  std::memcpy(reply.bytes.data(), &occurrence, sizeof occurrence);
  return reply;
}

ClientConnection::Reply ClientConnection::poll(std::int64_t fd, int events, std::int64_t timeout) {
  const auto file = process_->files().find(fd);
  if (file == nullptr) return {EBADF};
  int found = 0;
  const int error = file->poll(events, timeout_of(timeout), found);
  return {error, found};
}

ClientConnection::Reply ClientConnection::revoked() {
  takes_revocations_ = true;
  const auto all = process_->next_revocations([this] { return hung_up_.load(); });
  Reply reply;
  reply.value = static_cast<std::int64_t>(all.size());
  reply.bytes.resize(all.size() * sizeof(Revocation));
  if (!all.empty()) std::memcpy(reply.bytes.data(), all.data(), reply.bytes.size());
  return reply;
}

}  // namespace pupci::netbsd
