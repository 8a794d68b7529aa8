// SPDX-License-Identifier: BSD-2-Clause
#include <fmt/format.h>
#include <sys/eventfd.h>

#include <atomic>
#include <cerrno>
#include <system_error>

#include "host/fd.h"
#include "pupci/error.h"
#include "wscons/wsdisplay.h"
#include "wscons/wsdisplay_device.h"

namespace pupci::wscons {

struct ConsoleProgram::Impl {
  std::shared_ptr<WsDisplay> display;
  // What the service's thread tells, perhaps later than this lives.
  struct End {
    Fd event{::eventfd(0, EFD_CLOEXEC)};
    std::atomic<int> status{0};
  };
  std::shared_ptr<End> end = std::make_shared<End>();
};

ConsoleProgram::ConsoleProgram(const std::string& command,
                               const std::vector<std::string>& variables)
    : impl_(std::make_unique<Impl>()) {
  if (!impl_->end->event)
    throw Error(errno, fmt::format("eventfd: {}", std::generic_category().message(errno)));
  for (const auto& display : attached_displays()) {
    if (!impl_->display && display->screen(0)) impl_->display = display;
  }
  if (!impl_->display) {
    throw Error(ENXIO,
                "--console: no driver attached a display with text screens (wsdisplay at ...)");
  }
  std::vector<std::string> all = variables;
  all.emplace_back("TERM=xterm-256color");
  impl_->display->run_command({command, all}, [end = impl_->end](int status) {
    end->status = status;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(end->event.get(), &one, sizeof one);
  });
}

ConsoleProgram::~ConsoleProgram() {
  impl_->display->stop_command();
}

int ConsoleProgram::fd() const noexcept {
  return impl_->end->event.get();
}

int ConsoleProgram::status() const noexcept {
  return impl_->end->status;
}

}  // namespace pupci::wscons
