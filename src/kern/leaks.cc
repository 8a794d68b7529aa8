// SPDX-License-Identifier: BSD-2-Clause
#include "kern/leaks.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "kern/evcnt.h"
#include "kern/heap.h"
#include "kern/symbolize.h"
#include "kern/sysctl.h"

namespace pupci::kern {
namespace {

struct Sum {
  std::size_t count = 0;
  std::size_t bytes = 0;
};

bool counts_bytes(Kind kind) {
  return kind == Kind::memory || kind == Kind::dma_memory;
}

const char* verb(Kind kind) {
  switch (kind) {
    case Kind::memory:
    case Kind::dma_memory:
    case Kind::vectors:
    case Kind::percpu:
      return "allocated";
    case Kind::mapping:
      return "mapped";
    case Kind::interrupt:
    case Kind::softint:
      return "established";
    case Kind::evcnt:
    case Kind::devsw:
      return "attached";
    default:
      return "created";
  }
}

std::string plural(Kind kind, std::size_t count) {
  if (kind == Kind::percpu) return count == 1 ? "percpu object" : "percpu objects";
  if (kind == Kind::vectors) {
    return count == 1 ? "set of interrupt vectors" : "sets of interrupt vectors";
  }
  const std::string name = to_string(kind);
  if (count == 1) return name;
  return name == "mutex" ? "mutexes" : name == "devsw" ? name : name + "s";
}

std::string amount(Kind kind, const Sum& sum) {
  if (!counts_bytes(kind)) {
    const bool vowel = kind == Kind::interrupt || kind == Kind::evcnt;
    return sum.count == 1 ? (vowel ? "an " : "a ") + plural(kind, 1)
                          : fmt::format("{} {}", sum.count, plural(kind, sum.count));
  }
  const char* what = kind == Kind::memory ? "memory" : "DMA memory";
  const auto pieces = sum.count == 1 ? std::string() : fmt::format(" in {} pieces", sum.count);
  return fmt::format("{} byte{} of {}{}", sum.bytes, sum.bytes == 1 ? "" : "s", what, pieces);
}

std::vector<Tracked> joined(std::vector<Tracked> a, const std::vector<Tracked>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

std::vector<Tracked> leaks_of(device_t device) {
  return joined(tracked_for(device), heap_objects_for(device));
}

void hand_over(device_t from, device_t to) {
  track_hand_over(from, to);
  heap_hand_over(from, to);
}

std::vector<Tracked> leaks_in(const void* low, const void* high) {
  return joined(tracked_in(low, high), heap_objects_in(low, high));
}

std::vector<std::string> describe_leaks(std::string_view name, const std::vector<Tracked>& leaks) {
  std::map<std::pair<Kind, const void*>, Sum> sums;
  for (const Tracked& leak : leaks) {
    Sum& sum = sums[{leak.kind, leak.caller}];
    ++sum.count;
    sum.bytes += leak.size;
  }
  std::vector<std::string> lines;
  lines.reserve(sums.size());
  for (const auto& [place, sum] : sums) {
    const auto& [kind, caller] = place;
    lines.push_back(fmt::format("{}: leaked {} {} in {}", name, amount(kind, sum), verb(kind),
                                symbolize(caller)));
  }
  return lines;
}

void forget_leaks(const std::vector<Tracked>& leaks) {
  for (const Tracked& leak : leaks) {
    if (leak.kind == Kind::evcnt) evcnt_forget(static_cast<const evcnt*>(leak.object));
    if (leak.kind == Kind::sysctl) sysctl_forget(leak.object);
    (void)untrack(leak.kind, leak.object);
  }
}

}  // namespace pupci::kern
