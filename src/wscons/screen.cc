// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/screen.h"

#include <fmt/format.h>

#include "kern/klock.h"
#include "kern/lwp.h"
#include "netbsd/dev/wscons/wsconsio.h"
#include "netbsd/sys/intr.h"
#include "pupci/error.h"

namespace pupci::wscons {
namespace {

TextScreen text_screen(const wsscreen_descr* type, void* cookie, long attribute) {
  return {type->textops, cookie, type->ncols, type->nrows, type->capabilities, attribute};
}

}  // namespace

Screen::Screen(std::shared_ptr<Service> service, const wsscreen_descr* type, void* cookie,
               int cursor_row, int cursor_column, long attribute)
    : service_(std::move(service)),
      type_(type),
      shape_(*type),
      cookie_(cookie),
      turn_(turn_of(cookie)),
      attribute_(attribute),
      terminal_(text_screen(type, cookie, attribute), cursor_row, cursor_column),
      self_(std::make_shared<std::atomic<Screen*>>(this)) {
  terminal_.set_reply([this](std::string_view bytes) { send(bytes); });
}

Screen::~Screen() {
  *self_ = nullptr;
}

void Screen::retire() {
  hang_up();
  *self_ = nullptr;
}

void Screen::set_owner(device_t device, std::function<void(const std::vector<CellRect>&)> damaged) {
  device_ = device;
  damaged_ = std::move(damaged);
}

void Screen::set_pixels(int width, int height) {
  if (width == width_ && height == height_) return;
  width_ = width;
  height_ = height;
  if (pty_) pty_->resize(pty_size());
}

void Screen::update_type() {
  shape_ = *type_;
  turn_ = turn_of(cookie_);
  const TextScreen now = text_screen(type_, cookie_, attribute_);
  if (now.columns == terminal_.columns() && now.rows == terminal_.rows()) return;
  terminal_.resize(now);
  if (pty_) pty_->resize(pty_size());
}

void Screen::suspend() {
  const kern::KernelLock kernel;
  const kern::ContextScope scope(kern::Context::thread, device_, IPL_NONE);
  terminal_.hide_cursor();
  suspended_ = true;
}

void Screen::resume() {
  suspended_ = false;
  terminal_.redraw();
}

PtySize Screen::pty_size() const noexcept {
  return {terminal_.columns(), terminal_.rows(), width_, height_};
}

bool Screen::wants_drawing() {
  return mode == WSDISPLAYIO_MODE_EMUL && !suspended_ && terminal_.pending();
}

void Screen::draw() {
  std::vector<CellRect> damage;
  {
    const kern::KernelLock kernel;
    const kern::ContextScope scope(kern::Context::thread, device_, IPL_NONE);
    damage = terminal_.flush();
  }
  if (damaged_ && !damage.empty()) damaged_(damage);
}

void Screen::run(Command command, std::function<void(int)> ended) {
  command_ = std::move(command);
  ended_ = std::move(ended);
  start();
}

void Screen::start() {
  waits_for_enter_ = false;
  auto pty = std::make_unique<Pty>(pty_size());
  pty->start(
      command_.text, command_.variables,
      [service = std::weak_ptr<Service>(service_), self = self_, of = pty.get()](int status) {
        const auto running = service.lock();
        if (!running) return;
        running->post([self, of, status] {
          if (Screen* const screen = *self) screen->program_ended(of, status);
        });
      });
  pty_ = std::move(pty);
  service_->watch(pty_->fd(), [this] { take_output(); }, [this] { return pty_->has_more(); });
}

void Screen::take_output() {
  pty_->write_more();
  switch (pty_->read(buffer_)) {
    case Pty::Read::some:
      terminal_.write(buffer_);
      break;
    case Pty::Read::nothing:
      break;
    case Pty::Read::end:
      service_->unwatch(pty_->fd());
      break;
  }
}

void Screen::program_ended(const Pty* pty, int status) {
  if (pty_.get() != pty) return;
  while (pty_->read(buffer_) == Pty::Read::some) terminal_.write(buffer_);
  hang_up();
  if (ended_) {
    if (wants_drawing()) draw();
    ended_(status);
    return;
  }
  waits_for_enter_ = true;
  terminal_.write(
      fmt::format("\033[0m\r\n[It ended with status {}; Enter starts it again]\r\n", status));
}

bool Screen::run_again() {
  if (!waits_for_enter_) return false;
  try {
    start();
  } catch (const Error& e) {
    waits_for_enter_ = true;
    terminal_.write(fmt::format("[{}]\r\n", e.what()));
  }
  return true;
}

void Screen::hang_up() {
  if (!pty_) return;
  service_->unwatch(pty_->fd());
  pty_.reset();
}

void Screen::send(std::string_view bytes) {
  if (pty_) pty_->write(bytes);
}

}  // namespace pupci::wscons
