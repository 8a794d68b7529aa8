// SPDX-License-Identifier: BSD-2-Clause
// Who says that attach or detach hangs, and where.
#include "kern/watchdog.h"

#include <atomic>
#include <thread>

#include "autoconf_support.h"
#include "kern_support.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using namespace std::chrono_literals;
using testing::HasSubstr;

namespace {

std::atomic<bool> go_on{false};

__attribute__((noinline)) void hang_here() {
  while (!go_on) std::this_thread::sleep_for(1ms);
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

TEST(Watchdog, NamesTheDeviceAndTheFunctionThatHangs) {
  Hang seen;
  Event reported;
  set_attach_timeout(20ms, [&](const Hang& hang) {
    seen = hang;
    go_on = true;
    reported.set();
  });
  go_on = false;
  Drivers drivers;
  drivers.driver("bus", {.attach = [](device_t, device_t, void*) { hang_here(); }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  drivers.root("bus");
  reported.wait();
  set_attach_timeout(0ms);
  EXPECT_EQ(seen.device, "bus0");
  EXPECT_EQ(seen.what, "attach");
  EXPECT_GE(seen.duration, 20ms);
  EXPECT_THAT(joined(seen.backtrace), HasSubstr("hang_here"));
  EXPECT_THAT(to_string(seen), HasSubstr("bus0: attach has not ended after 0.0"));
}

TEST(Watchdog, BlamesTheChildNotTheBus) {
  Hang seen;
  Event reported;
  set_attach_timeout(20ms, [&](const Hang& hang) {
    if (hang.what == "detach") seen = hang;
    go_on = true;
    reported.set();
  });
  Drivers drivers;
  drivers.driver("bus", {.attach = [](device_t, device_t self, void*) { find_child(self, 0); }})
      .driver("leaf", {.detach = [](device_t, int) {
                hang_here();
                return 0;
              }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  const device_t root = drivers.root("bus");
  go_on = false;
  EXPECT_EQ(config_detach(root, 0), 0);
  reported.wait();
  set_attach_timeout(0ms);
  EXPECT_EQ(seen.device, "leaf0");
}

TEST(Watchdog, PendingThatNobodyEndsIsAHangToo) {
  Hang seen;
  Event reported;
  static device_t pending = nullptr;
  set_attach_timeout(20ms, [&](const Hang& hang) {
    seen = hang;
    config_pending_decr(pending);
    reported.set();
  });
  Drivers drivers;
  drivers.driver("bus", {.attach = [](device_t, device_t self, void*) {
                   pending = self;
                   config_pending_incr(self);
                 }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  {
    const KernelLock kernel;
    autoconf_begin();
    config_rootfound("bus", nullptr);
    autoconf_enable_interrupts();
    autoconf_finish();
  }
  reported.wait();
  set_attach_timeout(0ms);
  EXPECT_EQ(seen.device, "bus0");
  EXPECT_THAT(seen.what, HasSubstr("config_pending_incr"));
}

TEST(WatchdogDeathTest, WithoutAHandlerTheProcessEndsWithAMessage) {
  EXPECT_EXIT(
      {
        set_attach_timeout(20ms);
        const Activity activity("edu0", "attach");
        go_on = false;
        hang_here();
      },
      testing::ExitedWithCode(3), "pupci: edu0: attach has not ended after");
}

}  // namespace
