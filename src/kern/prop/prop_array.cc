// SPDX-License-Identifier: BSD-2-Clause
// Arrays: prop_array(3).
#include "kern/prop/object.h"

using namespace pupci::kern::prop;

Object* _prop_array::iterate(std::size_t position, std::uint64_t version) {
  const std::scoped_lock lock(mutex);
  return version == changes && position < items.size() ? items[position].get() : nullptr;
}

std::uint64_t _prop_array::version() {
  const std::scoped_lock lock(mutex);
  return changes;
}

namespace {

prop_array_t copy(prop_array_t array, bool is_mutable) {
  auto* from = cast<_prop_array>(array);
  if (from == nullptr) return nullptr;
  auto to = std::make_unique<_prop_array>();
  const std::scoped_lock lock(from->mutex);
  to->items = from->items;
  to->is_mutable = is_mutable;
  return to.release();
}

std::vector<Reference> snapshot(_prop_array& array) {
  const std::scoped_lock lock(array.mutex);
  return array.items;
}

}  // namespace

prop_array_t prop_array_create() {
  return new _prop_array;
}

prop_array_t prop_array_create_with_capacity(unsigned capacity) {
  auto array = std::make_unique<_prop_array>();
  array->items.reserve(capacity);
  return array.release();
}

prop_array_t prop_array_copy(prop_array_t array) {
  return copy(array, false);
}

prop_array_t prop_array_copy_mutable(prop_array_t array) {
  return copy(array, true);
}

unsigned prop_array_capacity(prop_array_t array) {
  auto* object = cast<_prop_array>(array);
  if (object == nullptr) return 0;
  const std::scoped_lock lock(object->mutex);
  return static_cast<unsigned>(object->items.capacity());
}

unsigned prop_array_count(prop_array_t array) {
  auto* object = cast<_prop_array>(array);
  if (object == nullptr) return 0;
  const std::scoped_lock lock(object->mutex);
  return static_cast<unsigned>(object->items.size());
}

bool prop_array_ensure_capacity(prop_array_t array, unsigned capacity) {
  auto* object = cast<_prop_array>(array);
  if (object == nullptr) return false;
  const std::scoped_lock lock(object->mutex);
  object->items.reserve(capacity);
  return true;
}

void prop_array_make_immutable(prop_array_t array) {
  auto* object = cast<_prop_array>(array);
  if (object == nullptr) return;
  const std::scoped_lock lock(object->mutex);
  object->is_mutable = false;
}

bool prop_array_mutable(prop_array_t array) {
  auto* object = cast<_prop_array>(array);
  if (object == nullptr) return false;
  const std::scoped_lock lock(object->mutex);
  return object->is_mutable;
}

prop_object_t prop_array_get(prop_array_t array, unsigned index) {
  auto* object = cast<_prop_array>(array);
  if (object == nullptr) return nullptr;
  const std::scoped_lock lock(object->mutex);
  return index < object->items.size() ? object->items[index].get() : nullptr;
}

bool prop_array_set(prop_array_t array, unsigned index, prop_object_t item) {
  auto* object = cast<_prop_array>(array);
  if (object == nullptr || item == nullptr) return false;
  Reference item_reference(item);  // what is replaced is released after the lock
  const std::scoped_lock lock(object->mutex);
  if (!object->is_mutable || index > object->items.size()) return false;
  object->changes++;
  if (index == object->items.size()) {
    object->items.push_back(std::move(item_reference));
  } else {
    std::swap(object->items[index], item_reference);
  }
  return true;
}

bool prop_array_add(prop_array_t array, prop_object_t item) {
  return prop_array_set(array, prop_array_count(array), item);
}

void prop_array_remove(prop_array_t array, unsigned index) {
  auto* object = cast<_prop_array>(array);
  if (object == nullptr) return;
  Reference removed;
  const std::scoped_lock lock(object->mutex);
  if (!object->is_mutable || index >= object->items.size()) return;
  object->changes++;
  std::swap(removed, object->items[index]);
  object->items.erase(object->items.begin() + index);
}

bool prop_array_equals(prop_array_t a, prop_array_t b) {
  auto* left = cast<_prop_array>(a);
  auto* right = cast<_prop_array>(b);
  if (left == nullptr || right == nullptr) return false;
  if (left == right) return true;
  const auto ours = snapshot(*left);
  const auto theirs = snapshot(*right);
  if (ours.size() != theirs.size()) return false;
  for (std::size_t i = 0; i < ours.size(); i++) {
    if (!prop_object_equals(ours[i].get(), theirs[i].get())) return false;
  }
  return true;
}

char* prop_array_externalize(prop_array_t array) {
  return cast<_prop_array>(array) == nullptr ? nullptr : prop_object_externalize(array);
}

prop_array_t prop_array_internalize(const char* text) {
  Reference object = text == nullptr ? Reference{} : internalize(text);
  auto* array = cast<_prop_array>(object.get());
  if (array != nullptr) object.detach();
  return array;
}

bool prop_array_set_and_rel(prop_array_t array, unsigned index, prop_object_t item) {
  const Reference ours = Reference::adopt(item);
  return prop_array_set(array, index, item);
}

bool prop_array_add_and_rel(prop_array_t array, prop_object_t item) {
  const Reference ours = Reference::adopt(item);
  return prop_array_add(array, item);
}
