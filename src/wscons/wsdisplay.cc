// SPDX-License-Identifier: BSD-2-Clause
// wsdisplay(4) as autoconf(9) sees it.
#include "wscons/wsdisplay.h"

#include <algorithm>
#include <exception>

#include "netbsd/sys/conf.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/module.h"
#include "netbsd/sys/systm.h"
#include "wscons/console.h"
#include "wscons/wsdisplay_device.h"
#include "wscons/wsdisplay_switch.h"

namespace pupci::wscons {
namespace {

struct Displays {
  std::mutex mutex;
  std::vector<std::shared_ptr<WsDisplay>> all;
};

Displays& registry() {
  static auto& the = *new Displays;
  return the;
}

}  // namespace

std::vector<std::shared_ptr<WsDisplay>> attached_displays() {
  const std::scoped_lock lock(registry().mutex);
  return registry().all;
}

std::shared_ptr<WsDisplay> attached_display(int unit) {
  for (const auto& display : attached_displays()) {
    if (display->unit() == unit) return display;
  }
  return nullptr;
}

void add_display(std::shared_ptr<WsDisplay> display) {
  const std::scoped_lock lock(registry().mutex);
  auto& all = registry().all;
  const auto place = std::find_if(
      all.begin(), all.end(), [&](const auto& other) { return other->unit() > display->unit(); });
  all.insert(place, std::move(display));
}

void remove_display(const WsDisplay* display) {
  const std::scoped_lock lock(registry().mutex);
  std::erase_if(registry().all, [&](const auto& other) { return other.get() == display; });
}

std::vector<std::shared_ptr<Display>> displays() {
  const auto all = attached_displays();
  return {all.begin(), all.end()};
}

}  // namespace pupci::wscons

using namespace pupci::wscons;

int wsemuldisplaydevprint(void* /*aux*/, const char* parent) {
  if (parent != nullptr) aprint_normal("wsdisplay at %s", parent);
  return UNCONF;
}

int wsdisplaydevprint(void* aux, const char* parent) {
  return wsemuldisplaydevprint(aux, parent);
}

const wsscreen_descr* wsdisplay_screentype_pick(const wsscreen_list* types, const char* name) {
  for (int i = 0; i < types->nscreens; i++) {
    if (name == nullptr || strcmp(name, types->screens[i]->name) == 0) return types->screens[i];
  }
  return nullptr;
}

namespace {

struct wsdisplay_softc {
  std::shared_ptr<WsDisplay>* display;
};

// The locators of wsemuldisplaydev and wsdisplaydev: a display asked to be the console only, or
// not.
int emul_match(device_t /*parent*/, cfdata_t cf, void* aux) {
  const auto* args = static_cast<const wsemuldisplaydev_attach_args*>(aux);
  static constexpr int any = -1;
  static constexpr int exact = 10;
  const int console = cf->cf_loc[0];
  if (console == any) return 1;
  return console != 0 && args->console != 0 ? exact : 0;
}

int noemul_match(device_t /*parent*/, cfdata_t /*cf*/, void* /*aux*/) {
  return 1;
}

void attach_common(device_t self, const wsemuldisplaydev_attach_args& args) {
  auto* sc = static_cast<wsdisplay_softc*>(device_private(self));
  try {
    std::shared_ptr<Screen> console;
    if (args.console != 0) console = take_console();
    if (console) {
      aprint_normal(": console (%s, xterm emulation)", console->type()->name);
    } else if (args.console != 0) {
      aprint_error(": not the console, as wsdisplay_cnattach() was not called or another one is");
    }
    aprint_naive("\n");
    aprint_normal("\n");
    auto display = std::make_shared<WsDisplay>(self, args);
    display->attach(std::move(console));
    sc->display = new std::shared_ptr<WsDisplay>(display);
    add_display(std::move(display));
  } catch (const std::exception& e) {
    aprint_error_dev(self, "%s\n", e.what());
  }
  pmf_device_register(self, nullptr, nullptr);
}

void emul_attach(device_t /*parent*/, device_t self, void* aux) {
  attach_common(self, *static_cast<const wsemuldisplaydev_attach_args*>(aux));
}

void noemul_attach(device_t /*parent*/, device_t self, void* aux) {
  const auto* args = static_cast<const wsdisplaydev_attach_args*>(aux);
  attach_common(self, {0, nullptr, args->accessops, args->accesscookie});
}

int detach(device_t self, int flags) {
  auto* sc = static_cast<wsdisplay_softc*>(device_private(self));
  if (sc->display != nullptr) {
    try {
      if (const int error = (*sc->display)->detach((flags & DETACH_FORCE) != 0)) return error;
    } catch (const std::exception& e) {
      aprint_error_dev(self, "%s\n", e.what());
    }
    remove_display(sc->display->get());
    delete sc->display;
    sc->display = nullptr;
  }
  pmf_device_deregister(self);
  return 0;
}

int modcmd(modcmd_t command, void* /*data*/) {
  switch (command) {
    case MODULE_CMD_INIT:
      return attach_switch();
    case MODULE_CMD_FINI:
      forget_console();
      detach_switch();
      return 0;
    default:
      return ENOTTY;
  }
}

CFATTACH_DECL_NEW(wsdisplay_emul, sizeof(wsdisplay_softc), emul_match, emul_attach, detach,
                  nullptr);
CFATTACH_DECL_NEW(wsdisplay_noemul, sizeof(wsdisplay_softc), noemul_match, noemul_attach, detach,
                  nullptr);
CFDRIVER_DECL(wsdisplay, DV_TTY, nullptr);

cfdriver* const drivers[] = {&wsdisplay_cd, nullptr};
cfattach* const attachments[] = {&wsdisplay_emul_ca, &wsdisplay_noemul_ca, nullptr};
const cfattachinit attach_table[] = {{"wsdisplay", attachments}, {nullptr, nullptr}};
int emul_locators[] = {-1, 1};
int noemul_locators[] = {1};
const cfparent at_emul = {"wsemuldisplaydev", nullptr, DVUNIT_ANY};
const cfparent at_noemul = {"wsdisplaydev", nullptr, DVUNIT_ANY};
cfdata table[] = {
    {"wsdisplay", "wsdisplay_emul", 0, FSTATE_STAR, emul_locators, 0, &at_emul},
    {"wsdisplay", "wsdisplay_noemul", 0, FSTATE_STAR, noemul_locators, 0, &at_noemul},
    {nullptr, nullptr, 0, 0, nullptr, 0, nullptr},
};
const modinfo module_info = {__NetBSD_Version__, MODULE_CLASS_DRIVER, modcmd, "wsdisplay", nullptr};
const modinfo* const modules[] = {&module_info};

const pupci_ioconf ioconf = {.abi = PUPCI_IOCONF_ABI,
                             .size = sizeof(pupci_ioconf),
                             .name = "wsdisplay",
                             .cfdrivers = drivers,
                             .cfattachinit = attach_table,
                             .cfdata = table,
                             .modules_start = modules,
                             .modules_end = modules + 1};

}  // namespace

namespace pupci::wscons {

const pupci_ioconf* wsdisplay_ioconf() noexcept {
  return &ioconf;
}

}  // namespace pupci::wscons
