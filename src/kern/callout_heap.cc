// SPDX-License-Identifier: BSD-2-Clause
#include "kern/callout_heap.h"

#include <tuple>
#include <utility>

namespace pupci::kern {
namespace {

bool earlier(const Callout* a, const Callout* b) noexcept {
  return std::tie(a->deadline, a->sequence) < std::tie(b->deadline, b->sequence);
}

}  // namespace

// Both are roots without siblings; so is the result.
Callout* CalloutHeap::meld(Callout* a, Callout* b) noexcept {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  if (earlier(b, a)) std::swap(a, b);
  b->next = a->child;
  if (b->next != nullptr) b->next->previous = b;
  b->previous = a;
  a->child = b;
  return a;
}

// Pairs from left to right, then the pairs from right to left: what makes removal logarithmic.
Callout* CalloutHeap::meld_siblings(Callout* first) noexcept {
  Callout* pairs = nullptr;  // a stack through `next`
  while (first != nullptr) {
    Callout* const a = first;
    Callout* const b = a->next;
    first = b != nullptr ? b->next : nullptr;
    a->next = a->previous = nullptr;
    if (b != nullptr) b->next = b->previous = nullptr;
    Callout* const pair = meld(a, b);
    pair->next = pairs;
    pairs = pair;
  }
  Callout* root = nullptr;
  while (pairs != nullptr) {
    Callout* const pair = pairs;
    pairs = pair->next;
    pair->next = nullptr;
    root = meld(root, pair);
  }
  return root;
}

void CalloutHeap::insert(Callout* c) noexcept {
  c->child = c->next = c->previous = nullptr;
  root_ = meld(root_, c);
}

void CalloutHeap::remove(Callout* c) noexcept {
  Callout* const below = meld_siblings(c->child);
  if (c == root_) {
    root_ = below;
  } else {
    (c->previous->child == c ? c->previous->child : c->previous->next) = c->next;
    if (c->next != nullptr) c->next->previous = c->previous;
    root_ = meld(root_, below);
  }
  c->child = c->next = c->previous = nullptr;
}

}  // namespace pupci::kern
