// SPDX-License-Identifier: BSD-2-Clause
// kcpuset(9).
#include "netbsd/sys/kcpuset.h"

#include <fmt/core.h>

#include <atomic>
#include <cstdint>
#include <new>

#include "kern/check.h"
#include "kern/track.h"

// The bits are atomic because one set may be changed by the atomic functions from several threads.
struct kcpuset {
  std::atomic<std::uint64_t> bits{0};
};

namespace {

using pupci::kern::Kind;
using pupci::kern::violation;

constexpr cpuid_t capacity = 64;

std::uint64_t get(const kcpuset_t* set) {
  return set->bits.load(std::memory_order_relaxed);
}

void put(kcpuset_t* set, std::uint64_t bits) {
  set->bits.store(bits, std::memory_order_relaxed);
}

std::uint64_t bit(cpuid_t cpu, const char* function, const void* caller) {
  if (cpu >= capacity) {
    violation(fmt::format("{}: a set holds CPUs 0 to {}, not {}; look it up with cpu_lookup(9)",
                          function, capacity - 1, cpu),
              caller);
  }
  return std::uint64_t{1} << cpu;
}

cpuid_t lowest(std::uint64_t bits) {
  return bits == 0 ? 0 : static_cast<cpuid_t>(__builtin_ctzll(bits)) + 1;
}

kcpuset_t* make(const char* function, const void* caller) {
  pupci::kern::check_sleepable(function, caller);
  auto* const set = new (std::nothrow) kcpuset;
  if (set == nullptr) pupci::kern::panic("kcpuset_create: out of memory");
  pupci::kern::track(Kind::other, set, sizeof *set, caller);
  return set;
}

}  // namespace

void kcpuset_create(kcpuset_t** to, bool /*zero*/) {
  *to = make("kcpuset_create", __builtin_return_address(0));
}

void kcpuset_clone(kcpuset_t** to, const kcpuset_t* from) {
  *to = make("kcpuset_clone", __builtin_return_address(0));
  put(*to, get(from));
}

void kcpuset_destroy(kcpuset_t* set) {
  if (!pupci::kern::untrack(Kind::other, set)) {
    violation("kcpuset_destroy: there is no such set", __builtin_return_address(0));
  }
  delete set;
}

void kcpuset_copy(kcpuset_t* to, const kcpuset_t* from) {
  put(to, get(from));
}

void kcpuset_zero(kcpuset_t* set) {
  put(set, 0);
}

void kcpuset_fill(kcpuset_t* set) {
  put(set, ~std::uint64_t{0});
}

void kcpuset_set(kcpuset_t* set, cpuid_t cpu) {
  put(set, get(set) | bit(cpu, "kcpuset_set", __builtin_return_address(0)));
}

void kcpuset_clear(kcpuset_t* set, cpuid_t cpu) {
  put(set, get(set) & ~bit(cpu, "kcpuset_clear", __builtin_return_address(0)));
}

void kcpuset_intersect(kcpuset_t* set, const kcpuset_t* with) {
  put(set, get(set) & get(with));
}

void kcpuset_merge(kcpuset_t* set, const kcpuset_t* with) {
  put(set, get(set) | get(with));
}

void kcpuset_remove(kcpuset_t* set, const kcpuset_t* what) {
  put(set, get(set) & ~get(what));
}

bool kcpuset_isset(const kcpuset_t* set, cpuid_t cpu) {
  // No set is the empty one, as callers that have none yet expect.
  return set != nullptr && (get(set) & bit(cpu, "kcpuset_isset", __builtin_return_address(0))) != 0;
}

bool kcpuset_isotherset(const kcpuset_t* set, cpuid_t cpu) {
  return (get(set) & ~bit(cpu, "kcpuset_isotherset", __builtin_return_address(0))) != 0;
}

bool kcpuset_iszero(const kcpuset_t* set) {
  return get(set) == 0;
}

bool kcpuset_intersecting_p(const kcpuset_t* one, const kcpuset_t* other) {
  return (get(one) & get(other)) != 0;
}

bool kcpuset_match(const kcpuset_t* one, const kcpuset_t* other) {
  return get(one) == get(other);
}

int kcpuset_countset(const kcpuset_t* set) {
  return __builtin_popcountll(get(set));
}

cpuid_t kcpuset_ffs(const kcpuset_t* set) {
  return lowest(get(set));
}

cpuid_t kcpuset_ffs_intersecting(const kcpuset_t* one, const kcpuset_t* other) {
  return lowest(get(one) & get(other));
}

void kcpuset_atomic_set(kcpuset_t* set, cpuid_t cpu) {
  set->bits.fetch_or(bit(cpu, "kcpuset_atomic_set", __builtin_return_address(0)));
}

void kcpuset_atomic_clear(kcpuset_t* set, cpuid_t cpu) {
  set->bits.fetch_and(~bit(cpu, "kcpuset_atomic_clear", __builtin_return_address(0)));
}
