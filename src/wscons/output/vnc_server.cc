// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/vnc_server.h"

#include <fmt/core.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>

#include "pupci/error.h"
#include "wscons/output/password.h"
#include "wscons/output/vnc_client.h"

namespace pupci::wscons {
namespace {

constexpr std::size_t most_clients = 32;

// A viewer whose machine has vanished is found out in about two minutes; in the midst of a picture,
// when TCP gives up to send it.
void keep_alive(int fd) {
  const auto set = [fd](int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set(IPPROTO_TCP, TCP_KEEPCNT, 4);
}

}  // namespace

VncServer::VncServer(const std::string& what, const OutputSpec& spec) : spec_(spec) {
  if (!spec_.password.empty()) password_ = read_password(what, spec_.password);
  listener_ = listen_on(what, spec_.address, spec_.port);
  wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake_)
    throw Error(errno, fmt::format("--display {}: eventfd: {}", what,
                                   std::generic_category().message(errno)));
  claimed_ = claim_library(!password_.empty());
  if (!claimed_)
    throw Error(EINVAL, fmt::format("--display {}: either all VNC displays have a password or none "
                                    "has",
                                    what));
}

VncServer::~VncServer() {
  stop_ = true;
  notify();
  if (thread_.joinable()) thread_.join();
  clients_.clear();
  picture_.reset();
  if (claimed_) release_library();
}

std::string VncServer::name() const {
  const bool brackets = spec_.address.find(':') != std::string::npos;
  return fmt::format("vnc:{}{}{}:{}", brackets ? "[" : "", spec_.address, brackets ? "]" : "",
                     listener_.port);
}

std::string VncServer::warning() const {
  if (listener_.loopback_only) return {};
  if (password_.empty())
    return "anyone who reaches this port sees the display and types; password=FILE asks for one";
  return "VNC does not encrypt what is seen and typed";
}

void VncServer::notify() const noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void VncServer::show(std::shared_ptr<Display> display) {
  picture_ = std::make_unique<Picture>(std::move(display));
  thread_ = std::thread([this] { serve(); });
}

void VncServer::serve() {
  std::vector<pollfd> waiting{{wake_.get(), POLLIN, 0}};
  for (const Fd& socket : listener_.sockets) waiting.push_back({socket.get(), POLLIN, 0});
  while (!stop_) {
    if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &count, sizeof count);
    reap();
    for (std::size_t i = 1; i < waiting.size() && !stop_; ++i) {
      if (waiting[i].revents != 0) accept(waiting[i].fd);
    }
  }
}

void VncServer::reap() {
  clients_.remove_if([](const auto& client) { return client->ended(); });
}

void VncServer::accept(int socket) {
  Fd fd(::accept4(socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) {
    // Out of descriptors or memory: the connection stays in the queue, so wait for better times.
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
      pollfd stop{wake_.get(), POLLIN, 0};
      ::poll(&stop, 1, 1000);
    }
    return;
  }
  if (clients_.size() >= most_clients) return;
  keep_alive(fd.get());
  try {
    clients_.push_back(
        std::make_unique<VncClient>(std::move(fd), *picture_, password_, [this] { notify(); }));
  } catch (const std::exception&) {
    return;  // for want of descriptors, threads or memory: this viewer is turned away
  }
}

}  // namespace pupci::wscons
