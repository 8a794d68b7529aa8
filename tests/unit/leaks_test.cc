// SPDX-License-Identifier: BSD-2-Clause
#include "kern/leaks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kern/evcnt.h"
#include "kern/lwp.h"
#include "kern/sysctl.h"
#include "netbsd/sys/evcnt.h"
#include "netbsd/sys/kmem.h"
#include "netbsd/sys/malloc.h"
#include "netbsd/sys/sysctl.h"

namespace pupci::kern {
namespace {

using testing::ElementsAre;
using testing::MatchesRegex;

// Stands for a device; nothing looks inside.
device_t fake_device() {
  return reinterpret_cast<device_t>(0x1000);
}

TEST(Leaks, NamesMemoryByPlace) {
  const ContextScope scope(Context::thread, fake_device(), 0);
  void* one = kmem_alloc(256, KM_SLEEP);
  void* several[3];
  for (void*& p : several) p = kern_malloc(100, M_DEVBUF, M_WAITOK);
  EXPECT_THAT(
      describe_leaks("edu0", leaks_of(fake_device())),
      testing::UnorderedElementsAre(
          MatchesRegex("edu0: leaked 256 bytes of memory allocated in .*NamesMemoryByPlace.*\\+0x"
                       "[0-9a-f]+ \\(leaks_test.cc:[0-9]+\\)"),
          MatchesRegex(
              "edu0: leaked 300 bytes of memory in 3 pieces allocated in .*leaks_test.*")));
  kmem_free(one, 256);
  for (void* p : several) kern_free(p, M_DEVBUF);
  EXPECT_TRUE(leaks_of(fake_device()).empty());
}

TEST(Leaks, NamesTrackedThings) {
  const ContextScope scope(Context::thread, fake_device(), 0);
  int objects[4];
  track(Kind::callout, &objects[0], 0, nullptr);
  track(Kind::callout, &objects[1], 0, nullptr);
  track(Kind::interrupt, &objects[2], 0, nullptr);
  track(Kind::dma_memory, &objects[3], 4096, nullptr);
  const auto leaks = leaks_of(fake_device());
  EXPECT_THAT(describe_leaks("edu0", leaks),
              ElementsAre("edu0: leaked 4096 bytes of DMA memory allocated in 0x0",
                          "edu0: leaked an interrupt established in 0x0",
                          "edu0: leaked 2 callouts created in 0x0"));
  forget_leaks(leaks);
  EXPECT_TRUE(leaks_of(fake_device()).empty());
}

TEST(Leaks, ForgottenCountersAndNodesAreGoneFromOutside) {
  const ContextScope scope(Context::thread, fake_device(), 0);
  {
    evcnt counter;
    int number = 1;
    evcnt_attach_dynamic(&counter, EVCNT_TYPE_MISC, nullptr, "edu0", "gone");
    sysctl_createv(nullptr, 0, nullptr, nullptr, 0, CTLTYPE_INT, "gone", nullptr, nullptr, 0,
                   &number, 0, CTL_DEBUG, CTL_CREATE, CTL_EOL);
    const auto leaks = leaks_of(fake_device());
    EXPECT_EQ(leaks.size(), 2U);
    forget_leaks(leaks);
  }
  EXPECT_TRUE(event_counters().empty());
  SysctlEntry entry;
  EXPECT_EQ(sysctl_get("debug.gone", entry), ENOENT);
}

TEST(Leaks, FindsByTheTextOfADriver) {
  void* p = kmem_alloc(64, KM_SLEEP);
  const auto all = leaks_in(nullptr, reinterpret_cast<void*>(UINTPTR_MAX));
  ASSERT_EQ(all.size(), 1U);
  const auto* caller = static_cast<const char*>(all[0].caller);
  EXPECT_EQ(leaks_in(caller, caller + 1).size(), 1U);
  EXPECT_TRUE(leaks_in(caller + 1, caller + 100).empty());
  kmem_free(p, 64);
}

}  // namespace
}  // namespace pupci::kern
