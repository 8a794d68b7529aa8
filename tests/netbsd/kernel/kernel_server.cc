// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/kernel/kernel_server.h"

#include <fmt/core.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "pupci/dma.h"
#include "pupci/error.h"

namespace pupci::netbsd {
namespace {

// What the thread is woken for; larger numbers are connections.
constexpr std::uint64_t by_listener = 0;
constexpr std::uint64_t by_us = 1;

Fd listen_at(const std::string& path) {
  const auto fail = [&path](int error) {
    throw Error(error, fmt::format("{}: {}", path, std::generic_category().message(error)));
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) fail(ENAMETOOLONG);
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  Fd fd(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  if (!fd || ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), 128) != 0) {
    fail(errno);
  }
  return fd;
}

}  // namespace

KernelServer::KernelServer(std::string path, Dma& arena, std::shared_ptr<Trace> trace, bool ask)
    : path_(std::move(path)),
      arena_(arena),
      trace_(std::move(trace)),
      ask_(ask),
      listener_(listen_at(path_)),
      events_(::epoll_create1(EPOLL_CLOEXEC)),
      woken_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  watch(listener_.get(), by_listener);
  watch(woken_.get(), by_us);
  thread_ = std::thread([this] { run(); });
}

KernelServer::~KernelServer() {
  ending_ = true;
  wake();
  thread_.join();
  ::unlink(path_.c_str());
  for (const auto& [number, connection] : connections_) connection->hang_up();
  connections_.clear();
}

void KernelServer::watch(int fd, std::uint64_t what) const {
  epoll_event event{};
  event.events = what > by_us ? EPOLLRDHUP | EPOLLONESHOT : EPOLLIN;
  event.data.u64 = what;
  if (::epoll_ctl(events_.get(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw Error(errno, "epoll_ctl: " + std::generic_category().message(errno));
  }
}

void KernelServer::wake() const {
  const std::uint64_t one = 1;
  static_cast<void>(::write(woken_.get(), &one, sizeof one));
}

void KernelServer::run() {
  while (!ending_) {
    epoll_event event{};
    if (::epoll_wait(events_.get(), &event, 1, -1) != 1) continue;
    const std::uint64_t by = event.data.u64;  // its own place is not aligned
    if (by == by_listener) {
      accept_one();
    } else if (by == by_us) {
      std::uint64_t count = 0;
      static_cast<void>(::read(woken_.get(), &count, sizeof count));
      reap();
    } else {
      const auto found = connections_.find(by);
      if (found != connections_.end()) found->second->hang_up();
    }
  }
}

void KernelServer::accept_one() {
  Fd socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!socket) return;
  const int fd = socket.get();
  const std::uint64_t number = ++last_connection_;
  connections_.emplace(
      number,
      std::make_unique<ClientConnection>(
          std::move(socket), [this](std::int64_t process, pid_t pid) { return join(process, pid); },
          [this] { wake(); }));
  watch(fd, number);
}

void KernelServer::reap() {
  for (auto it = connections_.begin(); it != connections_.end();) {
    it = it->second->finished() ? connections_.erase(it) : std::next(it);
  }
}

std::shared_ptr<ClientProcess> KernelServer::join(std::int64_t number, pid_t pid) {
  const std::scoped_lock lock(mutex_);
  if (number == 0) {
    const auto process =
        std::make_shared<ClientProcess>(++last_process_, pid, arena_, trace_, ask_);
    processes_[process->number()] = process;
    process->enter();
    return process;
  }
  const auto found = processes_.find(number);
  auto process = found == processes_.end() ? nullptr : found->second.lock();
  // One that has ended stays so.
  return process != nullptr && process->enter() ? process : nullptr;
}

bool KernelServer::listening(std::int64_t process) {
  const std::scoped_lock lock(mutex_);
  const auto found = processes_.find(process);
  const auto known = found == processes_.end() ? nullptr : found->second.lock();
  return known != nullptr && known->listening();
}

}  // namespace pupci::netbsd
