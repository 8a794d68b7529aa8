// SPDX-License-Identifier: BSD-2-Clause
#include "driver/bare_display.h"

#include <gtest/gtest.h>

#include "kern/console.h"
#include "kern/klock.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/systm.h"

namespace pupci::test {
namespace {

wsemuldisplaydev_attach_args given{};

int match(device_t /*parent*/, cfdata_t /*cf*/, void* /*aux*/) {
  return 1;
}

void attach(device_t /*parent*/, device_t /*self*/, void* aux) {
  given = *static_cast<const wsemuldisplaydev_attach_args*>(aux);
  aprint_normal("\n");
}

int detach(device_t /*self*/, int /*flags*/) {
  return 0;
}

CFATTACH_DECL_NEW(wsdisplay, 0, match, attach, detach, nullptr);
cfdriver wsdisplay_cd{.cd_name = "wsdisplay", .cd_class = DV_DULL};
cfdriver* const drivers[] = {&wsdisplay_cd, nullptr};
cfattach* const attachments[] = {&wsdisplay_ca, nullptr};
const cfattachinit attachinit[] = {{"wsdisplay", attachments}, {nullptr, nullptr}};
int any_place[] = {-1, -1};
const cfparent at_display = {"wsemuldisplaydev", nullptr, 0};
cfdata configuration[] = {{.cf_name = "wsdisplay",
                           .cf_atname = "wsdisplay",
                           .cf_unit = 0,
                           .cf_fstate = FSTATE_STAR,
                           .cf_loc = any_place,
                           .cf_flags = 0,
                           .cf_pspec = &at_display},
                          {}};
const pupci_ioconf wsdisplay_ioconf = {.abi = PUPCI_IOCONF_ABI,
                                       .size = sizeof(pupci_ioconf),
                                       .name = "wsdisplay",
                                       .cfdrivers = drivers,
                                       .cfattachinit = attachinit,
                                       .cfdata = configuration};

}  // namespace

BareDisplay::BareDisplay(std::shared_ptr<Bus> bus, const std::string& driver,
                         std::vector<std::string> properties)
    : bus_(std::move(bus)) {
  given = {};
  kern::set_console([text = console_](std::string_view more) { text->append(more); });
  kern::KernelOptions options;
  options.properties = std::move(properties);
  kernel_ = std::make_unique<kern::Kernel>(bus_, options);
  kernel_->add(&wsdisplay_ioconf);
  kernel_->load(std::string(PUPCI_DRIVER_DIR "/") + driver + ".so");
  kernel_->attach_all();
}

BareDisplay::~BareDisplay() {
  kernel_.reset();
  kern::set_console({});
}

bool BareDisplay::attached() const {
  return given.accessops != nullptr;
}

BareDisplay::Screen BareDisplay::open_screen() {
  Screen screen;
  screen.type = given.scrdata->screens[0];
  int column = 0;
  int row = 0;
  EXPECT_EQ(given.accessops->alloc_screen(given.accesscookie, screen.type, &screen.cookie, &column,
                                          &row, &screen.attribute),
            0);
  return screen;
}

void BareDisplay::show(const Screen& screen) {
  EXPECT_EQ(given.accessops->show_screen(given.accesscookie, screen.cookie, 0, nullptr, nullptr),
            0);
}

void BareDisplay::close_screen(const Screen& screen) {
  given.accessops->free_screen(given.accesscookie, screen.cookie);
}

int BareDisplay::ioctl(unsigned long request, void* data) {
  return given.accessops->ioctl(given.accesscookie, nullptr, request, data, 0, nullptr);
}

paddr_t BareDisplay::mmap(off_t offset) {
  return given.accessops->mmap(given.accesscookie, nullptr, offset, 0);
}

long BareDisplay::Screen::allocate(int foreground, int background, int flags) const {
  long result = 0;
  EXPECT_EQ(ops().allocattr(cookie, foreground, background, flags, &result), 0);
  return result;
}

void BareDisplay::Screen::print(int row, int column, const std::string& text, long with) const {
  for (const char c : text) {
    unsigned glyph = 0;
    ops().mapchar(cookie, static_cast<unsigned char>(c), &glyph);
    ops().putchar(cookie, row, column++, glyph, with);
  }
}

}  // namespace pupci::test
