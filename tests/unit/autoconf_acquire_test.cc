// SPDX-License-Identifier: BSD-2-Clause
// autoconf(9): devices that are held from the moment they are found, pseudo devices, and the
// less used ways to search and to attach.
#include <thread>

#include "autoconf_support.h"
#include "kern/lwp.h"
#include "kern_support.h"

using namespace pupci::kern;
using namespace pupci::kern::test;

namespace {

Drivers& bus_with_leaves(Drivers& drivers) {
  return drivers.driver("bus")
      .driver("leaf")
      .at("bus", "", {}, 0, FSTATE_NOTFOUND)
      .at("leaf", "bus");
}

// Detaching waits until the last who holds the device has released it.
void expect_held_until(device_t held, const std::function<void()>& release) {
  Event begun;
  Event done;
  std::thread detacher([&] {
    begun.set();
    EXPECT_EQ(config_detach(held, 0), 0);
    done.set();
  });
  begun.wait();
  EXPECT_FALSE(done.is_set());
  EXPECT_TRUE(device_is_attached(held)) << "it cannot go while it is held";
  release();
  detacher.join();
}

TEST(AutoconfAcquire, WhatIsFoundIsHeld) {
  Drivers drivers;
  bus_with_leaves(drivers).load();
  const device_t root = drivers.root("bus");
  Found found{1};
  const device_t leaf = config_found_acquire(root, &found, print_found, CFARGS_NONE);
  ASSERT_NE(leaf, nullptr);
  expect_held_until(leaf, [&] { device_release(leaf); });
  EXPECT_EQ(device_find_by_xname("leaf0"), nullptr);
}

TEST(AutoconfAcquire, WhatIsAttachedIsHeldAndDetachingReleasesIt) {
  Drivers drivers;
  bus_with_leaves(drivers).load();
  const device_t root = drivers.root("bus");
  Found found{1};
  const cfdata_t entry = config_search(root, &found, CFARGS_NONE);
  ASSERT_NE(entry, nullptr);
  EXPECT_STREQ(cfdata_ifattr(entry), "slot");
  const device_t leaf = config_attach_acquire(root, entry, &found, print_found, CFARGS_NONE);
  ASSERT_NE(leaf, nullptr);
  EXPECT_EQ(config_detach_release(leaf, 0), 0) << "its own reference is no hindrance";
  EXPECT_EQ(device_find_by_xname("leaf0"), nullptr);
}

TEST(AutoconfAcquire, WhatIsLookedUpIsHeldAsOftenAsItWas) {
  Drivers drivers;
  bus_with_leaves(drivers).load();
  const device_t root = drivers.root("bus");
  const device_t leaf = find_child(root, 1);
  EXPECT_EQ(device_find_by_driver_unit_acquire("leaf", 1), nullptr);
  EXPECT_EQ(device_find_by_driver_unit_acquire("noleaf", 0), nullptr);
  EXPECT_EQ(device_find_by_driver_unit_acquire("leaf", 0), leaf);
  device_acquire(leaf);
  device_release(leaf);
  expect_held_until(leaf, [&] { device_release(leaf); });
}

TEST(AutoconfSearch, RootsAndAttributesByName) {
  Drivers drivers;
  bus_with_leaves(drivers).load();
  const cfdata_t root = config_rootsearch(nullptr, "bus", nullptr);
  ASSERT_NE(root, nullptr);
  EXPECT_STREQ(root->cf_name, "bus");
  EXPECT_EQ(cfdata_ifattr(root), nullptr);
  EXPECT_EQ(config_rootsearch(nullptr, "leaf", nullptr), nullptr) << "it attaches at a bus only";
  const cfsubmatch_t nobody = [](device_t, cfdata_t, const int*, void*) { return 0; };
  EXPECT_EQ(config_rootsearch(nobody, "bus", nullptr), nullptr);
  const cfiattrdata* attribute = cfiattr_lookup("slot", drivers.driver_of("bus"));
  ASSERT_NE(attribute, nullptr);
  EXPECT_STREQ(attribute->ci_name, "slot");
  EXPECT_EQ(cfiattr_lookup("socket", drivers.driver_of("bus")), nullptr);
}

TEST(AutoconfPseudo, AttachesWithoutAParentAndDetaches) {
  Drivers drivers;
  device_t seen = nullptr;
  drivers.driver("pseudo", {.attach =
                                [&](device_t parent, device_t self, void*) {
                                  EXPECT_EQ(parent, nullptr);
                                  if (seen == nullptr) seen = self;
                                },
                            .softc_size = 0});
  drivers.load();
  cfdata entry{};
  entry.cf_name = "pseudo";
  entry.cf_atname = "pseudo";
  entry.cf_unit = 3;
  entry.cf_fstate = FSTATE_STAR;
  const device_t made = config_attach_pseudo(&entry);
  ASSERT_NE(made, nullptr);
  EXPECT_EQ(made, seen);
  EXPECT_STREQ(device_xname(made), "pseudo3");
  EXPECT_EQ(device_parent(made), nullptr);
  EXPECT_TRUE(device_is_attached(made));
  static int own = 0;
  device_set_private(made, &own);
  EXPECT_EQ(device_private(made), &own);
  const device_t second = config_attach_pseudo_acquire(&entry, nullptr);
  ASSERT_NE(second, nullptr);
  EXPECT_STREQ(device_xname(second), "pseudo4") << "the next that is free";
  EXPECT_EQ(config_detach_release(second, 0), 0);
  EXPECT_EQ(config_detach(made, 0), 0);
}

}  // namespace
