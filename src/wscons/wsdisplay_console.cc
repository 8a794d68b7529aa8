// SPDX-License-Identifier: BSD-2-Clause
// wsdisplay_cnattach() and its kin: the console before and beside its wsdisplay.
#include <exception>
#include <mutex>
#include <string>

#include "kern/console.h"
#include "netbsd/dev/wscons/wsdisplayvar.h"
#include "netbsd/sys/systm.h"
#include "wscons/console.h"

namespace pupci::wscons {
namespace {

struct Console {
  std::mutex mutex;
  std::shared_ptr<Service> service;
  std::shared_ptr<Screen> screen;
  bool owned = false;
};

Console& console() {
  static auto& the = *new Console;
  return the;
}

// Messages come from any context, so the service's thread draws them.
void post_text(Service& service, const std::shared_ptr<Screen>& screen, std::string_view text) {
  service.post([screen, copy = std::string(text)] { screen->terminal().write_message(copy); });
}

void attach_console(const wsscreen_descr* type, void* cookie, int column, int row, long attribute) {
  forget_console();
  auto service = Service::get();
  auto screen = std::make_shared<Screen>(service, type, cookie, row, column, attribute);
  service->post([service = service.get(), screen] { service->add(screen.get()); });
  Console& the = console();
  {
    const std::scoped_lock lock(the.mutex);
    the.service = service;
    the.screen = screen;
    the.owned = false;
  }
  // The references last as long as the tap: forget_console() takes it out first.
  kern::set_console_tap([service = service.get(), screen](std::string_view text) {
    post_text(*service, screen, text);
  });
}

// Ends the console, whoever owns its screen.
void drop(std::shared_ptr<Service>& service, std::shared_ptr<Screen>& screen, bool owned) {
  kern::set_console_tap({});
  if (!owned) {
    service->call([&] { service->remove(screen.get()); });
  } else {
    service->call([] {});  // messages that are on their way keep the screen
  }
}

}  // namespace

std::shared_ptr<Screen> take_console() {
  Console& the = console();
  const std::scoped_lock lock(the.mutex);
  if (!the.screen || the.owned) return nullptr;
  the.owned = true;
  return the.screen;
}

void release_console(const Screen* screen) {
  {
    Console& the = console();
    const std::scoped_lock lock(the.mutex);
    if (the.screen.get() != screen) return;
  }
  forget_console();
}

void forget_console() {
  std::shared_ptr<Service> service;
  std::shared_ptr<Screen> screen;
  bool owned = false;
  {
    Console& the = console();
    const std::scoped_lock lock(the.mutex);
    service = std::move(the.service);
    screen = std::move(the.screen);
    owned = the.owned;
    the.owned = false;
  }
  if (screen) drop(service, screen, owned);
}

void console_text(std::string_view text) {
  std::shared_ptr<Service> service;
  std::shared_ptr<Screen> screen;
  {
    Console& the = console();
    const std::scoped_lock lock(the.mutex);
    service = the.service;
    screen = the.screen;
  }
  if (screen) post_text(*service, screen, text);
}

bool console_text_on(const void* cookie, std::string_view text) {
  std::shared_ptr<Service> service;
  std::shared_ptr<Screen> screen;
  {
    Console& the = console();
    const std::scoped_lock lock(the.mutex);
    if (!the.screen || the.screen->cookie() != cookie) return false;
    service = the.service;
    screen = the.screen;
  }
  post_text(*service, screen, text);
  return true;
}

}  // namespace pupci::wscons

using namespace pupci::wscons;

void wsdisplay_cnattach(const wsscreen_descr* type, void* cookie, int column, int row,
                        long attribute) {
  try {
    attach_console(type, cookie, column, row, attribute);
  } catch (const std::exception& e) {
    aprint_error("wsdisplay_cnattach: %s\n", e.what());
  }
}

void wsdisplay_preattach(const wsscreen_descr* type, void* cookie, int column, int row,
                         long attribute) {
  wsdisplay_cnattach(type, cookie, column, row, attribute);
}

void wsdisplay_cndetach() {
  try {
    forget_console();
  } catch (const std::exception& e) {
    aprint_error("wsdisplay_cndetach: %s\n", e.what());
  }
}

void wsdisplay_cnputc(dev_t /*dev*/, int character) {
  const char text = static_cast<char>(character);
  try {
    console_text({&text, 1});
  } catch (const std::exception& e) {
    aprint_error("wsdisplay_cnputc: %s\n", e.what());
  }
}
