// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/vnc_client.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include "pupci/error.h"

namespace pupci::wscons {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long a client may take from its first byte to its first wish.
constexpr auto handshake = std::chrono::seconds(30);
// What is shown of a display that has no pixels now.
constexpr Size nothing{640, 480};

int checked(int fd, const char* what) {
  if (fd < 0)
    throw Error(errno, fmt::format("{}: {}", what, std::generic_category().message(errno)));
  return fd;
}

void signal_fd(int fd) noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
}

// Writing to a client that has gone is an error, not a signal.
void block_sigpipe() noexcept {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

// What the library (0.9.14) forgets when a browser goes.
void free_websocket(rfbClientPtr client) {
  std::free(client->wsctx);  // NOLINT(cppcoreguidelines-no-malloc): the library's calloc
  client->wsctx = nullptr;
}

}  // namespace

VncClient::VncClient(Fd socket, Picture& picture, const std::string& password,
                     std::function<void()> gone)
    : picture_(picture),
      password_(password),
      name_("pupci: " + picture.display().name()),
      gone_(std::move(gone)),
      socket_(std::move(socket)),
      handle_(checked(::fcntl(socket_.get(), F_DUPFD_CLOEXEC, 0), "dup")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      viewer_(picture, [this] { signal_fd(wake_.get()); }) {
  if (!password_.empty()) passwords_[0] = password_.data();
  thread_ = std::thread([this] {
    block_sigpipe();
    run();
  });
}

VncClient::~VncClient() {
  stop_ = true;
  signal_fd(wake_.get());
  ::shutdown(handle_.get(), SHUT_RDWR);
  thread_.join();
}

VncClient& VncClient::of(rfbClientPtr client) noexcept {
  return *static_cast<VncClient*>(client->screen->screenData);
}

void VncClient::key(rfbBool down, rfbKeySym keysym, rfbClientPtr client) {
  VncClient& self = of(client);
  if (down != 0) {
    self.keys_.insert(keysym);
  } else {
    self.keys_.erase(keysym);
  }
  self.picture_.display().key(keysym, down != 0);
}

void VncClient::pointer(int buttons, int x, int y, rfbClientPtr client) {
  VncClient& self = of(client);
  if (self.image_.size.width == 0 || self.image_.size.height == 0) return;
  self.x_ = std::min(static_cast<unsigned>(std::max(x, 0)), self.image_.size.width - 1);
  self.y_ = std::min(static_cast<unsigned>(std::max(y, 0)), self.image_.size.height - 1);
  self.buttons_ = static_cast<unsigned>(buttons) & 0xff;
  self.picture_.display().pointer(self.x_, self.y_, self.buttons_);
}

bool VncClient::alive() const noexcept {
  return client_ != nullptr && client_->sock != RFB_INVALID_SOCKET && !stop_;
}

bool VncClient::wants() const noexcept {
  return client_->state == rfbClientRec::RFB_NORMAL && sraRgnEmpty(client_->requestedRegion) == 0;
}

void VncClient::run() {
  if (connect()) {
    while (alive() && wait(timeout())) {
      if (!update()) break;
      client_->tightQualityLevel = -1;  // what is seen is what the device shows, without losses
      client_->turboQualityLevel = -1;
      rfbUpdateClient(client_);
    }
  }
  let_go();
  client_ = nullptr;
  screen_.reset();
  ::shutdown(handle_.get(), SHUT_RDWR);
  ended_ = true;
  gone_();
}

// The library has the socket from here on, and closes it. It selects, so the number has a limit.
bool VncClient::connect() {
  if (socket_.get() >= FD_SETSIZE) return false;
  viewer_.refresh(image_);
  fit();
  if (screen_ == nullptr) return false;
  screen_->screenData = this;
  screen_->kbdAddEvent = key;
  screen_->ptrAddEvent = pointer;
  deadline_ = Clock::now() + handshake;
  client_ = rfbNewClient(screen_.get(), socket_.release());
  if (client_ == nullptr) return false;
  client_->clientGoneHook = free_websocket;
  return true;
}

// Milliseconds until something is due even if nothing happens; -1: nothing.
int VncClient::timeout() const {
  auto until = Clock::time_point::max();
  if (client_->state != rfbClientRec::RFB_NORMAL) {
    until = deadline_;
  } else if (wants() && viewer_.pending()) {
    until = viewer_.next();
  }
  if (until == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60000));
}

// For the client, for something new to show, for the end, or for so long. False at the end.
bool VncClient::wait(int timeout) {
  std::array<pollfd, 2> waiting{{{client_->sock, POLLIN, 0}, {wake_.get(), POLLIN, 0}}};
  if (::poll(waiting.data(), waiting.size(), timeout) < 0 && errno != EINTR) return false;
  std::uint64_t count = 0;
  if (waiting[1].revents != 0 && ::read(wake_.get(), &count, sizeof count) < 0 && errno != EAGAIN)
    return false;
  if (waiting[0].revents != 0) process();
  return alive() && (client_->state == rfbClientRec::RFB_NORMAL || Clock::now() < deadline_);
}

void VncClient::process() {
  do {
    rfbProcessClientMessage(client_);
    if (client_->state == rfbClientRec::RFB_NORMAL) be_patient(*screen_);
  } while (alive() && webSocketsHasDataInBuffer(client_) != 0);
}

// Gives the screen the size that the display has now.
void VncClient::fit() {
  shown_ = image_.size;
  Size size = shown_;
  std::uint32_t* pixels = image_.pixels.data();
  if (image_.pixels.empty()) {
    size = nothing;
    blank_.resize(std::size_t{size.width} * size.height);
    pixels = blank_.data();
  }
  if (screen_ != nullptr) {
    resize_screen(*screen_, size.width, size.height, pixels);
  } else {
    screen_ = make_screen(size.width, size.height, pixels, name_.c_str(),
                          password_.empty() ? nullptr : passwords_.data());
  }
}

// What a client that has gone held down is up again.
void VncClient::let_go() {
  for (const std::uint32_t keysym : keys_) picture_.display().key(keysym, false);
  if (buttons_ != 0) picture_.display().pointer(x_, y_, 0);
}

// Takes over what is new, when the client wants it and it is time. False when it cannot be shown.
bool VncClient::update() {
  if (!wants() || !viewer_.pending() || Clock::now() < viewer_.next()) return true;
  const std::vector<Rectangle> changed = viewer_.refresh(image_);
  const Size size = image_.size;
  if (size.width != shown_.width || size.height != shown_.height) {
    // One that cannot follow a change of size has to come again.
    if (client_->useNewFBSize == 0 || client_->scaledScreen != client_->screen) return false;
    fit();
    return true;
  }
  for (const Rectangle& what : changed) {
    rfbMarkRectAsModified(screen_.get(), static_cast<int>(what.x), static_cast<int>(what.y),
                          static_cast<int>(what.x + what.width),
                          static_cast<int>(what.y + what.height));
  }
  return true;
}

}  // namespace pupci::wscons
