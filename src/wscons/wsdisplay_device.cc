// SPDX-License-Identifier: BSD-2-Clause
// A display's screens: made, shown, deleted.
#include "wscons/wsdisplay_device.h"

#include <cerrno>

#include "kern/klock.h"
#include "kern/lwp.h"
#include "netbsd/dev/wscons/wsconsio.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/systm.h"
#include "pupci/error.h"
#include "wscons/console.h"

namespace pupci::wscons {
namespace {

constexpr int screens_at_attach = 4;

}  // namespace

WsDisplay::WsDisplay(device_t self, const wsemuldisplaydev_attach_args& args)
    : device_(self),
      name_(device_xname(self)),
      unit_(device_unit(self)),
      access_(args.accessops),
      cookie_(args.accesscookie),
      types_(args.scrdata),
      service_(Service::get()),
      framebuffer_(*args.accessops, args.accesscookie, device_xname(self)) {}

void WsDisplay::attach(std::shared_ptr<Screen> console) {
  console_ = console;
  if (console) {
    adopt(0, console);
    hand_over(console);
  }
  int made = 0;
  for (int i = console_ ? 1 : 0; types_ != nullptr && i < screens_at_attach; i++) {
    if (add_screen(i, nullptr) != 0) break;
    made++;
  }
  if (made > 0) {
    const int first = console_ ? 1 : 0;
    aprint_verbose_dev(device_, "screen %d-%d added (%s, xterm emulation)\n", first,
                       first + made - 1, screen(first)->type()->name);
  }
  refresh_size();
}

std::shared_ptr<Screen> WsDisplay::screen(int index) const {
  if (index < 0 || index >= max_screens) return nullptr;
  const std::scoped_lock lock(mutex_);
  return screens_[static_cast<std::size_t>(index)];
}

std::shared_ptr<Screen> WsDisplay::shown() const {
  const std::scoped_lock lock(mutex_);
  return focus_ == WSDISPLAY_NULLSCREEN ? nullptr : screens_[static_cast<std::size_t>(focus_)];
}

// The first there is has the focus.
void WsDisplay::adopt(int index, std::shared_ptr<Screen> screen) {
  const std::scoped_lock lock(mutex_);
  screens_[static_cast<std::size_t>(index)] = std::move(screen);
  if (focus_ == WSDISPLAY_NULLSCREEN) focus_ = index;
}

void WsDisplay::hand_over(const std::shared_ptr<Screen>& screen) {
  const Size pixels = size();
  service_->post([this, screen, pixels] {
    screen->set_owner(device_,
                      [this, of = screen.get()](const auto& cells) { damaged(of, cells); });
    screen->set_pixels(static_cast<int>(pixels.width), static_cast<int>(pixels.height));
    service_->remove(screen.get());  // the console is drawn already
    service_->add(screen.get());
  });
}

int WsDisplay::add_screen(int index, const char* type_name) {
  if (index < 0 || index >= max_screens) return EINVAL;
  if (screen(index)) return EBUSY;
  const wsscreen_descr* type =
      types_ == nullptr ? nullptr : wsdisplay_screentype_pick(types_, type_name);
  if (type == nullptr) return ENXIO;
  void* cookie = nullptr;
  int column = 0;
  int row = 0;
  long attribute = 0;
  if (const int error = access_->alloc_screen(cookie_, type, &cookie, &column, &row, &attribute))
    return error;
  auto made = std::make_shared<Screen>(service_, type, cookie, row, column, attribute);
  bool first = false;
  {
    const std::scoped_lock lock(mutex_);
    first = focus_ == WSDISPLAY_NULLSCREEN;
  }
  if (first) access_->show_screen(cookie_, cookie, 0, nullptr, nullptr);
  adopt(index, made);
  hand_over(made);
  return 0;
}

int WsDisplay::write(int index, std::string_view text) {
  const std::shared_ptr<Screen> on = screen(index);
  const std::shared_ptr<Service> service = service_if_attached();
  if (!on || !service) return ENXIO;
  service->call([&] { on->terminal().write_message(text); });
  return 0;
}

int WsDisplay::delete_screen(int index, bool force) {
  if (index < 0 || index >= max_screens) return EINVAL;
  const std::shared_ptr<Screen> gone = screen(index);
  if (!gone) return ENXIO;
  bool busy = gone == console_;
  if (!force) service_->call([&] { busy = busy || gone->runs(); });
  if (busy && (!force || (gone == console_ && !gone_))) return EBUSY;
  {
    const std::scoped_lock lock(mutex_);
    screens_[static_cast<std::size_t>(index)] = nullptr;
    if (focus_ == index) focus_ = WSDISPLAY_NULLSCREEN;
  }
  service_->call([&] {
    gone->retire();
    service_->remove(gone.get());
    gone->set_owner(nullptr, {});
  });
  // The console's was not alloc_screen()'s.
  if (gone == console_) {
    release_console(gone.get());
    console_ = nullptr;
  } else {
    access_->free_screen(cookie_, gone->cookie());
  }
  return 0;
}

int WsDisplay::detach(bool force) {
  if (!force) {
    if (console_) return EBUSY;
    bool runs = false;
    service_->call([&] {
      for (int i = 0; i < max_screens; i++) {
        const auto one = screen(i);
        runs = runs || (one && one->runs());
      }
    });
    if (runs) return EBUSY;
  }
  gone_ = true;
  set_listener({});
  for (int i = max_screens - 1; i >= 0; i--) {
    if (screen(i)) delete_screen(i, true);
  }
  // Outputs may hold this for longer than there is a kernel; its threads end here.
  std::shared_ptr<Service> service;
  {
    const std::scoped_lock lock(mutex_);
    service.swap(service_);
  }
  service->call([] {});
  return 0;
}

void WsDisplay::show(int index) {
  const std::shared_ptr<Screen> wanted = screen(index);
  if (!wanted || gone_) return;
  std::shared_ptr<Screen> before;
  {
    const std::scoped_lock lock(mutex_);
    if (focus_ == index) return;
    if (focus_ != WSDISPLAY_NULLSCREEN) before = screens_[static_cast<std::size_t>(focus_)];
  }
  // A program draws itself on what is shown, and would go on.
  if (before && before->mode != WSDISPLAYIO_MODE_EMUL) return;
  {
    const kern::KernelLock kernel;
    const kern::ContextScope scope(kern::Context::thread, device_, IPL_NONE);
    const int error = access_->show_screen(cookie_, wanted->cookie(), 1, nullptr, nullptr);
    if (error != 0 && error != EAGAIN) return;
  }
  {
    const std::scoped_lock lock(mutex_);
    focus_ = index;
  }
  if (!command_.text.empty() && !wanted->runs()) run_on(*wanted);
  notify_all();
}

void WsDisplay::run_on(Screen& screen) {
  try {
    if (!screen.waits_for_enter()) screen.run(command_, {});
  } catch (const Error& e) {
    screen.terminal().write_message(std::string(e.what()) + "\n");
  }
}

void WsDisplay::run_command(const Command& command, std::function<void(int)> ended) {
  const std::shared_ptr<Service> service = service_if_attached();
  if (!service) throw Error(ENXIO, name_ + " has gone");
  std::exception_ptr failure;
  service->call([&] {
    try {
      const auto first = screen(0);
      if (!first) throw Error(ENXIO, name_ + " has no screen for text");
      first->run(command, std::move(ended));
      command_ = command;
    } catch (...) {
      failure = std::current_exception();
    }
  });
  if (failure) std::rethrow_exception(failure);
}

std::shared_ptr<Service> WsDisplay::service_if_attached() const {
  const std::scoped_lock lock(mutex_);
  return service_;
}

void WsDisplay::stop_command() {
  const std::shared_ptr<Service> service = service_if_attached();
  if (!service) return;
  service->call([&] {
    command_ = {};
    for (int i = 0; i < max_screens; i++) {
      if (const auto one = screen(i)) one->hang_up();
    }
  });
}

}  // namespace pupci::wscons
