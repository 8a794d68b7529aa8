// SPDX-License-Identifier: BSD-2-Clause
// One viewer that is connected: a thread and a screen of its own, so that one that is slow, silent
// or hostile holds up nobody else.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "host/fd.h"
#include "wscons/output/picture.h"
#include "wscons/output/vnc_library.h"

namespace pupci::wscons {

class VncClient {
 public:
  // `password` empty: none. `gone` is called at the end, from its thread. Throws pupci::Error.
  VncClient(Fd socket, Picture& picture, const std::string& password, std::function<void()> gone);
  ~VncClient();  // ends it
  VncClient(const VncClient&) = delete;
  VncClient& operator=(const VncClient&) = delete;

  [[nodiscard]] bool ended() const noexcept { return ended_; }

 private:
  static void key(rfbBool down, rfbKeySym keysym, rfbClientPtr client);
  static void pointer(int buttons, int x, int y, rfbClientPtr client);
  static VncClient& of(rfbClientPtr client) noexcept;

  void run();
  bool connect();
  bool wait(int timeout);
  void process();
  bool update();
  void fit();
  void let_go();
  [[nodiscard]] int timeout() const;
  [[nodiscard]] bool alive() const noexcept;
  [[nodiscard]] bool wants() const noexcept;

  Picture& picture_;
  std::string password_;
  std::array<char*, 2> passwords_{};  // as the library wants it
  std::string name_;
  std::function<void()> gone_;
  Fd socket_;  // until the library has it
  Fd handle_;  // the same, to wake it up from elsewhere
  Fd wake_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> ended_{false};
  Image image_;
  Size shown_;                        // the display's, as the screen has it
  std::vector<std::uint32_t> blank_;  // the screen's, when the display has no pixels
  VncScreen screen_;
  rfbClientPtr client_ = nullptr;  // owned by the screen
  std::chrono::steady_clock::time_point deadline_;
  std::set<std::uint32_t> keys_;  // held down
  unsigned buttons_ = 0;
  unsigned x_ = 0;
  unsigned y_ = 0;
  Picture::Viewer viewer_;
  std::thread thread_;
};

}  // namespace pupci::wscons
