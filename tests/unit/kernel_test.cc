// SPDX-License-Identifier: BSD-2-Clause
// The kernel's life on the sim host: the tree that it finds, twice in one process.
#include "kern/kernel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "autoconf_support.h"
#include "kern/heap.h"
#include "pupci/error.h"
#include "pupci/sim.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const DeviceNode& node : autoconf_tree()) all.push_back(node.name + " at " + node.parent);
  return all;
}

class Dull : public pupci::sim::Model {
 public:
  Dull() : Model({.vendor = 0x1234, .device = 0x11e8, .class_code = 0xff0000}) {}
};

std::shared_ptr<pupci::Bus> one_function() {
  auto bus = std::make_shared<pupci::sim::Bus>();
  bus->root().add(std::make_shared<Dull>());
  return bus;
}

TEST(Kernel, FindsBusesBehindBridgesAndSaysWhatNobodyDrives) {
  for (int life = 0; life < 2; life++) {
    const Console console;
    auto bus = std::make_shared<pupci::sim::Bus>();
    bus->root().add(3, 0, std::make_shared<Dull>());
    bus->root().add_bridge(5).add(0, 0, std::make_shared<Dull>());
    Kernel kernel(bus, {});
    EXPECT_EQ(Kernel::running(), &kernel);
    EXPECT_EQ(kernel.attach_all(), 0u);
    EXPECT_THAT(names(),
                ElementsAre("mainbus0 at ", "pci0 at mainbus0", "ppb0 at pci0", "pci1 at ppb0"));
    EXPECT_THAT(console.text(), HasSubstr("mainbus0 (root)\npci0 at mainbus0 bus 0\n"));
    EXPECT_THAT(console.text(), HasSubstr("at pci0 dev 3 function 0 not configured\n"));
    EXPECT_THAT(console.text(), HasSubstr("\nppb0 at pci0 dev 5 function 0: "));
    EXPECT_THAT(console.text(), HasSubstr("\npci1 at ppb0 bus 1\n"));
    EXPECT_THAT(console.text(), HasSubstr("at pci1 dev 0 function 0 not configured\n"));
    EXPECT_THAT(kernel.drivers(), IsEmpty());
    EXPECT_THAT(kernel.detach_all(), IsEmpty());
    EXPECT_THAT(names(), IsEmpty());
    EXPECT_THAT(console.text(), testing::EndsWith("pci1: detached\nppb0: detached\n"
                                                  "pci0: detached\nmainbus0: detached\n"));
  }
  EXPECT_EQ(Kernel::running(), nullptr);
}

TEST(Kernel, OneAtATime) {
  Kernel first(pupci::open_bus("sim:"), {});
  EXPECT_THROW(Kernel(pupci::open_bus("sim:"), {}), pupci::Error);
  EXPECT_EQ(Kernel::running(), &first);
}

TEST(Kernel, BadPropertyOrDriverLeavesNoKernelBehind) {
  EXPECT_THROW(Kernel(pupci::open_bus("sim:"), {.properties = {"nonsense"}}), pupci::Error);
  EXPECT_EQ(Kernel::running(), nullptr);
  Kernel kernel(pupci::open_bus("sim:"), {});
  EXPECT_THROW(kernel.load("/nonexistent.so"), pupci::Error);
  EXPECT_EQ(kernel.attach_all(), 0u);
}

TEST(Kernel, PropertiesThatReachedNobodyAreSaid) {
  const Console console;
  Kernel kernel(one_function(), {.properties = {"pci0:a=1", "edu7:b=2"}});
  kernel.attach_all();
  EXPECT_THAT(console.text(), HasSubstr("--prop edu7:b=2: no such device was attached\n"));
  EXPECT_THAT(console.text(), testing::Not(HasSubstr("pci0:a=1")));
}

TEST(Kernel, ASecondAttachLooksForMore) {
  Kernel kernel(one_function(), {});
  kernel.attach_all();
  EXPECT_EQ(kernel.attach_all(), 0u);
  EXPECT_THAT(names(), ElementsAre("mainbus0 at ", "pci0 at mainbus0"));
}

}  // namespace
