// SPDX-License-Identifier: BSD-2-Clause
#include "kern/control.h"

#include <dirent.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "kern/control_protocol.h"
#include "kern/control_session.h"
#include "kern/thread.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  throw Error(error, fmt::format("{}: {}", what, std::generic_category().message(error)));
}

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) fail(path, ENAMETOOLONG);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

bool answers(const std::string& path) {
  const Descriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_un address = address_of(path);
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
         (errno != ECONNREFUSED && errno != ENOENT);
}

// A client: one thread reads its requests, so that its end is seen while another one answers.
class Client {
 public:
  // `on_end` is called when nothing is left of it but this object.
  Client(Kernel& kernel, Descriptor socket, std::function<void()> on_end)
      : socket_(std::move(socket)),
        session_(kernel),
        on_end_(std::move(on_end)),
        reader_([this] { read_requests(); }) {}

  ~Client() {
    hang_up();
    reader_.join();
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void hang_up() { ::shutdown(socket_.get(), SHUT_RDWR); }
  [[nodiscard]] bool finished() const { return finished_; }

 private:
  void read_requests() {
    {
      Thread answering("control", [this] {
        answer_requests();
        hang_up();
        session_.close_all();
      });
      std::string pending;
      char buffer[65536];
      for (;;) {
        const ssize_t n = ::recv(socket_.get(), buffer, sizeof buffer, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        pending.append(buffer, static_cast<std::size_t>(n));
        take_lines(pending);
        if (pending.size() > control_line_limit) break;
      }
      hang_up();
      session_.interrupt();
      {
        const std::scoped_lock lock(mutex_);
        ended_ = true;
        changed_.notify_all();
      }
    }
    finished_ = true;
    on_end_();
  }

  void take_lines(std::string& pending) {
    std::size_t start = 0;
    for (std::size_t end = 0; (end = pending.find('\n', start)) != std::string::npos;) {
      std::unique_lock lock(mutex_);
      lines_.push_back(pending.substr(start, end - start));
      changed_.notify_all();
      start = end + 1;
    }
    pending.erase(0, start);
  }

  void answer_requests() {
    for (;;) {
      std::string line;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return ended_ || !lines_.empty(); });
        if (ended_) return;
        line = std::move(lines_.front());
        lines_.pop_front();
      }
      if (!send_all(session_.answer(line) + "\n")) return;
    }
  }

  bool send_all(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t n = ::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }

  Descriptor socket_;
  ControlSession session_;
  std::function<void()> on_end_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  bool ended_ = false;
  std::atomic<bool> finished_{false};
  std::thread reader_;
};

}  // namespace

std::string control_directory() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe)
  const std::string directory = runtime != nullptr && *runtime == '/'
                                    ? std::string(runtime) + "/pupci"
                                    : fmt::format("/tmp/pupci-{}", ::getuid());
  if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST) fail(directory, errno);
  struct stat status{};
  if (::lstat(directory.c_str(), &status) != 0) fail(directory, errno);
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::getuid() || (status.st_mode & 077) != 0) {
    throw Error(EPERM, fmt::format("{}: not a directory that is ours alone (mode 0700); control "
                                   "sockets are put nowhere else",
                                   directory));
  }
  return directory;
}

std::vector<ControlSocket> control_sockets() {
  const std::string directory = control_directory();
  std::vector<ControlSocket> found;
  DIR* dir = ::opendir(directory.c_str());
  if (dir == nullptr) fail(directory, errno);
  while (const dirent* entry = ::readdir(dir)) {  // NOLINT(concurrency-mt-unsafe): our own DIR
    const std::string_view name = entry->d_name;
    int pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (error != std::errc{} || std::string_view(end) != ".sock") continue;
    const std::string path = directory + "/" + std::string(name);
    if (answers(path)) {
      found.push_back({pid, path});
    } else {
      ::unlink(path.c_str());
    }
  }
  ::closedir(dir);
  return found;
}

struct ControlServer::Impl {
  Kernel& kernel;
  std::string path;
  Descriptor listening;
  Descriptor wake_up{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  std::atomic<bool> stopping{false};
  std::list<Client> clients;
  std::thread thread;

  explicit Impl(Kernel& k) : kernel(k) {}

  void listen() {
    listening = Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const sockaddr_un address = address_of(path);
    if (answers(path)) fail(path, EADDRINUSE);
    ::unlink(path.c_str());
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (listening.get() < 0 || ::bind(listening.get(), generic, sizeof address) != 0 ||
        ::chmod(path.c_str(), 0600) != 0 || ::listen(listening.get(), 16) != 0) {
      fail(path, errno);
    }
  }

  void run() {
    pollfd fds[] = {{wake_up.get(), POLLIN, 0}, {listening.get(), POLLIN, 0}};
    while (!stopping) {
      if (::poll(fds, 2, -1) < 0 && errno != EINTR) return;
      std::uint64_t count = 0;
      if (::read(wake_up.get(), &count, sizeof count) == sizeof count) {
        clients.remove_if([](const Client& client) { return client.finished(); });
      }
      if ((fds[1].revents & POLLIN) == 0 || stopping) continue;
      Descriptor socket(::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (socket.get() >= 0) clients.emplace_back(kernel, std::move(socket), [this] { wake(); });
    }
  }

  void wake() const {
    const std::uint64_t one = 1;
    while (::write(wake_up.get(), &one, sizeof one) < 0 && errno == EINTR) {
    }
  }
};

ControlServer::ControlServer(Kernel& kernel, const std::string& path)
    : impl_(std::make_unique<Impl>(kernel)) {
  impl_->path = path.empty() ? fmt::format("{}/{}.sock", control_directory(), ::getpid()) : path;
  impl_->listen();
  impl_->thread = std::thread([this] { impl_->run(); });
}

ControlServer::~ControlServer() {
  impl_->stopping = true;
  impl_->wake();
  impl_->thread.join();
  ::unlink(impl_->path.c_str());
  for (Client& client : impl_->clients) client.hang_up();
  impl_->clients.clear();
}

const std::string& ControlServer::path() const {
  return impl_->path;
}

}  // namespace pupci::kern
