// SPDX-License-Identifier: BSD-2-Clause
// autoconf(9): what drivers put off during attach.
#include <thread>

#include "autoconf_support.h"
#include "expect_violation.h"
#include "kern_support.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using testing::ElementsAre;

namespace {

void deferred(device_t self) {
  note(std::string("deferred ") + device_xname(self));
}
void interrupts(device_t self) {
  note(std::string("interrupts ") + device_xname(self));
}
void mountroot(device_t self) {
  note(std::string("mountroot ") + device_xname(self));
}

Behaviour parent_of(int children) {
  return {.attach = [children](device_t, device_t self, void*) {
    for (int i = 0; i < children; i++) find_child(self, i);
    note(std::string("attached ") + device_xname(self));
  }};
}

TEST(Deferral, ConfigDeferWaitsForTheEndOfTheParentsAttach) {
  Drivers drivers;
  drivers.driver("bus", parent_of(2)).driver("leaf", {.attach = [](device_t, device_t self, void*) {
                                               config_defer(self, deferred);
                                             }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  drivers.root("bus");
  EXPECT_THAT(journal(), ElementsAre("attach bus0", "attach leaf0", "attach leaf1", "attached bus0",
                                     "deferred leaf0", "deferred leaf1"));
}

TEST(Deferral, ConfigDeferOfANestedChildRunsBeforeTheGrandparentHasAttached) {
  Drivers drivers;
  drivers.driver("bus", parent_of(1))
      .driver("hub", parent_of(1))
      .driver("leaf",
              {.attach = [](device_t, device_t self, void*) { config_defer(self, deferred); }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("hub", "bus").at("leaf", "hub");
  drivers.load();
  drivers.root("bus");
  EXPECT_THAT(journal(), ElementsAre("attach bus0", "attach hub0", "attach leaf0", "attached hub0",
                                     "deferred leaf0", "attached bus0"));
}

TEST(Deferral, ConfigDeferUnderAParentThatHasAttachedRunsAtOnce) {
  Drivers drivers;
  drivers.driver("bus").driver("leaf", {.attach = [](device_t, device_t self, void*) {
                                 config_defer(self, deferred);
                                 note("end");
                               }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  const device_t root = drivers.root("bus");
  journal().clear();
  find_child(root, 0);
  EXPECT_THAT(journal(), ElementsAre("attach leaf0", "deferred leaf0", "end"));
}

TEST(Deferral, BootRunsInterruptsThenFinalizersThenMountroot) {
  static int rounds = 0;
  rounds = 0;
  Drivers drivers;
  drivers.driver("bus", parent_of(2)).driver("leaf", {.attach = [](device_t, device_t self, void*) {
                                               config_mountroot(self, mountroot);
                                               config_finalize_register(self, [](device_t dev) {
                                                 note(std::string("finalize ") + device_xname(dev));
                                                 return rounds++ == 0 ? 1 : 0;
                                               });
                                               config_interrupts(self, interrupts);
                                             }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  {
    const KernelLock kernel;
    autoconf_begin();
    config_rootfound("bus", nullptr);
    note("tree attached");
    autoconf_enable_interrupts();
    note("interrupts work");
    autoconf_finish();
  }
  EXPECT_THAT(
      journal(),
      ElementsAre("attach bus0", "attach leaf0", "attach leaf1", "attached bus0", "tree attached",
                  "interrupts leaf0", "interrupts leaf1", "interrupts work",
                  // The first round did something, so there is a second one, of all.
                  "finalize leaf0", "finalize leaf1", "finalize leaf0", "finalize leaf1",
                  "mountroot leaf0", "mountroot leaf1"));
}

TEST(Deferral, AfterBootNothingWaits) {
  Drivers drivers;
  drivers.driver("bus").driver("leaf", {.attach = [](device_t, device_t self, void*) {
                                 config_interrupts(self, interrupts);
                                 config_mountroot(self, mountroot);
                                 static int left = 2;
                                 config_finalize_register(self, [](device_t) {
                                   note("finalize");
                                   return --left;
                                 });
                                 note("end");
                               }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  const device_t root = drivers.root("bus");
  journal().clear();
  find_child(root, 0);
  EXPECT_THAT(journal(), ElementsAre("attach leaf0", "interrupts leaf0", "mountroot leaf0",
                                     "finalize", "finalize", "end"));
}

TEST(Deferral, InterruptsFunctionMayFindChildrenThatDeferToo) {
  Drivers drivers;
  drivers
      .driver("bus", {.attach =
                          [](device_t, device_t self, void*) {
                            config_interrupts(self, [](device_t dev) { find_child(dev, 0); });
                          }})
      .driver("leaf", {.attach = [](device_t, device_t self, void*) {
                config_interrupts(self, interrupts);
              }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  {
    const KernelLock kernel;
    autoconf_begin();
    config_rootfound("bus", nullptr);
    autoconf_enable_interrupts();
    autoconf_finish();
  }
  EXPECT_THAT(journal(), ElementsAre("attach bus0", "attach leaf0", "interrupts leaf0"));
}

TEST(Deferral, FinishWaitsForWhatIsPending) {
  static Event may_go_on;
  static std::thread worker;
  Drivers drivers;
  drivers.driver("bus", {.attach = [](device_t, device_t self, void*) {
                   config_pending_incr(self);
                   worker = std::thread([self] {
                     may_go_on.wait();
                     // The kernel lock is free while the boot waits.
                     const KernelLock kernel;
                     note("slow part done");
                     config_pending_decr(self);
                   });
                 }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  {
    const KernelLock kernel;
    autoconf_begin();
    config_rootfound("bus", nullptr);
    autoconf_enable_interrupts();
    may_go_on.set();
    autoconf_finish();
    note("up");
  }
  worker.join();
  EXPECT_THAT(journal(), ElementsAre("attach bus0", "slow part done", "up"));
}

TEST(Deferral, WhatADetachedDeviceDeferredIsForgotten) {
  Drivers drivers;
  drivers.driver(
      "bus", {.attach = [](device_t, device_t self, void*) { config_mountroot(self, mountroot); }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  const KernelLock kernel;
  autoconf_begin();
  const device_t root = config_rootfound("bus", nullptr);
  EXPECT_EQ(config_detach(root, 0), 0);
  autoconf_enable_interrupts();
  autoconf_finish();
  EXPECT_THAT(journal(), ElementsAre("attach bus0", "detach bus0"));
}

TEST(DeferralDeathTest, DeferringTwiceAndUnbalancedPendingAreFound) {
  Drivers drivers;
  drivers.driver("bus").at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  const device_t root = drivers.root("bus");
  EXPECT_VIOLATION(config_pending_decr(root), "config_pending_decr: bus0 has nothing pending");
  EXPECT_VIOLATION(config_defer(root, deferred), "config_defer: bus0 has no parent to wait for");
  EXPECT_VIOLATION(
      {
        autoconf_begin();
        config_interrupts(root, interrupts);
        config_interrupts(root, interrupts);
      },
      "config_interrupts: bus0 has deferred already");
}

}  // namespace
