// SPDX-License-Identifier: BSD-2-Clause
// autoconf(9): how devices go.
#include <thread>

#include "autoconf_support.h"
#include "expect_violation.h"
#include "kern/track.h"
#include "kern_support.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

Behaviour parent_of(int children) {
  return {.attach = [children](device_t, device_t self, void*) {
    for (int i = 0; i < children; i++) find_child(self, i);
  }};
}

// bus0 -> hub0 -> leaf0, leaf1; hub1 -> leaf2, leaf3
struct Tree : Drivers {
  explicit Tree(Behaviour leaf = {}) {
    driver("bus", parent_of(2)).driver("hub", parent_of(2)).driver("leaf", std::move(leaf));
    at("bus", "", {}, 0, FSTATE_NOTFOUND).at("hub", "bus").at("leaf", "hub");
    load();
    top = root("bus");
    journal().clear();
  }
  device_t top;
};

TEST(Detach, ChildrenGoFirstNewestFirst) {
  Tree tree;
  const Console console;
  EXPECT_EQ(config_detach(tree.top, 0), 0);
  EXPECT_THAT(journal(),
              ElementsAre("detach bus0",  //
                          "detach hub1", "detach leaf3", "childdetached hub1 leaf3", "detach leaf2",
                          "childdetached hub1 leaf2",
                          "childdetached bus0 hub1",  //
                          "detach hub0", "detach leaf1", "childdetached hub0 leaf1", "detach leaf0",
                          "childdetached hub0 leaf0", "childdetached bus0 hub0"));
  EXPECT_EQ(console.text(),
            "leaf3: detached\nleaf2: detached\nhub1: detached\nleaf1: detached\nleaf0: detached\n"
            "hub0: detached\nbus0: detached\n");
  EXPECT_THAT(autoconf_tree(), IsEmpty());
}

TEST(Detach, QuietSaysNothing) {
  Tree tree;
  const Console console;
  EXPECT_EQ(config_detach(device_find_by_xname("leaf0"), DETACH_QUIET), 0);
  EXPECT_EQ(console.text(), "");
}

TEST(Detach, RefusalLeavesEverythingAsItWas) {
  bool refuse = true;
  Tree tree({.detach = [&](device_t, int) { return refuse ? EBUSY : 0; }});
  EXPECT_EQ(config_detach(tree.top, 0), EBUSY);
  EXPECT_EQ(autoconf_tree().size(), 7u);
  EXPECT_TRUE(device_is_active(tree.top));
  EXPECT_EQ(config_detach_children(device_find_by_xname("hub0"), 0), EBUSY);
  refuse = false;
  EXPECT_EQ(config_detach_children(device_find_by_xname("hub0"), 0), 0);
  EXPECT_EQ(autoconf_tree().size(), 5u);
}

TEST(Detach, WithoutADetachFunctionIsNotSupported) {
  Tree tree({.has_detach = false});
  EXPECT_EQ(config_detach(device_find_by_xname("leaf0"), 0), EOPNOTSUPP);
}

TEST(Detach, ShutdownAsksOnlyThoseWhoSaySo) {
  Drivers drivers;
  drivers.driver("bus", {.flags = DVF_DETACH_SHUTDOWN}).driver("leaf");
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  const device_t root = drivers.root("bus");
  const device_t leaf = find_child(root, 0);
  EXPECT_EQ(config_detach(leaf, DETACH_SHUTDOWN), EOPNOTSUPP);
  EXPECT_EQ(config_detach(leaf, 0), 0);
  EXPECT_TRUE(config_detach_all(0));
  EXPECT_FALSE(config_detach_all(0));
}

TEST(DetachDeathTest, ForcedRefusalPanics) {
  Tree tree({.detach = [](device_t, int flags) { return (flags & DETACH_FORCE) != 0 ? EIO : 0; }});
  EXPECT_VIOLATION(config_detach(device_find_by_xname("leaf0"), DETACH_FORCE),
                   "forced detach of leaf0 failed \\(Input/output error\\)");
}

TEST(DetachDeathTest, ChildrenLeftBehindPanic) {
  Drivers drivers;
  drivers.driver("bus", {.detach = [](device_t, int) { return 0; }}).driver("leaf");
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  const device_t root = drivers.root("bus");
  const device_t leaf = find_child(root, 0);
  EXPECT_VIOLATION(config_detach(root, 0), "detached device bus0 has children leaf0");
  config_detach(leaf, 0);
}

TEST(DetachDeathTest, CommittedDetachMustNotFail) {
  Tree tree({.detach = [](device_t self, int) {
    config_detach_commit(self);
    return EBUSY;
  }});
  EXPECT_VIOLATION(config_detach(device_find_by_xname("leaf0"), 0),
                   "leaf0 refused .* after config_detach_commit");
  EXPECT_VIOLATION(config_detach_commit(tree.top), "bus0 is not in its detach function");
}

TEST(Detach, DeactivateReachesAllBelowParentsFirst) {
  Tree tree;
  EXPECT_EQ(config_deactivate(device_find_by_xname("hub1")), 0);
  EXPECT_THAT(journal(), ElementsAre("deactivate hub1", "deactivate leaf2", "deactivate leaf3"));
  EXPECT_FALSE(device_is_active(device_find_by_xname("leaf2")));
  EXPECT_FALSE(device_is_enabled(device_find_by_xname("hub1")));
  EXPECT_FALSE(device_has_power(device_find_by_xname("hub1")));
  EXPECT_TRUE(device_is_active(device_find_by_xname("leaf0")));
  journal().clear();
  EXPECT_EQ(config_deactivate(device_find_by_xname("hub1")), 0);
  EXPECT_THAT(journal(), IsEmpty());
}

TEST(Detach, DeactivateThatFailsLeavesTheDeviceActive) {
  Tree tree({.deactivate = [](device_t) { return EOPNOTSUPP; }});
  EXPECT_EQ(config_deactivate(device_find_by_xname("leaf0")), EOPNOTSUPP);
  EXPECT_TRUE(device_is_active(device_find_by_xname("leaf0")));
}

TEST(Detach, WaitsForWhoHoldsTheDevice) {
  static Event committed;
  Tree tree({.detach = [](device_t self, int) {
    config_detach_commit(self);
    committed.set();
    return 0;
  }});
  cfdriver* leaf = tree.driver_of("leaf");
  const device_t held = device_lookup_acquire(leaf, 1);
  ASSERT_NE(held, nullptr);
  std::thread detacher([&] { EXPECT_EQ(config_detach(held, 0), 0); });
  committed.wait();
  // It waits for us; from now on nobody else can take hold of it.
  EXPECT_EQ(device_lookup_acquire(leaf, 1), nullptr);
  EXPECT_EQ(device_lookup(leaf, 1), held);
  device_release(held);
  detacher.join();
  EXPECT_EQ(device_lookup(leaf, 1), nullptr);
}

TEST(Detach, WhoLooksUpDuringARefusedDetachWaitsForIt) {
  static Event inside;
  static Event go_on;
  Tree tree({.detach = [](device_t, int flags) {
    if ((flags & DETACH_FORCE) != 0) return 0;
    inside.set();
    const unsigned holds = kernel_unlock_all();
    go_on.wait();
    kernel_lock(holds);
    return EBUSY;
  }});
  const device_t dev = device_find_by_xname("leaf0");
  std::thread detacher([&] { EXPECT_EQ(config_detach(dev, 0), EBUSY); });
  inside.wait();
  std::thread finder([&] {
    EXPECT_EQ(device_lookup_acquire(tree.driver_of("leaf"), 0), dev);
    device_release(dev);
  });
  go_on.set();
  detacher.join();
  finder.join();
}

TEST(DetachDeathTest, WaitingForOneselfIsFound) {
  // In the process that dies: the tree's own end would run the detach function once more.
  const auto detach_oneself = [] {
    Tree tree({.detach = [](device_t self, int flags) { return config_detach(self, flags); }});
    config_detach(device_find_by_xname("leaf0"), 0);
  };
  EXPECT_VIOLATION(detach_oneself(), "config_detach: leaf0 waits for its own attach or detach");
}

TEST(DetachDeathTest, WaitingForOnesOwnDetachIsFound) {
  const auto look_oneself_up = [] {
    Tree tree({.detach = [](device_t self, int) {
      device_lookup_acquire(device_cfdriver(self), device_unit(self));
      return 0;
    }});
    config_detach(device_find_by_xname("leaf0"), 0);
  };
  EXPECT_VIOLATION(look_oneself_up(),
                   "device_lookup_acquire: leaf0 waits for its own attach or detach");
}

// As virtio(4) does with its child: the parent's detach function asks for it again.
TEST(Detach, WhatHasNoDetachFunctionAnswersEopnotsuppToItsParent) {
  std::vector<int> answers;
  device_t leaf = nullptr;
  Drivers drivers;
  drivers
      .driver("bus", {.attach = [&](device_t, device_t self, void*) { leaf = find_child(self, 0); },
                      .detach =
                          [&](device_t, int flags) {
                            answers.push_back(config_detach(leaf, flags));
                            return answers.back();
                          }})
      .driver("leaf", {.has_detach = false});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  drivers.root("bus");
  drivers.unload();
  EXPECT_THAT(answers, ElementsAre(EOPNOTSUPP));
}

TEST(DetachDeathTest, ReleasingWhatIsNotHeldIsFound) {
  Tree tree;
  EXPECT_VIOLATION(device_release(tree.top), "device_release: bus0 is not held");
}

TEST(Detach, IterationSkipsWhatGoesMeanwhile) {
  Tree tree;
  deviter_t di;
  std::vector<std::string> seen;
  for (device_t d = deviter_first(&di, DEVITER_F_ROOT_FIRST); d != nullptr; d = deviter_next(&di)) {
    seen.emplace_back(device_xname(d));
    if (seen.back() == "hub0") {
      EXPECT_EQ(config_detach(d, 0), 0);
      EXPECT_STREQ(device_xname(d), "hub0");  // kept while the iteration lasts
    }
  }
  deviter_release(&di);
  EXPECT_THAT(seen, ElementsAre("bus0", "hub0", "hub1", "leaf2", "leaf3"));
  seen.clear();
  deviter_init(&di, DEVITER_F_LEAVES_FIRST);
  while (const device_t d = deviter_next(&di)) seen.emplace_back(device_xname(d));
  deviter_release(&di);
  EXPECT_THAT(seen, ElementsAre("leaf2", "leaf3", "hub1", "bus0"));
}

TEST(Detach, DetachAllTakesEverythingAndNamesWhoRefused) {
  const Console console;
  Tree tree({.detach = [](device_t self, int) { return device_unit(self) == 1 ? EBUSY : 0; }});
  const auto report = autoconf_detach_all();
  EXPECT_THAT(report,
              ElementsAre("leaf1: its driver refused to detach it: Device or resource busy",
                          "hub0: its driver refused to detach it: Operation not supported",
                          "bus0: its driver refused to detach it: Operation not supported"));
  EXPECT_THAT(console.text(), HasSubstr(report[0]));
  EXPECT_THAT(autoconf_tree(), IsEmpty());
}

TEST(Detach, DetachAllTellsABusOfChildrenThatStay) {
  Drivers drivers;
  Behaviour bus = parent_of(1);
  bus.detach = [](device_t self, int flags) { return config_detach_children(self, flags); };
  drivers.driver("bus", std::move(bus)).driver("leaf", {.has_detach = false});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  drivers.root("bus");
  EXPECT_THAT(autoconf_detach_all(),
              ElementsAre("leaf0: its driver has no detach function",
                          "bus0: its driver refused to detach it: Operation not supported"));
  EXPECT_THAT(autoconf_tree(), IsEmpty());
}

TEST(Detach, DetachAllRunsShutdownHooksOfWhatCannotBeDetached) {
  Drivers drivers;
  drivers.driver("bus", {.attach =
                             [](device_t, device_t self, void*) {
                               pmf_device_register1(self, nullptr, nullptr, [](device_t dev, int) {
                                 note(std::string("shutdown ") + device_xname(dev));
                                 return true;
                               });
                             },
                         .has_detach = false});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  drivers.root("bus");
  EXPECT_THAT(autoconf_detach_all(), ElementsAre("bus0: its driver has no detach function"));
  EXPECT_THAT(journal(), ElementsAre("attach bus0", "shutdown bus0"));
}

TEST(Detach, LeaksAreNamed) {
  static int resource = 0;
  const Console console;
  Drivers drivers;
  drivers.driver("bus", {.attach = [](device_t, device_t, void*) {
                   track(Kind::callout, &resource, 0,
                         reinterpret_cast<const char*>(&find_child) + 1);
                 }});
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  drivers.root("bus");
  const auto report = autoconf_detach_all();
  ASSERT_EQ(report.size(), 1u);
  EXPECT_THAT(report[0], HasSubstr("bus0: leaked"));
  EXPECT_THAT(report[0], HasSubstr("callout"));
  EXPECT_THAT(report[0], HasSubstr("find_child"));
  EXPECT_THAT(console.text(), HasSubstr(report[0]));
  EXPECT_FALSE(untrack(Kind::callout, &resource));
}

}  // namespace
