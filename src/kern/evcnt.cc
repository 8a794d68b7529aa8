// SPDX-License-Identifier: BSD-2-Clause
// evcnt(9).
#include "kern/evcnt.h"

#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <list>
#include <mutex>
#include <unordered_map>

#include "kern/check.h"
#include "kern/track.h"
#include "netbsd/sys/evcnt.h"

namespace {

using pupci::kern::Kind;
using pupci::kern::violation;

// Our own list and not the counters' links: a driver that frees one without detaching it must not
// break the others.
struct Counters {
  std::mutex mutex;
  std::list<evcnt*> list;
  std::unordered_map<const evcnt*, std::list<evcnt*>::iterator> places;
};

Counters& counters() {
  static auto& all = *new Counters;
  return all;
}

unsigned char checked_length(const char* text, const char* what, const void* caller) {
  const std::size_t length = text == nullptr ? 0 : std::strlen(text);
  if (length == 0 || length > EVCNT_STRING_MAX) {
    violation(
        fmt::format("evcnt_attach: {} of {} characters (1 to {})", what, length, EVCNT_STRING_MAX),
        caller);
  }
  return static_cast<unsigned char>(length);
}

void attach(evcnt* counter, const void* caller) {
  counter->ev_grouplen = checked_length(counter->ev_group, "group", caller);
  counter->ev_namelen = checked_length(counter->ev_name, "name", caller);
  Counters& all = counters();
  const std::scoped_lock lock(all.mutex);
  if (all.places.contains(counter)) {
    violation(
        fmt::format("evcnt_attach: {} {} is attached already", counter->ev_group, counter->ev_name),
        caller);
  }
  all.places[counter] = all.list.insert(all.list.end(), counter);
  pupci::kern::track(Kind::evcnt, counter, sizeof(*counter), caller);
}

bool remove(const evcnt* counter) {
  Counters& all = counters();
  const std::scoped_lock lock(all.mutex);
  const auto found = all.places.find(counter);
  if (found == all.places.end()) return false;
  all.list.erase(found->second);
  all.places.erase(found);
  pupci::kern::untrack(Kind::evcnt, counter);
  return true;
}

void detach(evcnt* counter, const void* caller) {
  if (remove(counter)) return;
  violation(fmt::format("evcnt_detach: {} is not attached", fmt::ptr(counter)), caller);
}

void fill(evcnt* counter, int type, const evcnt* parent, const char* group, const char* name) {
  counter->ev_type = static_cast<unsigned char>(type);
  counter->ev_parent = parent;
  counter->ev_group = group;
  counter->ev_name = name;
}

const char* type_name(unsigned char type) {
  switch (type) {
    case EVCNT_TYPE_INTR:
      return "intr";
    case EVCNT_TYPE_TRAP:
      return "trap";
    default:
      return "misc";
  }
}

}  // namespace

void evcnt_attach_static(struct evcnt* counter) {
  attach(counter, __builtin_return_address(0));
}

void evcnt_attach_dynamic(struct evcnt* counter, int type, const struct evcnt* parent,
                          const char* group, const char* name) {
  *counter = {};
  fill(counter, type, parent, group, name);
  attach(counter, __builtin_return_address(0));
}

void evcnt_attach_dynamic_nozero(struct evcnt* counter, int type, const struct evcnt* parent,
                                 const char* group, const char* name) {
  fill(counter, type, parent, group, name);
  attach(counter, __builtin_return_address(0));
}

void evcnt_detach(struct evcnt* counter) {
  detach(counter, __builtin_return_address(0));
}

namespace pupci::kern {

std::vector<EventCounter> event_counters() {
  std::vector<EventCounter> found;
  Counters& all = counters();
  const std::scoped_lock lock(all.mutex);
  for (evcnt* counter : all.list) {
    // The driver counts on meanwhile, without a lock.
    const std::uint64_t count = std::atomic_ref(counter->ev_count).load(std::memory_order_relaxed);
    found.push_back({counter->ev_group, counter->ev_name, type_name(counter->ev_type), count});
  }
  return found;
}

void evcnt_forget(const evcnt* counter) {
  remove(counter);
}

void evcnt_attach_set(evcnt* const* first, evcnt* const* end) {
  for (; first < end; ++first) attach(*first, *first);
}

void evcnt_detach_set(evcnt* const* first, evcnt* const* end) {
  for (; first < end; ++first) detach(*first, *first);
}

}  // namespace pupci::kern
