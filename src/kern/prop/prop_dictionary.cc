// SPDX-License-Identifier: BSD-2-Clause
// Dictionaries: prop_dictionary(3).
#include "kern/prop/object.h"

using namespace pupci::kern::prop;

Object* _prop_dictionary::iterate(std::size_t position, std::uint64_t version) {
  const std::scoped_lock lock(mutex);
  if (version != changes || position >= entries.size()) return nullptr;
  return std::next(entries.begin(), static_cast<std::ptrdiff_t>(position))->second.key.get();
}

std::uint64_t _prop_dictionary::version() {
  const std::scoped_lock lock(mutex);
  return changes;
}

namespace {

using Entries = decltype(_prop_dictionary::entries);

Entries snapshot(_prop_dictionary& dictionary) {
  const std::scoped_lock lock(dictionary.mutex);
  return dictionary.entries;
}

prop_dictionary_t copy(prop_dictionary_t dictionary, bool is_mutable) {
  auto* from = cast<_prop_dictionary>(dictionary);
  if (from == nullptr) return nullptr;
  auto to = std::make_unique<_prop_dictionary>();
  to->entries = snapshot(*from);
  to->is_mutable = is_mutable;
  return to.release();
}

}  // namespace

prop_dictionary_t prop_dictionary_create() {
  return new _prop_dictionary;
}

prop_dictionary_t prop_dictionary_create_with_capacity(unsigned /*capacity*/) {
  return new _prop_dictionary;
}

prop_dictionary_t prop_dictionary_copy(prop_dictionary_t dictionary) {
  return copy(dictionary, false);
}

prop_dictionary_t prop_dictionary_copy_mutable(prop_dictionary_t dictionary) {
  return copy(dictionary, true);
}

unsigned prop_dictionary_count(prop_dictionary_t dictionary) {
  auto* object = cast<_prop_dictionary>(dictionary);
  if (object == nullptr) return 0;
  const std::scoped_lock lock(object->mutex);
  return static_cast<unsigned>(object->entries.size());
}

// A tree grows by single entries; there is nothing to reserve.
bool prop_dictionary_ensure_capacity(prop_dictionary_t dictionary, unsigned /*capacity*/) {
  return cast<_prop_dictionary>(dictionary) != nullptr;
}

void prop_dictionary_make_immutable(prop_dictionary_t dictionary) {
  auto* object = cast<_prop_dictionary>(dictionary);
  if (object == nullptr) return;
  const std::scoped_lock lock(object->mutex);
  object->is_mutable = false;
}

bool prop_dictionary_mutable(prop_dictionary_t dictionary) {
  auto* object = cast<_prop_dictionary>(dictionary);
  if (object == nullptr) return false;
  const std::scoped_lock lock(object->mutex);
  return object->is_mutable;
}

prop_array_t prop_dictionary_all_keys(prop_dictionary_t dictionary) {
  auto* object = cast<_prop_dictionary>(dictionary);
  if (object == nullptr) return nullptr;
  const prop_array_t keys = prop_array_create();
  for (const auto& [name, entry] : snapshot(*object)) prop_array_add(keys, entry.key.get());
  return keys;
}

prop_object_t prop_dictionary_get(prop_dictionary_t dictionary, const char* key) {
  auto* object = cast<_prop_dictionary>(dictionary);
  if (object == nullptr || key == nullptr) return nullptr;
  const std::scoped_lock lock(object->mutex);
  const auto found = object->entries.find(std::string_view(key));
  return found == object->entries.end() ? nullptr : found->second.value.get();
}

bool prop_dictionary_set(prop_dictionary_t dictionary, const char* key, prop_object_t value) {
  auto* object = cast<_prop_dictionary>(dictionary);
  if (object == nullptr || key == nullptr || value == nullptr) return false;
  Reference fresh(value);  // what is replaced is released after the lock
  const std::scoped_lock lock(object->mutex);
  if (!object->is_mutable) return false;
  object->changes++;
  auto& entry = object->entries[key];
  if (entry.key.get() == nullptr) {
    entry.key = Reference::adopt(new _prop_dictionary_keysym(key));
  }
  std::swap(entry.value, fresh);
  return true;
}

void prop_dictionary_remove(prop_dictionary_t dictionary, const char* key) {
  auto* object = cast<_prop_dictionary>(dictionary);
  if (object == nullptr || key == nullptr) return;
  _prop_dictionary::Entry removed;
  const std::scoped_lock lock(object->mutex);
  const auto found = object->entries.find(std::string_view(key));
  if (!object->is_mutable || found == object->entries.end()) return;
  object->changes++;
  removed = std::move(found->second);
  object->entries.erase(found);
}

prop_object_t prop_dictionary_get_keysym(prop_dictionary_t dictionary,
                                         prop_dictionary_keysym_t key) {
  return prop_dictionary_get(dictionary, prop_dictionary_keysym_value(key));
}

bool prop_dictionary_set_keysym(prop_dictionary_t dictionary, prop_dictionary_keysym_t key,
                                prop_object_t value) {
  return prop_dictionary_set(dictionary, prop_dictionary_keysym_value(key), value);
}

void prop_dictionary_remove_keysym(prop_dictionary_t dictionary, prop_dictionary_keysym_t key) {
  prop_dictionary_remove(dictionary, prop_dictionary_keysym_value(key));
}

bool prop_dictionary_equals(prop_dictionary_t a, prop_dictionary_t b) {
  auto* left = cast<_prop_dictionary>(a);
  auto* right = cast<_prop_dictionary>(b);
  if (left == nullptr || right == nullptr) return false;
  if (left == right) return true;
  const Entries ours = snapshot(*left);
  const Entries theirs = snapshot(*right);
  if (ours.size() != theirs.size()) return false;
  for (auto i = ours.begin(), j = theirs.begin(); i != ours.end(); ++i, ++j) {
    if (i->first != j->first) return false;
    if (!prop_object_equals(i->second.value.get(), j->second.value.get())) return false;
  }
  return true;
}

char* prop_dictionary_externalize(prop_dictionary_t dictionary) {
  return cast<_prop_dictionary>(dictionary) == nullptr ? nullptr
                                                       : prop_object_externalize(dictionary);
}

prop_dictionary_t prop_dictionary_internalize(const char* text) {
  Reference object = text == nullptr ? Reference{} : internalize(text);
  auto* dictionary = cast<_prop_dictionary>(object.get());
  if (dictionary != nullptr) object.detach();
  return dictionary;
}

const char* prop_dictionary_keysym_value(prop_dictionary_keysym_t key) {
  const auto* object = cast<_prop_dictionary_keysym>(key);
  return object == nullptr ? nullptr : object->name.c_str();
}

size_t prop_dictionary_keysym_size(prop_dictionary_keysym_t key) {
  const auto* object = cast<_prop_dictionary_keysym>(key);
  return object == nullptr ? 0 : object->name.size();
}

bool prop_dictionary_keysym_equals(prop_dictionary_keysym_t a, prop_dictionary_keysym_t b) {
  return cast<_prop_dictionary_keysym>(a) != nullptr && prop_object_equals(a, b);
}

const char* prop_dictionary_keysym_cstring_nocopy(prop_dictionary_keysym_t key) {
  return prop_dictionary_keysym_value(key);
}

bool prop_dictionary_set_and_rel(prop_dictionary_t dictionary, const char* key,
                                 prop_object_t value) {
  const Reference ours = Reference::adopt(value);
  return prop_dictionary_set(dictionary, key, value);
}
