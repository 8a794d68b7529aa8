// SPDX-License-Identifier: BSD-2-Clause
#include "kern/sysctl_tree.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <unordered_map>

#include "kern/firmload.h"
#include "kern/klock.h"
#include "kern/track.h"
#include "netbsd/sys/kernel.h"
#include "netbsd/sys/systm.h"

namespace pupci::kern::sysctl {
namespace {

constexpr int first_free_number = 1024;  // smaller ones are for well-known nodes

struct Tree {
  std::recursive_mutex mutex;
  Node root;
  std::uint64_t last_id = 0;
  std::unordered_map<std::uint64_t, Node*> by_id;
};

// Immortal, as drivers' destructors may come late.
Tree& tree() {
  static auto& the = *new Tree;
  return the;
}

int free_number(const Node& parent) {
  return parent.children.empty()
             ? first_free_number
             : std::max(first_free_number, parent.children.back()->sysctl_num + 1);
}

Node* add_node(Node& parent, int number, const char* name, unsigned type) {
  auto node = std::make_unique<Node>();
  node->sysctl_num = number;
  node->sysctl_flags = SYSCTL_VERSION | CTLFLAG_PERMANENT | type;
  kern_strlcpy(node->sysctl_name, name, sizeof(node->sysctl_name));
  Node* made = nullptr;
  insert(parent, std::move(node), &made);
  return made;
}

void add_string(Node& parent, int number, const char* name, const std::string& value) {
  Node* node = add_node(parent, number, name, CTLTYPE_STRING);
  node->text = value;
  node->sysctl_data = node->text.data();
  node->sysctl_size = node->text.size() + 1;
}

void add_int(Node& parent, int number, const char* name, int value) {
  Node* node = add_node(parent, number, name, CTLTYPE_INT);
  node->sysctl_flags |= CTLFLAG_IMMEDIATE;
  node->sysctl_idata = value;
  node->sysctl_size = sizeof(int);
}

void add_well_known(Node& top) {
  constexpr std::array<const char*, CTL_MAXID> names{"",      "kern",   "vm",      "vfs",     "net",
                                                     "debug", "hw",     "machdep", "user",    "ddb",
                                                     "proc",  "vendor", "emul",    "security"};
  for (int number = 1; number < CTL_MAXID; ++number) {
    add_node(top, number, names[static_cast<std::size_t>(number)], CTLTYPE_NODE);
  }
  std::array<char, 256> host{};
  (void)gethostname(host.data(), host.size() - 1);
  Node& kern = *top.child(CTL_KERN);
  add_string(kern, KERN_OSTYPE, "ostype", ostype);
  add_string(kern, KERN_OSRELEASE, "osrelease", osrelease);
  add_string(kern, KERN_VERSION, "version", version);
  add_string(kern, KERN_HOSTNAME, "hostname", host.data());
  Node& hw = *top.child(CTL_HW);
  add_string(hw, HW_MACHINE, "machine", machine);
  add_int(hw, HW_NCPU, "ncpu", ncpu);
  add_int(hw, HW_PAGESIZE, "pagesize", PAGE_SIZE);
  Node* firmware = add_node(hw, CTL_CREATE, "firmware", CTLTYPE_NODE);
  Node* path = add_node(*firmware, CTL_CREATE, "path", CTLTYPE_STRING);
  path->sysctl_flags |= CTLFLAG_READWRITE;
  path->sysctl_data = firmware_path().data();
  path->sysctl_size = firmware_path().size();
  path->sysctl_desc = "Directories where firmware is looked for";
}

}  // namespace

Node* Node::child(int number) const noexcept {
  for (const auto& node : children) {
    if (node->sysctl_num == number) return node.get();
  }
  return nullptr;
}

Node* Node::child(std::string_view name) const noexcept {
  for (const auto& node : children) {
    if (name == node->sysctl_name) return node.get();
  }
  return nullptr;
}

std::string Node::path() const {
  const Node* up = parent();
  if (up == nullptr) return {};
  const std::string before = up->path();
  return before.empty() ? sysctl_name : before + "." + sysctl_name;
}

std::vector<int> Node::mib() const {
  const Node* up = parent();
  if (up == nullptr) return {};
  std::vector<int> numbers = up->mib();
  numbers.push_back(sysctl_num);
  return numbers;
}

void lock() noexcept {
  std::recursive_mutex& mutex = tree().mutex;
  if (mutex.try_lock()) return;
  const unsigned count = kernel_unlock_all();
  mutex.lock();
  if (count != 0) kernel_lock(count);
}

void unlock() noexcept {
  tree().mutex.unlock();
}

Node& root() {
  Tree& t = tree();
  if (t.root.sysctl_flags == 0) {
    t.root.sysctl_flags = SYSCTL_VERSION | CTLFLAG_PERMANENT | CTLFLAG_ROOT | CTLTYPE_NODE;
    add_well_known(t.root);
  }
  return t.root;
}

Node* locate(Node& start, const int* name, unsigned length, unsigned& used) {
  Node* node = &start;
  for (used = 0; used < length && name[used] >= 0; ++used) {
    if (node->type() != CTLTYPE_NODE || (node->sysctl_flags & CTLFLAG_ANYNUMBER) != 0) return node;
    Node* next = node->child(name[used]);
    if (next != nullptr && (next->sysctl_flags & CTLFLAG_ALIAS) != 0) {
      next = node->child(next->sysctl_alias);
    }
    if (next == nullptr) return nullptr;
    node = next;
  }
  return node;
}

Node* find(std::string_view path) {
  Node* node = &root();
  while (!path.empty() && node != nullptr) {
    const std::size_t dot = path.find('.');
    node = node->child(path.substr(0, dot));
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
  }
  return node;
}

Node* find(std::uint64_t id) {
  const auto found = tree().by_id.find(id);
  return found == tree().by_id.end() ? nullptr : found->second;
}

int insert(Node& parent, std::unique_ptr<Node> fresh, Node** made) {
  if (parent.type() != CTLTYPE_NODE) return EINVAL;
  if (fresh->sysctl_num == CTL_CREATE) fresh->sysctl_num = free_number(parent);
  if (fresh->sysctl_num < 0) return EINVAL;
  Node* in_the_way = parent.child(fresh->sysctl_name);
  if (in_the_way == nullptr) in_the_way = parent.child(fresh->sysctl_num);
  if (in_the_way != nullptr) {
    *made = in_the_way;
    return EEXIST;
  }
  fresh->sysctl_parent = &parent;
  fresh->id = ++tree().last_id;
  *made = fresh.get();
  tree().by_id[fresh->id] = fresh.get();
  const auto place =
      std::upper_bound(parent.children.begin(), parent.children.end(), fresh->sysctl_num,
                       [](int number, const auto& node) { return number < node->sysctl_num; });
  parent.children.insert(place, std::move(fresh));
  return 0;
}

int remove(Node& node) {
  if ((node.sysctl_flags & CTLFLAG_PERMANENT) != 0 || node.parent() == nullptr) return EPERM;
  if (!node.children.empty()) return ENOTEMPTY;
  remove_tree(node);
  return 0;
}

void remove_tree(Node& node) {
  while (!node.children.empty()) remove_tree(*node.children.back());
  tree().by_id.erase(node.id);
  (void)untrack(Kind::sysctl, &node);
  std::erase_if(node.parent()->children, [&](const auto& child) { return child.get() == &node; });
}

}  // namespace pupci::kern::sysctl
