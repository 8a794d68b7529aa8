// SPDX-License-Identifier: BSD-2-Clause
// The system calls of a kernel in another process: kernel_socket.h, as its client.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "host/netbsd/connection.h"
#include "host/netbsd/mappings.h"
#include "host/netbsd/system.h"
#include "host/netbsd/waiter.h"
#include "pupci/error.h"

namespace pupci::netbsd {
namespace {

constexpr auto number(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value);
}

class RemoteSystem final : public System {
 public:
  explicit RemoteSystem(std::string socket) : socket_(std::move(socket)), first_(socket_) {
    const int error = errno;
    if (!first_.connected()) {
      throw Error(error, fmt::format("netbsd: kernel={}: {}; a kernel must be listening there",
                                     socket_, std::generic_category().message(error)));
    }
    const Answer answer = first_.call(Call::join, {});
    if (answer.error != 0) {
      throw Error(answer.error,
                  fmt::format("netbsd: kernel={}: no process of its: {}; what listens there may be "
                              "no kernel of pupci's, or of another version",
                              socket_, std::generic_category().message(answer.error)));
    }
    process_ = answer.value;
  }

  ~RemoteSystem() override {
    if (revoker_.joinable()) {
      ::shutdown(revocations_end_.get(), SHUT_RDWR);
      revoker_.join();
    }
  }

  int open(const char* path, int flags) noexcept override {
    return result(call(Call::open, {number(flags & O_ACCMODE)}, path, std::strlen(path)));
  }

  int close(int fd) noexcept override {
    forget(fd);
    return result(call(Call::close, {number(fd)}));
  }

  int ioctl(int fd, unsigned long command, void* argument) noexcept override {
    return result(
        call(Call::ioctl, {number(fd), command, reinterpret_cast<std::uintptr_t>(argument)}));
  }

  std::ptrdiff_t read(int fd, void* to, std::size_t size) noexcept override {
    const Answer answer = call(Call::read, {number(fd), size});
    if (answer.error == 0) {
      std::memcpy(to, answer.bytes.data(), std::min(size, answer.bytes.size()));
    }
    rearm(fd, answer.error == 0);
    return result(answer);
  }

  void* mmap(int fd, std::size_t size, int prot, std::int64_t offset) noexcept override;
  int munmap(void* address, std::size_t size) noexcept override;

  int kqueue() noexcept override {
    const int kq = result(call(Call::kqueue, {}));
    if (kq >= 0) remember(kq);
    return kq;
  }
  int kevent_add(int kq, int fd) noexcept override {
    return result(call(Call::kevent_add, {number(kq), number(fd)}));
  }
  std::optional<Event> kevent_take(int kq) noexcept override;

  int pollable(int fd) noexcept override;
  void settle(int fd) noexcept override { rearm(fd, true); }
  void retire(int fd) noexcept override {
    if (const auto waiter = waiter_of(fd)) waiter->retire();
  }
  [[nodiscard]] int failure_fd() const noexcept override { return first_.fd(); }

 private:
  static int result(const Answer& answer) noexcept {
    if (answer.error == 0) return static_cast<int>(answer.value);
    errno = answer.error;
    return -1;
  }

  // Has joined the process, or is not connected, with errno set.
  std::unique_ptr<Connection> connect() {
    auto made = std::make_unique<Connection>(socket_);
    if (!made->connected()) return made;
    const Answer answer = made->call(Call::join, {number(process_)});
    if (answer.error == 0) return made;
    made = std::make_unique<Connection>(std::string());
    errno = answer.error;
    return made;
  }

  Answer call(Call what, const std::uint64_t (&arguments)[4], const void* bytes = nullptr,
              std::size_t size = 0) noexcept try {
    std::unique_ptr<Connection> connection = idle();
    if (connection == nullptr) connection = connect();
    Answer answer;
    if (!connection->connected()) {
      // Gone, or too many descriptors are open here.
      answer.error = errno == EMFILE || errno == ENFILE ? errno : ENXIO;
      return answer;
    }
    answer = connection->call(what, arguments, bytes, size);
    if (connection->connected()) {
      const std::scoped_lock lock(mutex_);
      idle_.push_back(std::move(connection));
    }
    return answer;
  } catch (...) {
    Answer answer;
    answer.error = ENOMEM;
    return answer;
  }

  std::unique_ptr<Connection> idle() noexcept {
    const std::scoped_lock lock(mutex_);
    if (idle_.empty()) return nullptr;
    std::unique_ptr<Connection> taken = std::move(idle_.back());
    idle_.pop_back();
    return taken;
  }

  std::shared_ptr<Waiter> waiter_of(int fd) noexcept {
    const std::scoped_lock lock(mutex_);
    const auto found = waiters_.find(fd);
    return found == waiters_.end() ? nullptr : found->second;
  }
  void rearm(int fd, bool taken) noexcept {
    if (const auto waiter = waiter_of(fd)) waiter->rearm(taken);
  }
  void remember(int kq) noexcept try {
    const std::scoped_lock lock(mutex_);
    kqueues_.insert(kq);
  } catch (const std::bad_alloc&) {
    return;  // pollable() then watches it by another, which does as well
  }
  void forget(int fd) noexcept;
  bool listen_for_revocations();
  void serve_revocations() noexcept;

  std::string socket_;
  Connection first_;  // idle: its end tells of the kernel's
  std::int64_t process_ = 0;

  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::map<int, std::shared_ptr<Waiter>> waiters_;  // by descriptor
  std::set<int> kqueues_;

  Mappings mappings_;
  std::once_flag listening_;
  std::unique_ptr<Connection> revocations_;  // the thread's
  Fd revocations_end_;                       // the same socket, to end it by
  std::thread revoker_;
};

void* RemoteSystem::mmap(int fd, std::size_t size, int prot, std::int64_t offset) noexcept try {
  if (!listen_for_revocations()) {
    errno = ENXIO;
    return nullptr;
  }
  const auto lock = mappings_.lock();
  const Answer answer =
      call(Call::mmap, {number(fd), size, number(prot & (PROT_READ | PROT_WRITE)), number(offset)});
  if (answer.error != 0 || !answer.descriptor) {
    errno = answer.error != 0 ? answer.error : ENODEV;
    return nullptr;
  }
  void* got = ::mmap(nullptr, size, prot, MAP_SHARED, answer.descriptor.get(), answer.value);
  if (got == MAP_FAILED) return nullptr;
  mappings_.add({static_cast<std::byte*>(got), size, fd, offset, number(answer.value)});
  return got;
} catch (...) {
  errno = ENOMEM;
  return nullptr;
}

int RemoteSystem::munmap(void* address, std::size_t size) noexcept {
  const RemoteMapping gone = mappings_.remove(address, size);
  if (gone.base == nullptr) {
    errno = EINVAL;
    return -1;
  }
  call(Call::munmap, {number(gone.fd), gone.size, 0, number(gone.offset)});
  return 0;
}

std::optional<Event> RemoteSystem::kevent_take(int kq) noexcept {
  const Answer answer = call(Call::kevent_wait, {number(kq), 0});
  Occurrence what{};
  const bool taken = answer.error == 0 && answer.value > 0 && answer.bytes.size() >= sizeof what;
  rearm(kq, taken);
  if (!taken) {
    errno = answer.error;
    return std::nullopt;
  }
  std::memcpy(&what, answer.bytes.data(), sizeof what);
  return Event{what.fd, what.data, what.eof != 0};
}

int RemoteSystem::pollable(int fd) noexcept try {
  if (const auto waiter = waiter_of(fd)) return waiter->fd();
  bool own = false;
  {
    const std::scoped_lock lock(mutex_);
    own = kqueues_.count(fd) != 0;
  }
  const int kq = own ? fd : result(call(Call::kqueue, {}));
  if (kq < 0) return -1;
  const auto give_up = [&](int error) {
    if (!own) call(Call::close, {number(kq)});
    errno = error;
    return -1;
  };
  if (!own && kevent_add(kq, fd) < 0) return give_up(errno);
  const auto waiter = std::make_shared<Waiter>([this] { return connect(); }, kq);
  if (!waiter->good()) return give_up(errno);
  const std::scoped_lock lock(mutex_);
  waiters_[fd] = waiter;
  return waiter->fd();
} catch (...) {
  errno = ENOMEM;
  return -1;
}

void RemoteSystem::forget(int fd) noexcept {
  std::shared_ptr<Waiter> waiter;
  {
    const std::scoped_lock lock(mutex_);
    kqueues_.erase(fd);
    const auto found = waiters_.find(fd);
    if (found == waiters_.end()) return;
    waiter = found->second;
    waiters_.erase(found);
  }
  waiter->retire();
  if (waiter->kq() != fd) call(Call::close, {number(waiter->kq())});
}

bool RemoteSystem::listen_for_revocations() {
  std::call_once(listening_, [this] {
    revocations_ = connect();
    if (!revocations_->connected()) return;
    revocations_end_.reset(::fcntl(revocations_->fd(), F_DUPFD_CLOEXEC, 0));
    if (revocations_end_) revoker_ = std::thread([this] { serve_revocations(); });
  });
  return revoker_.joinable();
}

void RemoteSystem::serve_revocations() noexcept {
  for (;;) {
    const Answer answer = revocations_->call(Call::revoked, {});
    if (answer.error != 0) return;
    for (std::size_t at = 0; at + sizeof(Revocation) <= answer.bytes.size();
         at += sizeof(Revocation)) {
      Revocation what{};
      std::memcpy(&what, answer.bytes.data() + at, sizeof what);
      mappings_.revoke(what);
    }
  }
}

}  // namespace

std::shared_ptr<System> remote_system(const std::string& socket) {
  return std::make_shared<RemoteSystem>(socket);
}

}  // namespace pupci::netbsd
