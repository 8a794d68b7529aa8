// SPDX-License-Identifier: BSD-2-Clause
// The sysctl tree by name and as text.
#include <fmt/core.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/sysctl.h"
#include "kern/sysctl_tree.h"

namespace pupci::kern {
namespace {

using sysctl::Node;

const char* type_name(unsigned type) {
  switch (type) {
    case CTLTYPE_INT:
      return "int";
    case CTLTYPE_STRING:
      return "string";
    case CTLTYPE_QUAD:
      return "quad";
    case CTLTYPE_STRUCT:
      return "struct";
    case CTLTYPE_BOOL:
      return "bool";
    default:
      return "node";
  }
}

template <typename Signed>
std::string number_text(const Node& node, const std::string& raw) {
  Signed value{};
  if (raw.size() < sizeof(value)) return {};
  std::memcpy(&value, raw.data(), sizeof(value));
  using Unsigned = std::make_unsigned_t<Signed>;
  if ((node.sysctl_flags & CTLFLAG_HEX) != 0) {
    return fmt::format("{:#x}", static_cast<Unsigned>(value));
  }
  return (node.sysctl_flags & CTLFLAG_UNSIGNED) != 0
             ? fmt::format("{}", static_cast<Unsigned>(value))
             : fmt::format("{}", value);
}

std::string to_text(const Node& node, const std::string& raw) {
  switch (node.type()) {
    case CTLTYPE_INT:
      return number_text<std::int32_t>(node, raw);
    case CTLTYPE_QUAD:
      return number_text<std::int64_t>(node, raw);
    case CTLTYPE_BOOL:
      return !raw.empty() && raw[0] != 0 ? "1" : "0";
    case CTLTYPE_STRING:
      return {raw.c_str()};
    default: {
      std::string hex;
      for (const char c : raw) hex += fmt::format("{:02x}", static_cast<unsigned char>(c));
      return hex;
    }
  }
}

template <typename Signed>
std::optional<std::string> number_bytes(const std::string& text) {
  errno = 0;
  char* end = nullptr;
  const bool negative = text.find('-') != std::string::npos;
  const auto wide = negative ? static_cast<std::uint64_t>(std::strtoll(text.c_str(), &end, 0))
                             : std::strtoull(text.c_str(), &end, 0);
  if (errno != 0 || end == text.c_str() || *end != '\0') return std::nullopt;
  const auto value = static_cast<Signed>(wide);
  // Either sign's full range, but no more bits than there are.
  const bool fits = negative ? static_cast<std::int64_t>(value) == static_cast<std::int64_t>(wide)
                             : static_cast<std::make_unsigned_t<Signed>>(value) == wide;
  if (!fits) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(&value), sizeof(value));
}

std::optional<std::string> struct_bytes(const std::string& hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    unsigned char byte = 0;
    const char* end = hex.data() + i + 2;
    const auto [parsed, error] = std::from_chars(hex.data() + i, end, byte, 16);
    if (error != std::errc() || parsed != end) return std::nullopt;
    bytes += static_cast<char>(byte);
  }
  return bytes;
}

std::optional<std::string> to_bytes(const Node& node, const std::string& text) {
  switch (node.type()) {
    case CTLTYPE_INT:
      return number_bytes<std::int32_t>(text);
    case CTLTYPE_QUAD:
      return number_bytes<std::int64_t>(text);
    case CTLTYPE_STRING:
      return text + '\0';
    case CTLTYPE_STRUCT:
      return struct_bytes(text);
    case CTLTYPE_BOOL:
      if (text == "1" || text == "true") return std::string(1, '\1');
      if (text == "0" || text == "false") return std::string(1, '\0');
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

int call(const Node& node, void* old_value, std::size_t* old_size, const void* new_value,
         std::size_t new_size) {
  const std::vector<int> mib = node.mib();
  return sysctl_dispatch(mib.data(), static_cast<unsigned>(mib.size()), old_value, old_size,
                         new_value, new_size, mib.data(), current(), nullptr);
}

int read_raw(const Node& node, std::string& raw) {
  std::size_t room = 1024;
  for (int attempt = 0; attempt < 8; ++attempt) {
    raw.assign(room, '\0');
    std::size_t size = room;
    const int error = call(node, raw.data(), &size, nullptr, 0);
    if (error != 0 && error != ENOMEM) return error;
    if (error == 0 && size <= room) {
      raw.resize(size);
      return 0;
    }
    room = std::max(size, room * 2);
  }
  return ENOMEM;
}

int describe(const Node& node, SysctlEntry& entry) {
  std::string raw;
  if (const int error = read_raw(node, raw)) return error;
  entry = {node.path(), type_name(node.type()), to_text(node, raw),
           node.sysctl_desc != nullptr ? node.sysctl_desc : "",
           (node.sysctl_flags & CTLFLAG_READWRITE) != 0};
  return 0;
}

void list_below(const Node& node, std::vector<SysctlEntry>& found) {
  if ((node.sysctl_flags & (CTLFLAG_HIDDEN | CTLFLAG_ALIAS)) != 0) return;
  if (node.type() != CTLTYPE_NODE) {
    SysctlEntry entry;
    if (describe(node, entry) == 0) found.push_back(std::move(entry));
  }
  for (const auto& child : node.children) list_below(*child, found);
}

bool points_into(const void* p, const void* low, const void* high) {
  return !std::less<>{}(p, low) && std::less<>{}(p, high);
}

void purge_below(Node& node, const void* low, const void* high) {
  for (std::size_t i = node.children.size(); i-- > 0;) {
    Node& child = *node.children[i];
    purge_below(child, low, high);
    const bool immediate = (child.sysctl_flags & CTLFLAG_IMMEDIATE) != 0;
    const auto function = reinterpret_cast<const void*>(child.sysctl_func);
    const bool theirs =
        points_into(function, low, high) || points_into(child.caller, low, high) ||
        points_into(child.sysctl_desc, low, high) ||
        (child.type() != CTLTYPE_NODE && !immediate && points_into(child.sysctl_data, low, high));
    if (theirs && child.children.empty()) sysctl::remove_tree(child);
  }
}

}  // namespace

std::vector<SysctlEntry> sysctl_list(std::string_view prefix) {
  const KernelLock kernel;
  const sysctl::Lock lock;
  std::vector<SysctlEntry> found;
  if (const Node* node = sysctl::find(prefix)) list_below(*node, found);
  return found;
}

int sysctl_get(std::string_view name, SysctlEntry& entry) {
  const KernelLock kernel;
  const sysctl::Lock lock;
  const Node* node = sysctl::find(name);
  if (node == nullptr) return ENOENT;
  return node->type() == CTLTYPE_NODE ? EISDIR : describe(*node, entry);
}

int sysctl_set(std::string_view name, const std::string& value) {
  const KernelLock kernel;
  const sysctl::Lock lock;
  const Node* node = sysctl::find(name);
  if (node == nullptr) return ENOENT;
  if (node->type() == CTLTYPE_NODE) return EISDIR;
  if ((node->sysctl_flags & CTLFLAG_READWRITE) == 0) return EPERM;
  const auto bytes = to_bytes(*node, value);
  if (!bytes) return EINVAL;
  std::size_t old_size = 0;
  return call(*node, nullptr, &old_size, bytes->data(), bytes->size());
}

sysctllog* sysctl_run_setup(const SysctlSetup* first, const SysctlSetup* end) {
  sysctllog* log = nullptr;
  for (; first < end; ++first) (*first)(&log);
  return log;
}

void sysctl_purge(const void* low, const void* high) {
  const sysctl::Lock lock;
  purge_below(sysctl::root(), low, high);
}

void sysctl_forget(const void* node) {
  const sysctl::Lock lock;
  std::vector<Node*> pending{&sysctl::root()};
  while (!pending.empty()) {
    Node* at = pending.back();
    pending.pop_back();
    if (at == node) {
      sysctl::remove_tree(*at);
      return;
    }
    for (const auto& child : at->children) pending.push_back(child.get());
  }
}

}  // namespace pupci::kern
