// SPDX-License-Identifier: BSD-2-Clause
// rbtree(3)'s interface over a treap: a search tree by key that is a heap by a number made of the
// node's address, and so balanced whatever the order of insertion. The manual promises times, not
// colours.
#include "netbsd/sys/rbtree.h"

#include <cstdint>

namespace {

// The finalizer of splitmix64.
std::uintptr_t priority_of(const rb_node_t* node) {
  auto z = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(node));
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return static_cast<std::uintptr_t>(z ^ (z >> 31));
}

rb_node_t* to_node(const rb_tree_t* tree, const void* object) {
  auto* bytes = const_cast<std::byte*>(static_cast<const std::byte*>(object));
  return reinterpret_cast<rb_node_t*>(bytes + tree->rbt_ops->rbto_node_offset);
}

void* to_object(const rb_tree_t* tree, rb_node_t* node) {
  return node == nullptr ? nullptr
                         : reinterpret_cast<std::byte*>(node) - tree->rbt_ops->rbto_node_offset;
}

int compare_nodes(const rb_tree_t* tree, rb_node_t* a, rb_node_t* b) {
  const rb_tree_ops_t* ops = tree->rbt_ops;
  return ops->rbto_compare_nodes(ops->rbto_context, to_object(tree, a), to_object(tree, b));
}

int compare_key(const rb_tree_t* tree, rb_node_t* node, const void* key) {
  const rb_tree_ops_t* ops = tree->rbt_ops;
  return ops->rbto_compare_key(ops->rbto_context, to_object(tree, node), key);
}

// Splits what hangs at `from` into nodes below and above `at`.
void split(const rb_tree_t* tree, rb_node_t* from, rb_node_t* at, rb_node_t** low,
           rb_node_t** high) {
  while (from != nullptr) {
    if (compare_nodes(tree, from, at) < 0) {
      *low = from;
      low = &from->rb_nodes[1];
      from = *low;
    } else {
      *high = from;
      high = &from->rb_nodes[0];
      from = *high;
    }
  }
  *low = nullptr;
  *high = nullptr;
}

// All of `low` is below all of `high`.
void merge(rb_node_t** place, rb_node_t* low, rb_node_t* high) {
  while (low != nullptr && high != nullptr) {
    if (low->rb_info > high->rb_info) {
      *place = low;
      place = &low->rb_nodes[1];
      low = *place;
    } else {
      *place = high;
      place = &high->rb_nodes[0];
      high = *place;
    }
  }
  *place = low != nullptr ? low : high;
}

rb_node_t* outermost(rb_node_t* node, unsigned direction) {
  while (node != nullptr && node->rb_nodes[direction] != nullptr) node = node->rb_nodes[direction];
  return node;
}

}  // namespace

void kern_rb_tree_init(rb_tree_t* tree, const rb_tree_ops_t* ops) {
  *tree = {};
  tree->rbt_ops = ops;
}

void* kern_rb_tree_insert_node(rb_tree_t* tree, void* object) {
  rb_node_t* fresh = to_node(tree, object);
  fresh->rb_info = priority_of(fresh);
  rb_node_t** place = &tree->rbt_root;
  rb_node_t** found = nullptr;  // where it belongs by priority
  while (*place != nullptr) {
    if (found == nullptr && (*place)->rb_info < fresh->rb_info) found = place;
    const int order = compare_nodes(tree, fresh, *place);
    if (order == 0) return to_object(tree, *place);
    place = &(*place)->rb_nodes[order > 0 ? 1 : 0];
  }
  if (found == nullptr) found = place;
  split(tree, *found, fresh, &fresh->rb_nodes[0], &fresh->rb_nodes[1]);
  *found = fresh;
  ++tree->rbt_count;
  return object;
}

void kern_rb_tree_remove_node(rb_tree_t* tree, void* object) {
  rb_node_t* gone = to_node(tree, object);
  rb_node_t** place = &tree->rbt_root;
  while (*place != gone) {
    place = &(*place)->rb_nodes[compare_nodes(tree, gone, *place) > 0 ? 1 : 0];
  }
  merge(place, gone->rb_nodes[0], gone->rb_nodes[1]);
  --tree->rbt_count;
}

void* kern_rb_tree_find_node(rb_tree_t* tree, const void* key) {
  rb_node_t* node = tree->rbt_root;
  while (node != nullptr) {
    const int order = compare_key(tree, node, key);
    if (order == 0) break;
    node = node->rb_nodes[order < 0 ? 1 : 0];
  }
  return to_object(tree, node);
}

void* kern_rb_tree_find_node_geq(rb_tree_t* tree, const void* key) {
  rb_node_t* best = nullptr;
  for (rb_node_t* node = tree->rbt_root; node != nullptr;) {
    const int order = compare_key(tree, node, key);
    if (order >= 0) best = node;
    if (order == 0) break;
    node = node->rb_nodes[order < 0 ? 1 : 0];
  }
  return to_object(tree, best);
}

void* kern_rb_tree_find_node_leq(rb_tree_t* tree, const void* key) {
  rb_node_t* best = nullptr;
  for (rb_node_t* node = tree->rbt_root; node != nullptr;) {
    const int order = compare_key(tree, node, key);
    if (order <= 0) best = node;
    if (order == 0) break;
    node = node->rb_nodes[order < 0 ? 1 : 0];
  }
  return to_object(tree, best);
}

void* kern_rb_tree_iterate(rb_tree_t* tree, void* object, const unsigned int direction) {
  if (object == nullptr) return to_object(tree, outermost(tree->rbt_root, direction));
  rb_node_t* from = to_node(tree, object);
  if (rb_node_t* below = from->rb_nodes[direction]) {
    return to_object(tree, outermost(below, 1 - direction));
  }
  // The last turn the other way on the path from the root is the neighbour.
  rb_node_t* neighbour = nullptr;
  for (rb_node_t* node = tree->rbt_root; node != from;) {
    const unsigned turn = compare_nodes(tree, from, node) > 0 ? 1 : 0;
    if (turn != direction) neighbour = node;
    node = node->rb_nodes[turn];
  }
  return to_object(tree, neighbour);
}

size_t kern_rb_tree_count(rb_tree_t* tree) {
  return tree->rbt_count;
}
