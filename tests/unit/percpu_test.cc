// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/percpu.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>
#include <vector>

#include "expect_violation.h"
#include "kern/track.h"
#include "netbsd/sys/cpu.h"

namespace {

void add_up(void* copy, void* argument, struct cpu_info*) {
  *static_cast<std::uint64_t*>(argument) += *static_cast<std::uint64_t*>(copy);
}

TEST(Percpu, CountsExactlyWithoutLocks) {
  percpu_t* counter = percpu_alloc(sizeof(std::uint64_t));
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([counter] {
      for (int i = 0; i < 5000; ++i) {
        auto* mine = static_cast<std::uint64_t*>(percpu_getref(counter));
        ++*mine;
        percpu_putref(counter);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::uint64_t sum = 0;
  percpu_foreach(counter, add_up, &sum);
  EXPECT_EQ(sum, 30000U);
  sum = 0;
  percpu_foreach_xcall(counter, 0, add_up, &sum);
  EXPECT_EQ(sum, 30000U);
  percpu_free(counter, sizeof(std::uint64_t));
}

TEST(Percpu, NestedReferencesAreToTheSameProcessor) {
  percpu_t* a = percpu_alloc(8);
  percpu_t* b = percpu_alloc(100);
  void* first = percpu_getref(a);
  void* other = percpu_getref(b);
  EXPECT_EQ(percpu_getref(a), first);
  EXPECT_EQ(percpu_getref(b), other);
  std::thread([&] {
    EXPECT_NE(percpu_getref(a), first);  // whose processor is taken
    percpu_putref(a);
  }).join();
  for (int i = 0; i < 2; ++i) {
    percpu_putref(a);
    percpu_putref(b);
  }
  percpu_free(a, 8);
  percpu_free(b, 100);
}

struct Calls {
  int constructed = 0;
  int destructed = 0;
};

TEST(Percpu, ConstructsAndDestructsEachCopy) {
  Calls calls;
  percpu_t* object = percpu_create(
      16,
      [](void* copy, void* cookie, cpu_info* ci) {
        EXPECT_EQ(*static_cast<int*>(copy), 0);
        *static_cast<int*>(copy) = static_cast<int>(cpu_index(ci)) + 1;
        ++static_cast<Calls*>(cookie)->constructed;
      },
      [](void* copy, void* cookie, cpu_info* ci) {
        EXPECT_EQ(*static_cast<int*>(copy), static_cast<int>(cpu_index(ci)) + 1);
        ++static_cast<Calls*>(cookie)->destructed;
      },
      &calls);
  EXPECT_GE(calls.constructed, 1);
  EXPECT_EQ(calls.destructed, 0);
  percpu_free(object, 16);
  EXPECT_EQ(calls.destructed, calls.constructed);
}

TEST(PercpuViolation, FreesAndReferences) {
  percpu_t* object = percpu_alloc(8);
  EXPECT_VIOLATION(percpu_free(object, 9), "percpu_free: 0x[0-9a-f]+ has 8 bytes, but size 9");
  EXPECT_VIOLATION(percpu_putref(object), "percpu_putref: without percpu_getref");
  percpu_free(object, 8);
  EXPECT_VIOLATION(percpu_free(object, 8), "percpu_free: 0x[0-9a-f]+ is no percpu object");
  EXPECT_TRUE(pupci::kern::tracked_for(nullptr).empty());
}

}  // namespace
