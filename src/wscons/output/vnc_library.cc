// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/vnc_library.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <mutex>
#include <string_view>

namespace pupci::wscons {
namespace {

// How long a client may keep the library waiting within a message.
constexpr int patience = 10000;  // milliseconds

std::mutex library_mutex;
unsigned servers = 0;
bool passwords_wanted = false;

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
  rfbScreenCleanup(screen);
}

VncScreen make_screen(unsigned width, unsigned height, std::uint32_t* pixels, const char* name,
                      char** passwords) {
  VncScreen screen(
      rfbGetScreen(nullptr, nullptr, static_cast<int>(width), static_cast<int>(height), 8, 3, 4));
  if (screen == nullptr) return screen;
  screen->frameBuffer = reinterpret_cast<char*>(pixels);
  screen->desktopName = name;
  screen->cursor = nullptr;  // the terminal draws its own
  screen->alwaysShared = TRUE;
  screen->deferUpdateTime = 0;
  screen->maxClientWait = patience;
  screen->permitFileTransfer = FALSE;
  if (passwords != nullptr) {
    screen->authPasswdData = passwords;
    screen->passwordCheck = check_password;
  }
  use_own_format(*screen);
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

bool claim_library(bool with_password) {
  const std::scoped_lock lock(library_mutex);
  if (servers != 0 && with_password != passwords_wanted) return false;
  rfbLog = say_nothing;
  rfbErr = say_nothing;
  if (servers++ == 0) {
    passwords_wanted = with_password;
    prime(with_password);
  }
  return true;
}

void release_library() {
  const std::scoped_lock lock(library_mutex);
  --servers;
}

}  // namespace pupci::wscons
