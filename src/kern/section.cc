// SPDX-License-Identifier: BSD-2-Clause
#include "kern/section.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "kern/self.h"

namespace pupci::kern {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<lwp*> threads;
};

// Immortal: threads end at any time.
Registry& registry() {
  static auto& the = *new Registry;
  return the;
}

struct Busy {
  const lwp* thread;
  unsigned section;
};

bool inside(unsigned section) noexcept {
  return section % 2 != 0;
}

// Those of `busy` that are still where they were.
void keep_unchanged(std::vector<Busy>& busy) noexcept {
  Registry& r = registry();
  const std::scoped_lock lock(r.mutex);
  const auto ended = [&](const Busy& b) {
    const auto at = std::find(r.threads.begin(), r.threads.end(), b.thread);
    return at == r.threads.end() || (*at)->section.load(std::memory_order_acquire) != b.section;
  };
  busy.erase(std::remove_if(busy.begin(), busy.end(), ended), busy.end());
}

}  // namespace

void section_register(lwp* l) noexcept {
  Registry& r = registry();
  const std::scoped_lock lock(r.mutex);
  r.threads.push_back(l);
}

void section_unregister(lwp* l) noexcept {
  Registry& r = registry();
  const std::scoped_lock lock(r.mutex);
  r.threads.erase(std::remove(r.threads.begin(), r.threads.end(), l), r.threads.end());
}

void section_wait_for_all() noexcept {
  std::vector<Busy> busy;
  {
    Registry& r = registry();
    const std::scoped_lock lock(r.mutex);
    for (const lwp* l : r.threads) {
      const unsigned section = l->section.load(std::memory_order_seq_cst);
      if (l != self() && inside(section)) busy.push_back({l, section});
    }
  }
  // Polled, so that those who leave, which is often, need not look whether somebody waits.
  for (keep_unchanged(busy); !busy.empty(); keep_unchanged(busy)) {
    std::this_thread::sleep_for(std::chrono::microseconds(50));
  }
}

}  // namespace pupci::kern
