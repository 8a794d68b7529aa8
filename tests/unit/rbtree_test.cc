// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/rbtree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <vector>

namespace {

struct Entry {
  int key;
  rb_node_t node;
};

int compare_entries(void*, const void* a, const void* b) {
  const int x = static_cast<const Entry*>(a)->key;
  const int y = static_cast<const Entry*>(b)->key;
  return x < y ? -1 : x > y ? 1 : 0;
}
int compare_key(void*, const void* a, const void* key) {
  const int x = static_cast<const Entry*>(a)->key;
  const int y = *static_cast<const int*>(key);
  return x < y ? -1 : x > y ? 1 : 0;
}
const rb_tree_ops_t ops = {compare_entries, compare_key, offsetof(Entry, node), nullptr};

unsigned depth(const rb_node_t* node) {
  return node == nullptr ? 0 : 1 + std::max(depth(node->rb_nodes[0]), depth(node->rb_nodes[1]));
}

TEST(Rbtree, BehavesAsAMap) {
  std::mt19937 random(1);
  std::map<int, std::unique_ptr<Entry>> reference;
  rb_tree_t tree;
  kern_rb_tree_init(&tree, &ops);
  for (int round = 0; round < 20000; ++round) {
    const int key = static_cast<int>(random() % 300);
    const auto found = reference.find(key);
    if (random() % 2 == 0) {
      auto fresh = std::make_unique<Entry>(Entry{key, {}});
      void* in = kern_rb_tree_insert_node(&tree, fresh.get());
      if (found == reference.end()) {
        EXPECT_EQ(in, fresh.get());
        reference[key] = std::move(fresh);
      } else {
        EXPECT_EQ(in, found->second.get());
      }
    } else if (found != reference.end()) {
      kern_rb_tree_remove_node(&tree, found->second.get());
      reference.erase(found);
    }
    const auto above = reference.lower_bound(key);
    void* geq = above == reference.end() ? nullptr : above->second.get();
    EXPECT_EQ(kern_rb_tree_find_node_geq(&tree, &key), geq);
    const auto upper = reference.upper_bound(key);
    void* leq = upper == reference.begin() ? nullptr : std::prev(upper)->second.get();
    EXPECT_EQ(kern_rb_tree_find_node_leq(&tree, &key), leq);
    EXPECT_EQ(kern_rb_tree_count(&tree), reference.size());
  }
  auto expected = reference.begin();
  Entry* entry = nullptr;
  for (entry = static_cast<Entry*>(RB_TREE_MIN(&tree)); entry != nullptr;
       entry = static_cast<Entry*>(RB_TREE_NEXT(&tree, entry)), ++expected) {
    ASSERT_NE(expected, reference.end());
    EXPECT_EQ(entry, expected->second.get());
  }
  EXPECT_EQ(expected, reference.end());
  auto backwards = reference.rbegin();
  for (entry = static_cast<Entry*>(RB_TREE_MAX(&tree)); entry != nullptr;
       entry = static_cast<Entry*>(RB_TREE_PREV(&tree, entry)), ++backwards) {
    EXPECT_EQ(entry, backwards->second.get());
  }
  EXPECT_EQ(backwards, reference.rend());
}

TEST(Rbtree, StaysShallowWhenFilledInOrder) {
  std::vector<Entry> entries(10000);
  rb_tree_t tree;
  kern_rb_tree_init(&tree, &ops);
  for (int i = 0; i < 10000; ++i) {
    entries[static_cast<std::size_t>(i)].key = i;
    kern_rb_tree_insert_node(&tree, &entries[static_cast<std::size_t>(i)]);
  }
  EXPECT_LT(depth(tree.rbt_root), 60U);
  const int key = 5000;
  EXPECT_EQ(kern_rb_tree_find_node(&tree, &key), &entries[5000]);
  const int missing = 10000;
  EXPECT_EQ(kern_rb_tree_find_node(&tree, &missing), nullptr);
}

}  // namespace
