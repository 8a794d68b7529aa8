// SPDX-License-Identifier: BSD-2-Clause
// The nodes of sysctl(9) and the lock over them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "netbsd/sys/sysctl.h"

namespace pupci::kern::sysctl {

struct Node : sysctlnode {
  Node() noexcept : sysctlnode{} {}
  std::uint64_t id = 0;  // never used again
  const void* caller = nullptr;
  std::string text;  // description or string that the node owns
  std::string own_description;
  std::vector<std::unique_ptr<Node>> children;  // in order of number

  [[nodiscard]] Node* parent() const noexcept { return static_cast<Node*>(sysctl_parent); }
  [[nodiscard]] unsigned type() const noexcept { return SYSCTL_TYPE(sysctl_flags); }
  [[nodiscard]] Node* child(int number) const noexcept;
  [[nodiscard]] Node* child(std::string_view name) const noexcept;
  [[nodiscard]] std::string path() const;
  [[nodiscard]] std::vector<int> mib() const;
};

// The tree lock. A thread that waits for it gives up the kernel lock meanwhile, so that a helper
// function, which holds it, may take that one. Recursive.
void lock() noexcept;
void unlock() noexcept;

class Lock {
 public:
  Lock() noexcept { lock(); }
  ~Lock() { unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
};

// All below: with the tree lock held.

Node& root();
// Follows numbers from `start`, aliases too; null if there is no such node. `used` counts the
// numbers followed: it stops at a node whose function handles the rest.
Node* locate(Node& start, const int* name, unsigned length, unsigned& used);
Node* find(std::string_view path);
Node* find(std::uint64_t id);
// Takes over `fresh`, whose number may be CTL_CREATE. 0, EEXIST (then *made is the one in the way),
// EINVAL. On success *made is the new one.
int insert(Node& parent, std::unique_ptr<Node> fresh, Node** made);
// 0, ENOTEMPTY, EPERM for a permanent one.
int remove(Node& node);
void remove_tree(Node& node);

}  // namespace pupci::kern::sysctl
