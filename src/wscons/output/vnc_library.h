// SPDX-License-Identifier: BSD-2-Clause
// libvncserver, made fit for a screen and a thread for each client: what it keeps for the whole
// process is set up once, before the first thread.
#pragma once

#include <rfb/rfb.h>
extern "C" {
#include <rfb/rfbregion.h>
}

#include <cstdint>
#include <memory>

namespace pupci::wscons {

struct ScreenDeleter {
  void operator()(rfbScreenInfo* screen) const noexcept;
};
using VncScreen = std::unique_ptr<rfbScreenInfo, ScreenDeleter>;

// A screen without sockets, pixels of 0x00RRGGBB in `pixels`; null when there are too many.
// `passwords` ends
// with a null pointer, or is one. All pointers must outlive the screen.
VncScreen make_screen(unsigned width, unsigned height, std::uint32_t* pixels, const char* name,
                      char** passwords);
// The screen has other pixels, or as many as before but elsewhere.
void resize_screen(rfbScreenInfo& screen, unsigned width, unsigned height, std::uint32_t* pixels);

// The screen's client has been let in. Nobody else waits for it, so it may stop within a message,
// or in the midst of a picture, for as long as it likes: a viewer that is suspended, a slow
// network.
void be_patient(rfbScreenInfo& screen);

// Once for each server, before its clients. The library knows one way to authenticate for all of a
// process: false when another server has chosen the other one.
bool claim_library(bool with_password);
void release_library();

}  // namespace pupci::wscons
