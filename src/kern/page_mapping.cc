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

struct ClientPages {
  std::shared_ptr<PageClient> client;
  std::uint64_t start;
  std::uint64_t end;
};

struct PageRegistry {
  std::mutex mutex;
  std::list<ClientPages> mappings;
};

PageRegistry& page_registry() {
  static auto& the_registry = *new PageRegistry;
  return the_registry;
}

// Takes [start, end) out of every mapping that `meant` says yes to; what was cut.
template <typename Predicate>
std::vector<ClientPages> cut_pages(std::uint64_t start, std::uint64_t end, Predicate meant) {
  const std::scoped_lock lock(page_registry().mutex);
  auto& all = page_registry().mappings;
  std::vector<ClientPages> pieces;
  for (auto it = all.begin(); it != all.end();) {
    const ClientPages whole = *it;
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
  const std::scoped_lock lock(page_registry().mutex);
  page_registry().mappings.push_back({client, address, address + size});
}

void mapping_remove(const PageClient& client, std::uint64_t address, std::uint64_t size) {
  // The same pages may be mapped twice: one piece of each is enough.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> done;
  cut_pages(address, address + size, [&](const ClientPages& mapping) {
    if (mapping.client.get() != &client) return false;
    for (const auto& [start, end] : done) {
      if (mapping.start < end && start < mapping.end) return false;
    }
    done.emplace_back(mapping.start, mapping.end);
    return true;
  });
}

void mapping_remove_all(const PageClient& client) {
  const std::scoped_lock lock(page_registry().mutex);
  page_registry().mappings.remove_if(
      [&](const ClientPages& mapping) { return mapping.client.get() == &client; });
}

void mapping_revoke(std::uint64_t address, std::uint64_t size) {
  const auto pieces = cut_pages(address, address + size, [](const ClientPages&) { return true; });
  if (pieces.empty()) return;
  const unsigned holds = kernel_unlock_all();
  for (const ClientPages& piece : pieces)
    piece.client->revoke(piece.start, piece.end - piece.start);
  if (holds != 0) kernel_lock(holds);
}

}  // namespace pupci::kern
