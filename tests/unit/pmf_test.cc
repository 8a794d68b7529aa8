// SPDX-License-Identifier: BSD-2-Clause
// pmf(9).
#include "autoconf_support.h"
#include "kern/pmf_event.h"
#include "kern_support.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

bool refuse = false;

bool suspend(device_t dev, const pmf_qual_t* qual) {
  EXPECT_EQ(qual, PMF_Q_NONE);
  note(std::string("suspend ") + device_xname(dev));
  return !(refuse && device_is_a(dev, "leaf"));
}
bool resume(device_t dev, const pmf_qual_t*) {
  note(std::string("resume ") + device_xname(dev));
  return true;
}
bool shutdown(device_t dev, int howto) {
  note(std::string("shutdown ") + device_xname(dev) + " " + std::to_string(howto));
  return true;
}
bool bus_suspend(device_t dev, const pmf_qual_t*) {
  note(std::string("bus suspend ") + device_xname(dev));
  return true;
}
bool bus_resume(device_t dev, const pmf_qual_t*) {
  note(std::string("bus resume ") + device_xname(dev));
  return true;
}
bool class_suspend(device_t dev, const pmf_qual_t*) {
  note(std::string("class suspend ") + device_xname(dev));
  return true;
}
bool class_resume(device_t dev, const pmf_qual_t*) {
  note(std::string("class resume ") + device_xname(dev));
  return true;
}
void deregistered(device_t dev) {
  note(std::string("deregister ") + device_xname(dev));
}

// bus0 with leaf0, both with handlers.
struct Tree : Drivers {
  Tree() {
    refuse = false;
    driver("bus", {.attach =
                       [](device_t, device_t self, void*) {
                         EXPECT_TRUE(pmf_device_register1(self, suspend, resume, shutdown));
                         find_child(self, 0);
                       }})
        .driver("leaf", {.attach = [](device_t, device_t self, void*) {
                  EXPECT_TRUE(pmf_device_register(self, suspend, resume));
                }});
    at("bus", "", {}, 0, FSTATE_NOTFOUND).at("leaf", "bus");
    load();
    bus = root("bus");
    leaf = device_find_by_xname("leaf0");
    journal().clear();
  }
  device_t bus;
  device_t leaf;
};

TEST(Pmf, SuspendAndResumeReachTheDriverOnce) {
  Tree tree;
  EXPECT_TRUE(device_pmf_is_registered(tree.leaf));
  EXPECT_TRUE(pmf_device_suspend(tree.leaf, PMF_Q_NONE));
  EXPECT_TRUE(pmf_device_suspend(tree.leaf, PMF_Q_NONE));
  EXPECT_FALSE(device_activation(tree.leaf, DEVACT_LEVEL_DRIVER));
  EXPECT_TRUE(device_is_active(tree.leaf));
  EXPECT_TRUE(pmf_device_resume(tree.leaf, PMF_Q_NONE));
  EXPECT_TRUE(pmf_device_resume(tree.leaf, PMF_Q_NONE));
  EXPECT_TRUE(device_activation(tree.leaf, DEVACT_LEVEL_FULL));
  EXPECT_THAT(journal(), ElementsAre("suspend leaf0", "resume leaf0"));
}

TEST(Pmf, LevelsAreSuspendedFromTheTopAndResumedFromTheBottom) {
  Tree tree;
  device_pmf_bus_register(tree.leaf, &tree, bus_suspend, bus_resume, nullptr, deregistered);
  device_pmf_class_register(tree.leaf, nullptr, class_suspend, class_resume, nullptr);
  EXPECT_EQ(device_pmf_bus_private(tree.leaf), &tree);
  EXPECT_TRUE(pmf_device_suspend(tree.leaf, PMF_Q_NONE));
  EXPECT_FALSE(device_has_power(tree.leaf));
  EXPECT_TRUE(pmf_device_resume(tree.leaf, PMF_Q_NONE));
  pmf_device_deregister(tree.leaf);
  EXPECT_FALSE(device_pmf_is_registered(tree.leaf));
  EXPECT_FALSE(pmf_device_suspend(tree.leaf, PMF_Q_NONE));
  EXPECT_THAT(journal(), ElementsAre("class suspend leaf0", "suspend leaf0", "bus suspend leaf0",
                                     "bus resume leaf0", "resume leaf0", "class resume leaf0",
                                     "deregister leaf0"));
}

TEST(Pmf, TreesAreSuspendedFromTheLeavesAndResumedFromTheRoot) {
  Tree tree;
  EXPECT_TRUE(pmf_device_recursive_suspend(tree.bus, PMF_Q_NONE));
  EXPECT_TRUE(pmf_device_recursive_resume(tree.leaf, PMF_Q_NONE));
  EXPECT_TRUE(pmf_system_suspend(PMF_Q_NONE));
  EXPECT_TRUE(pmf_system_resume(PMF_Q_NONE));
  EXPECT_THAT(journal(),
              ElementsAre("suspend leaf0", "suspend bus0", "resume bus0", "resume leaf0",
                          "suspend leaf0", "suspend bus0", "resume bus0", "resume leaf0"));
}

TEST(Pmf, RefusalOfOneKeepsTheSystemUp) {
  Tree tree;
  refuse = true;
  EXPECT_FALSE(pmf_system_suspend(PMF_Q_NONE));
  EXPECT_TRUE(device_activation(tree.bus, DEVACT_LEVEL_FULL));
  EXPECT_THAT(journal(), ElementsAre("suspend leaf0"));
}

TEST(Pmf, DeviceWithoutHandlersKeepsTheSystemUpAndIsNamed) {
  const Console console;
  Drivers drivers;
  drivers.driver("bus").at("bus", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  drivers.root("bus");
  EXPECT_FALSE(pmf_system_suspend(PMF_Q_NONE));
  EXPECT_THAT(console.text(), HasSubstr("bus0: does not support suspend and resume"));
}

TEST(Pmf, ShutdownHooksRunLeavesFirst) {
  Tree tree;
  device_pmf_driver_register(tree.leaf, nullptr, nullptr, shutdown);
  pmf_system_shutdown(8);
  EXPECT_THAT(journal(), ElementsAre("shutdown leaf0 8", "shutdown bus0 8"));
}

TEST(Pmf, ParentHearsOfChildrenThatRegister) {
  Tree tree;
  static device_t heard = nullptr;
  static bool answer = true;
  device_pmf_driver_set_child_register(tree.bus, [](device_t child) {
    heard = child;
    return answer;
  });
  EXPECT_TRUE(pmf_device_register(tree.leaf, nullptr, nullptr));
  EXPECT_EQ(heard, tree.leaf);
  answer = false;
  EXPECT_FALSE(pmf_device_register(tree.leaf, nullptr, nullptr));
  EXPECT_FALSE(device_pmf_is_registered(tree.leaf));
}

std::mutex heard_mutex;
std::vector<std::string> heard_events;
void heard_event(device_t dev) {
  const std::scoped_lock lock(heard_mutex);
  heard_events.emplace_back(device_xname(dev));
}

TEST(Pmf, EventsReachTheirListenersInTheirOwnThread) {
  Tree tree;
  heard_events.clear();
  pmf_event_register(tree.bus, PMFE_DISPLAY_OFF, heard_event, true);
  pmf_event_register(tree.leaf, PMFE_DISPLAY_OFF, heard_event, false);
  pmf_event_register(tree.leaf, PMFE_DISPLAY_ON, heard_event, false);
  EXPECT_TRUE(pmf_event_inject(tree.leaf, PMFE_DISPLAY_OFF));
  EXPECT_TRUE(pmf_event_inject(tree.bus, PMFE_DISPLAY_OFF));
  pmf_event_stop();  // delivers what there is
  EXPECT_THAT(heard_events, ElementsAre("bus0", "leaf0", "bus0"));
  pmf_event_deregister(tree.bus, PMFE_DISPLAY_OFF, heard_event, true);
  pmf_event_deregister(tree.leaf, PMFE_DISPLAY_OFF, heard_event, false);
  pmf_event_inject(nullptr, PMFE_DISPLAY_OFF);
  pmf_event_inject(nullptr, PMFE_DISPLAY_ON);
  pmf_event_stop();
  EXPECT_THAT(heard_events, ElementsAre("bus0", "leaf0", "bus0", "leaf0"));
  pmf_event_deregister(tree.leaf, PMFE_DISPLAY_ON, heard_event, false);
}

TEST(Pmf, PlatformKnowsWhatItWasTold) {
  EXPECT_EQ(pmf_get_platform("system-nothing"), nullptr);
  EXPECT_TRUE(pmf_set_platform("system-product", "pupci"));
  EXPECT_STREQ(pmf_get_platform("system-product"), "pupci");
}

TEST(Pmf, ActivityHandlersHear) {
  Tree tree;
  static int calls = 0;
  const auto handler = [](device_t, devactive_t type) {
    EXPECT_EQ(type, DVA_HARDWARE);
    calls++;
  };
  EXPECT_FALSE(device_active(tree.leaf, DVA_HARDWARE));
  EXPECT_TRUE(device_active_register(tree.leaf, handler));
  EXPECT_TRUE(device_active(tree.leaf, DVA_HARDWARE));
  device_active_deregister(tree.leaf, handler);
  EXPECT_FALSE(device_active(tree.leaf, DVA_HARDWARE));
  EXPECT_EQ(calls, 1);
}

}  // namespace
