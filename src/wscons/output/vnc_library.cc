// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/vnc_library.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

namespace pupci::wscons {
namespace {

// How long a client may keep the library waiting within a message, in milliseconds: before it is
// let in, and then. It counts up to the second in steps of five seconds, so there is room above.
constexpr int patience_with_strangers = 10000;
constexpr int patience_with_viewers = 1 << 30;

// More than one server has clients.
constexpr std::size_t most_screens = 40;

std::mutex library_mutex;
unsigned servers = 0;
bool passwords_wanted = false;

// Each rfbGetScreen() makes a mutex of the whole library anew, while others may hold it: so all
// screens are made before there are clients, and used again and again.
std::vector<rfbScreenInfo*>& idle_screens() {
  static auto& screens = *new std::vector<rfbScreenInfo*>;
  return screens;
}

void make_all_screens() {
  auto& screens = idle_screens();
  static bool made = false;
  if (std::exchange(made, true)) return;
  while (screens.size() < most_screens) {
    rfbScreenInfo* screen = rfbGetScreen(nullptr, nullptr, 4, 4, 8, 3, 4);
    if (screen == nullptr) return;
    screen->cursor = nullptr;  // the terminal draws its own
    screen->alwaysShared = TRUE;
    screen->deferUpdateTime = 0;
    screen->permitFileTransfer = FALSE;
    screens.push_back(screen);
  }
}

// Those that a client had made for itself.
void free_scaled_screens(rfbScreenInfo& screen) {
  while (rfbScreenInfo* scaled = screen.scaledScreenNext) {
    screen.scaledScreenNext = scaled->scaledScreenNext;
    std::free(scaled->frameBuffer);  // NOLINT(cppcoreguidelines-no-malloc): the library's
    std::free(scaled);               // NOLINT(cppcoreguidelines-no-malloc)
  }
}

void say_nothing(const char*, ...) {}

// The ciphers of some builds of the library keep their state in static memory.
rfbBool check_password(rfbClientPtr client, const char* response, int length) {
  const std::scoped_lock lock(library_mutex);
  return rfbCheckPasswordByList(client, response, length);
}

void use_own_format(rfbScreenInfo& screen) {
  screen.serverFormat.redShift = 16;
  screen.serverFormat.greenShift = 8;
  screen.serverFormat.blueShift = 0;
  screen.serverFormat.depth = 24;
}

// The library registers a way to authenticate when the first client of a screen asks, and its other
// static parts at first use: this client asks before there are threads.
void prime(bool with_password) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return;
  std::uint32_t pixel = 0;
  std::array<char, 2> secret{"x"};
  std::array<char*, 2> passwords{secret.data(), nullptr};
  const VncScreen screen =
      make_screen(1, 1, &pixel, "", with_password ? passwords.data() : nullptr);
  static constexpr std::string_view version = "RFB 003.008\n";
  const bool sent = ::write(ends[1], version.data(), version.size()) > 0;
  if (screen != nullptr && sent) {
    rfbClientPtr client = rfbNewClient(screen.get(), ends[0]);
    if (client != nullptr) rfbProcessClientMessage(client);
  } else {
    ::close(ends[0]);
  }
  ::close(ends[1]);
  std::array<unsigned char, CHALLENGESIZE> challenge{};
  rfbEncryptBytes(challenge.data(), secret.data());
}

}  // namespace

void ScreenDeleter::operator()(rfbScreenInfo* screen) const noexcept {
  // The library itself overlooks those that are closed.
  while (rfbClientPtr client = screen->clientHead) {
    if (client->sock != RFB_INVALID_SOCKET) rfbCloseClient(client);
    rfbClientConnectionGone(client);
  }
  free_scaled_screens(*screen);
  screen->frameBuffer = nullptr;
  screen->maxFd = 0;
  const std::scoped_lock lock(library_mutex);
  idle_screens().push_back(screen);
}

VncScreen make_screen(unsigned width, unsigned height, std::uint32_t* pixels, const char* name,
                      char** passwords) {
  VncScreen screen;
  {
    const std::scoped_lock lock(library_mutex);
    if (idle_screens().empty()) return nullptr;
    screen.reset(idle_screens().back());
    idle_screens().pop_back();
  }
  screen->desktopName = name;
  screen->authPasswdData = passwords;
  screen->passwordCheck = check_password;
  screen->maxClientWait = patience_with_strangers;
  resize_screen(*screen, width, height, pixels);
  return screen;
}

void resize_screen(rfbScreenInfo& screen, unsigned width, unsigned height, std::uint32_t* pixels) {
  rfbNewFramebuffer(&screen, reinterpret_cast<char*>(pixels), static_cast<int>(width),
                    static_cast<int>(height), 8, 3, 4);
  use_own_format(screen);
  // It took the colours for swapped.
  for (rfbClientPtr client = screen.clientHead; client != nullptr; client = client->next) {
    if (client->sock != RFB_INVALID_SOCKET) screen.setTranslateFunction(client);
  }
}

void be_patient(rfbScreenInfo& screen) {
  screen.maxClientWait = patience_with_viewers;
}

bool claim_library(bool with_password) {
  {
    const std::scoped_lock lock(library_mutex);
    if (servers != 0 && with_password != passwords_wanted) return false;
    if (servers++ != 0) return true;
    rfbLog = say_nothing;
    rfbErr = say_nothing;
    passwords_wanted = with_password;
    make_all_screens();
  }
  prime(with_password);
  return true;
}

void release_library() {
  const std::scoped_lock lock(library_mutex);
  --servers;
}

}  // namespace pupci::wscons
