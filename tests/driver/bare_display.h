// SPDX-License-Identifier: BSD-2-Clause
// A display driver with nothing above it: what it hands to wsemuldisplaydev is the test's, which
// allocates screens and draws on them as wsdisplay(4) would.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kern/kernel.h"
#include "netbsd/dev/wscons/wsconsio.h"
#include "netbsd/dev/wscons/wsdisplayvar.h"
#include "pupci/bus.h"

namespace pupci::test {

class BareDisplay {
 public:
  // `driver` by name, on a bus with its device.
  BareDisplay(std::shared_ptr<Bus> bus, const std::string& driver,
              std::vector<std::string> properties = {});
  ~BareDisplay();
  BareDisplay(const BareDisplay&) = delete;
  BareDisplay& operator=(const BareDisplay&) = delete;

  // Whether it attached a display; the rest may be used only if it did.
  [[nodiscard]] bool attached() const;
  [[nodiscard]] const std::string& console() const { return *console_; }

  struct Screen {
    const wsscreen_descr* type = nullptr;
    void* cookie = nullptr;
    long attribute = 0;  // the default

    [[nodiscard]] const wsdisplay_emulops& ops() const { return *type->textops; }
    [[nodiscard]] long allocate(int foreground, int background, int flags) const;
    void print(int row, int column, const std::string& text, long with) const;
  };
  Screen open_screen();
  void show(const Screen& screen);
  void close_screen(const Screen& screen);

  int ioctl(unsigned long request, void* data);
  paddr_t mmap(off_t offset);

 private:
  std::shared_ptr<std::string> console_ = std::make_shared<std::string>();
  std::shared_ptr<Bus> bus_;
  std::unique_ptr<kern::Kernel> kernel_;
};

}  // namespace pupci::test
