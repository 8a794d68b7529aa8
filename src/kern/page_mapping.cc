// SPDX-License-Identifier: BSD-2-Clause
#include "kern/page_mapping.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <utility>
#include <vector>

#include "kern/klock.h"

namespace pupci::kern {
namespace {

struct Mapping {
  std::shared_ptr<PageClient> client;
  std::uint64_t start;
  std::uint64_t end;
};

struct Registry {
  std::mutex mutex;
  std::list<Mapping> mappings;
};

Registry& registry() {
  static auto& the_registry = *new Registry;
  return the_registry;
}

// Takes [start, end) out of every mapping that `meant` says yes to; what was cut.
template <typename Predicate>
std::vector<Mapping> cut(std::uint64_t start, std::uint64_t end, Predicate meant) {
  const std::scoped_lock lock(registry().mutex);
  auto& all = registry().mappings;
  std::vector<Mapping> pieces;
  for (auto it = all.begin(); it != all.end();) {
    const Mapping whole = *it;
    if (whole.end <= start || whole.start >= end || !meant(whole)) {
      ++it;
      continue;
    }
    pieces.push_back({whole.client, std::max(whole.start, start), std::min(whole.end, end)});
    it = all.erase(it);
    if (whole.start < start) all.insert(it, {whole.client, whole.start, start});
    if (whole.end > end) all.insert(it, {whole.client, end, whole.end});
  }
  return pieces;
}

}  // namespace

void mapping_enter(const std::shared_ptr<PageClient>& client, std::uint64_t address,
                   std::uint64_t size) {
  const std::scoped_lock lock(registry().mutex);
  registry().mappings.push_back({client, address, address + size});
}

void mapping_remove(const PageClient& client, std::uint64_t address, std::uint64_t size) {
  // The same pages may be mapped twice: one piece of each is enough.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> done;
  cut(address, address + size, [&](const Mapping& mapping) {
    if (mapping.client.get() != &client) return false;
    for (const auto& [start, end] : done) {
      if (mapping.start < end && start < mapping.end) return false;
    }
    done.emplace_back(mapping.start, mapping.end);
    return true;
  });
}

void mapping_remove_all(const PageClient& client) {
  const std::scoped_lock lock(registry().mutex);
  registry().mappings.remove_if(
      [&](const Mapping& mapping) { return mapping.client.get() == &client; });
}

void mapping_revoke(std::uint64_t address, std::uint64_t size) {
  const auto pieces = cut(address, address + size, [](const Mapping&) { return true; });
  if (pieces.empty()) return;
  const unsigned holds = kernel_unlock_all();
  for (const Mapping& piece : pieces) piece.client->revoke(piece.start, piece.end - piece.start);
  if (holds != 0) kernel_lock(holds);
}

}  // namespace pupci::kern
