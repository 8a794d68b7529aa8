// SPDX-License-Identifier: BSD-2-Clause
// Tables of what a driver is compatible with: device_compatible_match(9).
#include <cstring>
#include <functional>

#include "netbsd/sys/device.h"

namespace {

// The first string that matches any entry decides, and the sooner it stands among `count` the
// better the match.
const device_compatible_entry* find_string(const char* string,
                                           const device_compatible_entry* table) {
  for (const auto* entry = table; entry->compat != nullptr; entry++) {
    if (std::strcmp(entry->compat, string) == 0) return entry;
  }
  return nullptr;
}

struct Match {
  int weight = 0;
  const device_compatible_entry* entry = nullptr;
};

Match match_array(const char** strings, int count, const device_compatible_entry* table) {
  if (strings == nullptr || table == nullptr) return {};
  for (int i = 0; i < count; i++) {
    if (const auto* entry = find_string(strings[i], table)) return {count - i, entry};
  }
  return {};
}

// `list` is `size` bytes of strings, each with its null byte; an unterminated last one is ignored.
Match match_list(const char* list, std::size_t size, const device_compatible_entry* table) {
  if (list == nullptr || table == nullptr) return {};
  int count = 0;
  for (std::size_t i = 0; i < size; i++) count += list[i] == '\0' ? 1 : 0;
  for (int i = 0; i < count; i++, list += std::strlen(list) + 1) {
    if (const auto* entry = find_string(list, table)) return {count - i, entry};
  }
  return {};
}

Match match_id(std::uintptr_t id, std::uintptr_t sentinel, const device_compatible_entry* table) {
  if (table == nullptr) return {};
  for (const auto* entry = table; entry->id != sentinel; entry++) {
    if (entry->id == id) return {1, entry};
  }
  return {};
}

}  // namespace

int device_compatible_match(const char** strings, int count, const device_compatible_entry* table) {
  return match_array(strings, count, table).weight;
}

const device_compatible_entry* device_compatible_lookup(const char** strings, int count,
                                                        const device_compatible_entry* table) {
  return match_array(strings, count, table).entry;
}

int device_compatible_match_strlist(const char* list, std::size_t size,
                                    const device_compatible_entry* table) {
  return match_list(list, size, table).weight;
}

const device_compatible_entry* device_compatible_lookup_strlist(
    const char* list, std::size_t size, const device_compatible_entry* table) {
  return match_list(list, size, table).entry;
}

int device_compatible_match_id(std::uintptr_t id, std::uintptr_t sentinel,
                               const device_compatible_entry* table) {
  return match_id(id, sentinel, table).weight;
}

const device_compatible_entry* device_compatible_lookup_id(std::uintptr_t id,
                                                           std::uintptr_t sentinel,
                                                           const device_compatible_entry* table) {
  return match_id(id, sentinel, table).entry;
}
