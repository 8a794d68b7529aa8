// SPDX-License-Identifier: BSD-2-Clause
// One wsdisplay(4): its screens, which of them is on view, and the edge to the outputs.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "netbsd/dev/wscons/wsdisplayvar.h"
#include "wscons/display.h"
#include "wscons/framebuffer.h"
#include "wscons/keyboard.h"
#include "wscons/screen.h"
#include "wscons/service.h"

namespace pupci::wscons {

class WsDisplay final : public Display, public std::enable_shared_from_this<WsDisplay> {
 public:
  static constexpr int max_screens = 8;

  WsDisplay(device_t self, const wsemuldisplaydev_attach_args& args);
  ~WsDisplay() override = default;

  // Under the kernel lock, in a thread that may sleep; errno values.
  void attach(std::shared_ptr<Screen> console);
  int detach(bool force);
  int add_screen(int index, const char* type);
  int delete_screen(int index, bool force);
  int screen_ioctl(int index, unsigned long command, void* data, int flag, lwp* l);
  int config_ioctl(unsigned long command, void* data, int flag, lwp* l);
  int status_ioctl(unsigned long command, void* data) const;
  paddr_t mmap(int index, off_t offset, int protection);
  int write(int index, std::string_view text);
  [[nodiscard]] std::shared_ptr<Screen> screen(int index) const;  // any context; null: none

  // Any thread; they wait for the service. Runs on the first screen at once, on the others when
  // they are first shown. ENXIO without screens.
  void run_command(const Command& command, std::function<void(int)> ended);
  void stop_command();
  [[nodiscard]] int unit() const noexcept { return unit_; }

  // Display
  [[nodiscard]] std::string name() const override { return name_; }
  [[nodiscard]] Size size() const override;
  bool read(Rectangle what, std::uint32_t* to, std::size_t stride) override;
  void set_listener(std::function<void(Rectangle)> listener) override;
  void key(std::uint32_t keysym, bool down) override;
  void pointer(unsigned x, unsigned y, unsigned buttons) override;

 private:
  [[nodiscard]] std::shared_ptr<Service> service_if_attached() const;  // null: detached
  [[nodiscard]] std::shared_ptr<Screen> shown() const;                 // null: none
  void adopt(int index, std::shared_ptr<Screen> screen);
  void hand_over(const std::shared_ptr<Screen>& screen);
  // In the service's thread.
  void press(std::uint32_t keysym, bool down);
  void point(unsigned x, unsigned y, unsigned buttons);
  void show(int index);
  void run_on(Screen& screen);
  void damaged(const Screen* screen, const std::vector<CellRect>& cells);
  // Under the kernel lock.
  void refresh_size();
  int set_mode(Screen& screen, unsigned long command, void* data, int flag, lwp* l);
  int use_font(Screen& screen, void* data);
  int load_font(void* data);
  int driver_ioctl(Screen& screen, unsigned long command, void* data, int flag, lwp* l);
  // After something that may have changed the picture, or its size, without a screen's knowing.
  void changed_by_request();
  void notify(const std::vector<Rectangle>& rectangles);
  void notify_all();

  device_t device_;
  std::string name_;
  int unit_;
  const wsdisplay_accessops* access_;
  void* cookie_;
  const wsscreen_list* types_;
  std::shared_ptr<Service> service_;  // until detach()
  Framebuffer framebuffer_;

  mutable std::mutex mutex_;  // short, and nothing is called under it
  std::array<std::shared_ptr<Screen>, max_screens> screens_;
  int focus_ = WSDISPLAY_NULLSCREEN;
  Size size_;

  std::atomic<bool> gone_{false};
  std::shared_ptr<Screen> console_;
  std::mutex listener_mutex_;
  std::function<void(Rectangle)> listener_;

  // Of the service's thread.
  Keyboard keyboard_;
  unsigned buttons_ = 0;
  Command command_;
};

// What attached without being told of screens, or with: in order of their units.
std::vector<std::shared_ptr<WsDisplay>> attached_displays();
std::shared_ptr<WsDisplay> attached_display(int unit);  // or null
void add_display(std::shared_ptr<WsDisplay> display);
void remove_display(const WsDisplay* display);

}  // namespace pupci::wscons
