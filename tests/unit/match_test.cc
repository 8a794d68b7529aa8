// SPDX-License-Identifier: BSD-2-Clause
// autoconf(9): which driver gets what was found.
#include "autoconf_support.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using testing::ElementsAre;

namespace {

Behaviour matching(int priority) {
  return {.match = [priority](device_t, cfdata_t, void*) { return priority; }};
}

TEST(Match, HighestPriorityWinsWhateverTheOrder) {
  for (const bool generic_first : {true, false}) {
    Drivers drivers;
    drivers.driver("bus").driver("generic", matching(1)).driver("special", matching(10));
    drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND);
    drivers.at(generic_first ? "generic" : "special", "bus");
    drivers.at(generic_first ? "special" : "generic", "bus");
    drivers.load();
    EXPECT_STREQ(device_xname(find_child(drivers.root("bus"), 0)), "special0");
  }
}

TEST(Match, AmongEqualsTheEarlierEntryWins) {
  Drivers drivers;
  drivers.driver("bus").driver("second", matching(5)).driver("first", matching(5));
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("first", "bus").at("second", "bus");
  drivers.load();
  EXPECT_STREQ(device_xname(find_child(drivers.root("bus"), 0)), "first0");
}

TEST(Match, ZeroAndNegativeAreNoMatch) {
  Drivers drivers;
  drivers.driver("bus").driver("never", matching(0)).driver("less", matching(-1));
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("never", "bus").at("less", "bus");
  drivers.load();
  EXPECT_EQ(find_child(drivers.root("bus"), 0), nullptr);
}

TEST(Match, WiredUnitBeatsTheStarOfEqualPriorityThatComesAfterIt) {
  Drivers drivers;
  drivers.driver("bus").driver("leaf");
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND)
      .at("leaf", "bus", {3, 0}, 0, FSTATE_NOTFOUND)
      .at("leaf", "bus", {-1, 0}, 1, FSTATE_STAR);
  drivers.load();
  const device_t root = drivers.root("bus");
  const int elsewhere[] = {1, 0};
  const int wired[] = {3, 0};
  std::vector<std::string> names;
  for (const int* where : {elsewhere, wired, wired, elsewhere}) {
    names.emplace_back(device_xname(find_child(root, 0, where)));
  }
  // The wired unit is found once; what comes to its place again is cloned from the star.
  EXPECT_THAT(names, ElementsAre("leaf1", "leaf0", "leaf2", "leaf3"));
}

TEST(Match, LocatorsMustAgreeUnlessTheyAreOpen) {
  Drivers drivers;
  drivers.driver("bus").driver("leaf");
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus", {3, 9});
  drivers.load();
  const device_t root = drivers.root("bus");
  const auto found = [&](int row, int column) {
    const int where[] = {row, column};
    return find_child(root, 0, where) != nullptr;
  };
  EXPECT_TRUE(found(3, 9));
  EXPECT_FALSE(found(4, 9));
  EXPECT_FALSE(found(3, 8));
}

TEST(Match, LocatorWithoutADefaultIsNeverOpen) {
  Drivers drivers;
  drivers.driver("bus").driver("leaf");
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus", {-1, -1});
  drivers.load();
  const device_t root = drivers.root("bus");
  const int column_zero[] = {7, 0};
  const int column_minus_one[] = {7, -1};
  EXPECT_EQ(find_child(root, 0, column_zero), nullptr);
  EXPECT_NE(find_child(root, 0, column_minus_one), nullptr);
}

int submatch(device_t parent, cfdata_t cf, const int* locators, void* aux) {
  note(std::string("submatch ") + cf->cf_name);
  EXPECT_EQ(locators, nullptr);
  return config_match(parent, cf, aux);
}

TEST(Match, SubmatchReplacesMatch) {
  Drivers drivers;
  drivers.driver("bus").driver("a", matching(1)).driver("b", matching(2));
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("a", "bus").at("b", "bus");
  drivers.load();
  const device_t root = drivers.root("bus");
  journal().clear();
  Found found{};
  EXPECT_STREQ(device_xname(config_found(root, &found, print_found, CFARGS(.submatch = submatch))),
               "b0");
  EXPECT_THAT(journal(), ElementsAre("submatch a", "submatch b", "attach b0"));
}

int attach_each(device_t parent, cfdata_t cf, const int*, void* aux) {
  if (config_probe(parent, cf, aux) != 0) config_attach(parent, cf, aux, print_found, CFARGS_NONE);
  return 0;
}

TEST(Match, SearchFunctionSeesEveryCandidate) {
  Drivers drivers;
  drivers.driver("bus").driver("a", matching(1)).driver("b", matching(0)).driver("c", matching(3));
  drivers.at("bus", "", {}, 0, FSTATE_NOTFOUND).at("a", "bus").at("b", "bus").at("c", "bus");
  drivers.load();
  const device_t root = drivers.root("bus");
  journal().clear();
  Found found{};
  EXPECT_EQ(config_search(root, &found, CFARGS(.search = attach_each, .iattr = "slot")), nullptr);
  EXPECT_THAT(journal(), ElementsAre("attach a0", "attach c0"));
}

TEST(Match, CompatibleTablesGiveTheBestEntry) {
  static const device_compatible_entry table[] = {
      {.compat = "acme,old"}, {.compat = "acme,new"}, DEVICE_COMPAT_EOL};
  const char* strings[] = {"acme,new", "acme,old", "generic"};
  EXPECT_EQ(device_compatible_match(strings, 3, table), 3);
  EXPECT_EQ(device_compatible_lookup(strings, 3, table), &table[1]);
  const char* others[] = {"other", "acme,old"};
  EXPECT_EQ(device_compatible_match(others, 2, table), 1);
  EXPECT_EQ(device_compatible_match(others, 1, table), 0);
  EXPECT_EQ(device_compatible_lookup(others, 1, table), nullptr);
  static const char list[] = "other\0acme,new";
  EXPECT_EQ(device_compatible_match_strlist(list, sizeof list, table), 1);
  EXPECT_EQ(device_compatible_lookup_strlist(list, sizeof list, table), &table[1]);
  EXPECT_EQ(device_compatible_match_strlist(list, sizeof list - 1, table), 0);  // unterminated
  static const device_compatible_entry ids[] = {{.id = 5}, {.id = 7}, {.id = 0}};
  EXPECT_EQ(device_compatible_match_id(7, 0, ids), 1);
  EXPECT_EQ(device_compatible_lookup_id(7, 0, ids), &ids[1]);
  EXPECT_EQ(device_compatible_lookup_id(6, 0, ids), nullptr);
}

}  // namespace
