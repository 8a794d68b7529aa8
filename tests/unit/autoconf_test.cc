// SPDX-License-Identifier: BSD-2-Clause
// autoconf(9): attach, messages, locators, unit numbers, rescan.
#include "autoconf_support.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

TEST(Autoconf, AttachesAndPrintsAsNetbsdDoes) {
  const Console console;
  Drivers drivers;
  drivers.driver("bus", {.attach = [](device_t, device_t self, void*) { find_child(self, 7); }})
      .driver("leaf")
      .at("bus", "", {}, 0, FSTATE_NOTFOUND)
      .at("leaf", "bus");
  drivers.load();
  const device_t root = drivers.root("bus");
  ASSERT_NE(root, nullptr);
  EXPECT_STREQ(device_xname(root), "bus0");
  EXPECT_EQ(console.text(), "bus0 (root)\nleaf0 at bus0 kind 7\n");
}

TEST(Autoconf, PrintsWhatNobodyDrives) {
  const Console console;
  Drivers drivers;
  drivers
      .driver("bus", {.attach = [](device_t, device_t self,
                                   void*) { EXPECT_EQ(find_child(self, 3), nullptr); }})
      .at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  drivers.root("bus");
  EXPECT_EQ(console.text(), "bus0 (root)\nthing at bus0 kind 3 not configured\n");
}

int quiet(void*, const char* parent) {
  if (parent != nullptr) console_write(Message::normal, "asked");
  return QUIET;
}
int unsupported(void*, const char*) {
  return UNSUPP;
}

TEST(Autoconf, PrintFunctionDecidesWhatIsSaidOfTheUnconfigured) {
  const Console console;
  Drivers drivers;
  drivers.driver("bus").at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  const device_t root = drivers.root("bus");
  EXPECT_EQ(config_found(root, nullptr, quiet), nullptr);
  EXPECT_EQ(config_found(root, nullptr, unsupported, CFARGS_NONE), nullptr);
  EXPECT_EQ(config_found(root, nullptr, nullptr), nullptr);
  EXPECT_THAT(console.text(), testing::EndsWith("\nasked unsupported\n"));
}

TEST(Autoconf, RootThatIsNotThereIsSaid) {
  const Console console;
  Drivers drivers;
  drivers.driver("bus").at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  EXPECT_EQ(drivers.root("nobus"), nullptr);
  EXPECT_THAT(console.text(), HasSubstr("root device nobus not configured"));
}

TEST(Autoconf, DeviceKnowsWhatItIs) {
  Drivers drivers;
  const int where[] = {4, 2};
  drivers
      .driver("bus",
              {.attach = [&](device_t, device_t self, void*) { find_child(self, 1, where); }})
      .driver("leaf", {.attach =
                           [](device_t parent, device_t self, void* aux) {
                             EXPECT_EQ(static_cast<Found*>(aux)->kind, 1);
                             EXPECT_EQ(device_parent(self), parent);
                             EXPECT_FALSE(device_is_attached(self));
                             EXPECT_TRUE(device_is_active(self));
                             for (unsigned i = 0; i < 64; i++) {
                               EXPECT_EQ(static_cast<char*>(device_private(self))[i], 0);
                             }
                           },
                       .softc_size = 64})
      .at("bus", "", {}, 0, FSTATE_NOTFOUND)
      .at("leaf", "*", {-1, 2});
  drivers.load();
  const device_t root = drivers.root("bus");
  const device_t leaf = device_find_by_xname("leaf0");
  ASSERT_NE(leaf, nullptr);
  EXPECT_EQ(device_parent(leaf), root);
  EXPECT_EQ(device_parent(root), nullptr);
  EXPECT_EQ(device_unit(leaf), 0);
  EXPECT_TRUE(device_is_a(leaf, "leaf"));
  EXPECT_FALSE(device_is_a(leaf, "bus"));
  EXPECT_FALSE(device_is_a(nullptr, "bus"));
  EXPECT_TRUE(device_attached_to_iattr(leaf, "slot"));
  EXPECT_FALSE(device_attached_to_iattr(root, "slot"));
  EXPECT_EQ(device_locator(leaf, 0), 4);
  EXPECT_EQ(device_locator(leaf, 1), 2);
  EXPECT_EQ(device_class(leaf), DV_DULL);
  EXPECT_TRUE(device_is_attached(leaf));
  EXPECT_TRUE(device_has_power(leaf));
  EXPECT_EQ(device_cfdriver(leaf), drivers.driver_of("leaf"));
  EXPECT_STREQ(device_cfattach(leaf)->ca_name, "leaf");
  EXPECT_STREQ(device_cfdata(leaf)->cf_name, "leaf");
  EXPECT_EQ(device_lookup(drivers.driver_of("leaf"), 0), leaf);
  EXPECT_EQ(device_lookup(drivers.driver_of("leaf"), 1), nullptr);
  EXPECT_EQ(device_lookup(drivers.driver_of("leaf"), -1), nullptr);
  EXPECT_EQ(device_lookup(drivers.driver_of("leaf"), 1000), nullptr);
  EXPECT_EQ(device_lookup_private(drivers.driver_of("leaf"), 0), device_private(leaf));
  EXPECT_EQ(device_lookup_private(drivers.driver_of("leaf"), 1), nullptr);
  EXPECT_EQ(device_find_by_driver_unit("leaf", 0), leaf);
  EXPECT_EQ(device_find_by_driver_unit("nothing", 0), nullptr);
}

TEST(Autoconf, StarredEntriesCloneFromTheirUnitOn) {
  Drivers drivers;
  drivers.driver("bus")
      .driver("leaf")
      .at("bus", "", {}, 0, FSTATE_NOTFOUND)
      .at("leaf", "bus", {-1, 0}, 3);
  drivers.load();
  const device_t root = drivers.root("bus");
  std::vector<std::string> names;
  for (int i = 0; i < 4; i++) names.emplace_back(device_xname(find_child(root, i)));
  EXPECT_THAT(names, ElementsAre("leaf3", "leaf4", "leaf5", "leaf6"));
  EXPECT_EQ(config_detach(device_find_by_xname("leaf4"), 0), 0);
  EXPECT_STREQ(device_xname(find_child(root, 0)), "leaf4");
  EXPECT_GE(drivers.driver_of("leaf")->cd_ndevs, 7);
  EXPECT_EQ(drivers.driver_of("leaf")->cd_devs[0], nullptr);
}

TEST(Autoconf, WiredUnitIsFoundOnceAndAgainAfterDetach) {
  Drivers drivers;
  drivers.driver("bus")
      .driver("leaf")
      .at("bus", "", {}, 0, FSTATE_NOTFOUND)
      .at("leaf", "bus", {-1, 0}, 2, FSTATE_NOTFOUND);
  drivers.load();
  const device_t root = drivers.root("bus");
  const device_t leaf = find_child(root, 1);
  ASSERT_NE(leaf, nullptr);
  EXPECT_STREQ(device_xname(leaf), "leaf2");
  EXPECT_EQ(device_cfdata(leaf)->cf_fstate, FSTATE_FOUND);
  EXPECT_EQ(find_child(root, 1), nullptr);
  EXPECT_EQ(config_detach(leaf, 0), 0);
  const device_t again = find_child(root, 1);
  ASSERT_NE(again, nullptr);
  EXPECT_STREQ(device_xname(again), "leaf2");
}

TEST(Autoconf, DisabledEntriesAreNotUsed) {
  Drivers drivers;
  drivers.driver("bus")
      .driver("leaf")
      .at("bus", "", {}, 0, FSTATE_NOTFOUND)
      .at("leaf", "bus", {-1, 0}, 0, FSTATE_DSTAR)
      .at("leaf", "bus", {-1, 0}, 1, FSTATE_DNOTFOUND);
  drivers.load();
  EXPECT_EQ(find_child(drivers.root("bus"), 1), nullptr);
}

TEST(Autoconf, EntryThatNamesItsParentAttachesThereOnly) {
  Drivers drivers;
  drivers.driver("bus").driver("hub").driver("leaf");
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("hub", "bus").at("leaf", "hub1");
  drivers.load();
  const device_t root = drivers.root("bus");
  const device_t hub0 = find_child(root, 0);
  const device_t hub1 = find_child(root, 0);
  EXPECT_STREQ(device_xname(find_child(hub1, 0)), "leaf0");
  EXPECT_EQ(find_child(hub0, 0), nullptr);
}

TEST(Autoconf, InterfaceAttributeNarrowsTheSearch) {
  Drivers drivers;
  drivers.driver("bus").driver("leaf").at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
  drivers.load();
  const device_t root = drivers.root("bus");
  Found found{1};
  EXPECT_EQ(config_search(root, &found, CFARGS(.iattr = "socket")), nullptr);
  EXPECT_NE(config_search(root, &found, CFARGS(.iattr = "slot")), nullptr);
  EXPECT_NE(config_search(root, &found, CFARGS_NONE), nullptr);
  EXPECT_TRUE(ifattr_match(nullptr, "slot"));
  EXPECT_TRUE(ifattr_match("slot", "slot"));
  EXPECT_FALSE(ifattr_match("socket", "slot"));
}

TEST(Autoconf, RescanFindsWhatHasComeSince) {
  Drivers drivers;
  bool present = false;
  const auto scan = [&](device_t self) {
    if (present && device_find_by_xname("leaf0") == nullptr) find_child(self, 1);
  };
  drivers
      .driver("bus", {.attach = [&](device_t, device_t self, void*) { scan(self); },
                      .rescan =
                          [&](device_t self, const char* ifattr, const int* locators) {
                            EXPECT_STREQ(ifattr, "slot");
                            EXPECT_EQ(locators[0], -1);
                            EXPECT_EQ(locators[1], -1);
                            scan(self);
                            return 0;
                          }})
      .driver("leaf")
      .at("bus", "", {}, 0, FSTATE_NOTFOUND)
      .at("leaf", "bus");
  drivers.load();
  const device_t root = drivers.root("bus");
  EXPECT_EQ(device_find_by_xname("leaf0"), nullptr);
  present = true;
  EXPECT_EQ(autoconf_rescan(root, "slot"), 0);
  const device_t leaf = device_find_by_xname("leaf0");
  ASSERT_NE(leaf, nullptr);
  EXPECT_EQ(autoconf_rescan(leaf, "slot"), EOPNOTSUPP);
}

TEST(Autoconf, TreeListsDevicesInOrderOfAttachment) {
  Drivers drivers;
  drivers.driver("bus", {.attach = [](device_t, device_t self, void*) { find_child(self, 7); }})
      .driver("leaf")
      .at("bus", "", {}, 0, FSTATE_NOTFOUND)
      .at("leaf", "bus");
  drivers.load();
  drivers.root("bus");
  const auto tree = autoconf_tree();
  ASSERT_EQ(tree.size(), 2u);
  EXPECT_EQ(tree[0].name, "bus0");
  EXPECT_EQ(tree[0].parent, "");
  EXPECT_EQ(tree[1].name, "leaf0");
  EXPECT_EQ(tree[1].parent, "bus0");
  EXPECT_EQ(tree[1].driver, "leaf");
  EXPECT_EQ(tree[1].attribute, "slot");
}

TEST(Autoconf, OldCallFormsWork) {
  Drivers drivers;
  drivers.driver("bus")
      .driver("leaf")
      .at("bus", "", {}, 0, FSTATE_NOTFOUND)
      .at("leaf", "bus", {-1, 0});
  drivers.load();
  const device_t root = drivers.root("bus");
  Found found{1};
  const int where[] = {1, 0};
  EXPECT_NE(config_found(root, &found, print_found), nullptr);
  EXPECT_NE(config_found_ia(root, "slot", &found, print_found), nullptr);
  EXPECT_NE(config_found_sm_loc(root, "slot", where, &found, print_found, config_stdsubmatch),
            nullptr);
  const cfdata_t cf = config_search_ia(nullptr, root, "slot", &found);
  ASSERT_NE(cf, nullptr);
  EXPECT_EQ(config_search_loc(config_stdsubmatch, root, "slot", where, &found), cf);
  EXPECT_NE(config_attach(root, cf, &found, print_found), nullptr);
  const device_t last = config_attach_loc(root, cf, where, &found, print_found);
  ASSERT_NE(last, nullptr);
  EXPECT_STREQ(device_xname(last), "leaf4");
  EXPECT_EQ(device_locator(last, 0), 1);
}

TEST(Autoconf, TablesRefuseWhatIsThereOrInUse) {
  Drivers drivers;
  drivers.driver("bus").at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  cfdriver* bus = drivers.driver_of("bus");
  EXPECT_EQ(config_cfdriver_attach(bus), EEXIST);
  EXPECT_EQ(config_cfdriver_lookup("bus"), bus);
  cfattach* ca = config_cfattach_lookup("bus", "bus");
  ASSERT_NE(ca, nullptr);
  EXPECT_EQ(config_cfattach_attach("bus", ca), EEXIST);
  EXPECT_EQ(config_cfattach_attach("nothing", ca), ESRCH);
  drivers.root("bus");
  EXPECT_EQ(config_cfattach_detach("bus", ca), EBUSY);
  EXPECT_EQ(config_cfdriver_detach(bus), EBUSY);
  cfdriver stranger{};
  stranger.cd_name = "stranger";
  EXPECT_EQ(config_cfdriver_detach(&stranger), ESRCH);
  cfdata none{};
  EXPECT_EQ(config_cfdata_detach(&none), EINVAL);
}

}  // namespace
