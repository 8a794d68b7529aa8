// SPDX-License-Identifier: BSD-2-Clause
#include "kern/track.h"

#include <array>
#include <functional>
#include <mutex>
#include <unordered_map>

#include "kern/lwp.h"

namespace pupci::kern {
namespace {

struct Key {
  const void* object;
  Kind kind;
  bool operator==(const Key&) const = default;
};

struct KeyHash {
  std::size_t operator()(const Key& key) const noexcept {
    return std::hash<const void*>{}(key.object) * 31 + static_cast<std::size_t>(key.kind);
  }
};

struct Shard {
  std::mutex mutex;
  std::unordered_map<Key, Tracked, KeyHash> entries;
};

// Immortal: drivers' destructors may run after ours.
std::array<Shard, 16>& shards() {
  static auto& all = *new std::array<Shard, 16>;
  return all;
}

Shard& shard_of(const void* object) {
  return shards()[(reinterpret_cast<std::uintptr_t>(object) >> 6) % shards().size()];
}

template <typename Predicate>
std::vector<Tracked> select(Predicate wanted) {
  std::vector<Tracked> found;
  for (Shard& shard : shards()) {
    const std::scoped_lock lock(shard.mutex);
    for (const auto& [key, tracked] : shard.entries) {
      if (wanted(tracked)) found.push_back(tracked);
    }
  }
  return found;
}

}  // namespace

const char* to_string(Kind kind) noexcept {
  switch (kind) {
    case Kind::memory:
      return "memory";
    case Kind::pool:
      return "pool";
    case Kind::dma_map:
      return "DMA map";
    case Kind::dma_memory:
      return "DMA memory";
    case Kind::dma_tag:
      return "DMA tag";
    case Kind::mapping:
      return "mapping";
    case Kind::interrupt:
      return "interrupt";
    case Kind::vectors:
      return "interrupt vectors";
    case Kind::callout:
      return "callout";
    case Kind::softint:
      return "softint";
    case Kind::workqueue:
      return "workqueue";
    case Kind::threadpool:
      return "threadpool";
    case Kind::thread:
      return "thread";
    case Kind::mutex:
      return "mutex";
    case Kind::condvar:
      return "condvar";
    case Kind::rwlock:
      return "rwlock";
    case Kind::evcnt:
      return "evcnt";
    case Kind::sysctl:
      return "sysctl node";
    case Kind::devsw:
      return "devsw";
    case Kind::percpu:
      return "percpu";
    case Kind::selinfo:
      return "selinfo";
    case Kind::other:
      return "resource";
  }
  return "resource";
}

void track(Kind kind, const void* object, std::size_t size, const void* caller) noexcept {
  Shard& shard = shard_of(object);
  const std::scoped_lock lock(shard.mutex);
  shard.entries[Key{object, kind}] = Tracked{kind, object, size, caller, current()->device};
}

bool untrack(Kind kind, const void* object) noexcept {
  Shard& shard = shard_of(object);
  const std::scoped_lock lock(shard.mutex);
  return shard.entries.erase(Key{object, kind}) != 0;
}

std::vector<Tracked> tracked_for(device_t device) {
  return select([device](const Tracked& t) { return t.device == device; });
}

std::vector<Tracked> tracked_in(const void* low, const void* high) {
  return select([low, high](const Tracked& t) {
    return !std::less<>{}(t.caller, low) && std::less<>{}(t.caller, high);
  });
}

void track_hand_over(device_t from, device_t to) {
  for (Shard& shard : shards()) {
    const std::scoped_lock lock(shard.mutex);
    for (auto& [key, tracked] : shard.entries) {
      if (tracked.device == from) tracked.device = to;
    }
  }
}

}  // namespace pupci::kern
