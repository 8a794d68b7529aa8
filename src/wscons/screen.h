// SPDX-License-Identifier: BSD-2-Clause
// One of a display's screens: a terminal, the program on it, and when they are drawn. Lives in the
// service's thread; what may be called elsewhere says so.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "netbsd/sys/types.h"
#include "wscons/geometry.h"
#include "wscons/pty.h"
#include "wscons/service.h"
#include "wscons/terminal.h"

namespace pupci::wscons {

// What a screen runs.
struct Command {
  std::string text;  // for a shell; empty: nothing
  std::vector<std::string> variables;
};

class Screen : public Drawable {
 public:
  // Any thread. The service gets to know it by service.add().
  Screen(std::shared_ptr<Service> service, const wsscreen_descr* type, void* cookie, int cursor_row,
         int cursor_column, long attribute);
  ~Screen() override;
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // Any thread.
  [[nodiscard]] void* cookie() const noexcept { return cookie_; }
  [[nodiscard]] const wsscreen_descr* type() const noexcept { return type_; }
  // WSDISPLAYIO_MODE_*: text is drawn in the first only.
  std::atomic<unsigned> mode{0};

  // For which device it draws, and who hears of what it changed.
  void set_owner(device_t device, std::function<void(const std::vector<CellRect>&)> damaged);
  void set_pixels(int width, int height);
  // The type's size may have changed: a font was loaded.
  void update_type();
  // The type as it was then, which no driver changes under one's hands.
  [[nodiscard]] const wsscreen_descr& shape() const noexcept { return shape_; }

  // And how its cells lie on the display.
  [[nodiscard]] const Turn& turn() const noexcept { return turn_; }

  // While the driver changes fonts: nothing is drawn, and all of it when that is over.
  void suspend();
  void resume();

  [[nodiscard]] bool wants_drawing() override;
  void draw() override;

  [[nodiscard]] Terminal& terminal() noexcept { return terminal_; }
  // `ended` gets the status when the program has ended and all that it wrote is on the screen; an
  // empty one: the screen says so itself, and Enter starts the program again. Throws pupci::Error.
  void run(Command command, std::function<void(int)> ended);
  [[nodiscard]] bool runs() const noexcept { return pty_ != nullptr; }
  [[nodiscard]] bool waits_for_enter() const noexcept { return waits_for_enter_; }
  // Enter, on a screen that waits for it.
  bool run_again();
  void hang_up();
  // Before it is destroyed in another thread: what was posted for it does nothing from here on.
  void retire();
  void send(std::string_view bytes);  // to the program

 private:
  [[nodiscard]] PtySize pty_size() const noexcept;
  void start();
  void take_output();
  void program_ended(const Pty* pty, int status);

  std::shared_ptr<Service> service_;
  const wsscreen_descr* type_;
  wsscreen_descr shape_;
  void* cookie_;
  Turn turn_;
  long attribute_;
  Terminal terminal_;
  device_t device_ = nullptr;
  std::function<void(const std::vector<CellRect>&)> damaged_;
  int width_ = 0;
  int height_ = 0;
  Command command_;
  std::function<void(int)> ended_;
  std::unique_ptr<Pty> pty_;
  bool waits_for_enter_ = false;
  bool suspended_ = false;
  std::string buffer_;
  std::shared_ptr<std::atomic<Screen*>> self_;  // null once it is gone, for what was posted before
};

}  // namespace pupci::wscons
