// SPDX-License-Identifier: BSD-2-Clause
// What all objects have in common, and iterators: prop_object(3).
#include <cstring>

#include "kern/prop/object.h"
#include "netbsd/sys/malloc.h"

using namespace pupci::kern::prop;

namespace pupci::kern::prop {

char* duplicate(std::string_view text) {
  auto* copy = static_cast<char*>(kern_malloc(text.size() + 1, M_TEMP, M_WAITOK));
  if (copy == nullptr) return nullptr;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  return copy;
}

}  // namespace pupci::kern::prop

void prop_object_retain(prop_object_t object) {
  if (object != nullptr) object_of(object)->retain();
}

void prop_object_release(prop_object_t object) {
  if (object != nullptr) object_of(object)->release();
}

prop_type_t prop_object_type(prop_object_t object) {
  return object == nullptr ? PROP_TYPE_UNKNOWN : object_of(object)->type();
}

bool prop_object_equals(prop_object_t a, prop_object_t b) {
  if (a == nullptr || b == nullptr || prop_object_type(a) != prop_object_type(b)) return false;
  if (a == b) return true;
  switch (prop_object_type(a)) {
    case PROP_TYPE_NUMBER:
      return prop_number_equals(cast<_prop_number>(a), cast<_prop_number>(b));
    case PROP_TYPE_STRING:
      return prop_string_equals(cast<_prop_string>(a), cast<_prop_string>(b));
    case PROP_TYPE_DATA:
      return prop_data_equals(cast<_prop_data>(a), cast<_prop_data>(b));
    case PROP_TYPE_ARRAY:
      return prop_array_equals(cast<_prop_array>(a), cast<_prop_array>(b));
    case PROP_TYPE_DICTIONARY:
      return prop_dictionary_equals(cast<_prop_dictionary>(a), cast<_prop_dictionary>(b));
    case PROP_TYPE_DICT_KEYSYM:
      return cast<_prop_dictionary_keysym>(a)->name == cast<_prop_dictionary_keysym>(b)->name;
    default:
      return false;  // there is one boolean of each value
  }
}

char* prop_object_externalize(prop_object_t object) {
  const std::string text = externalize(object);
  return text.empty() ? nullptr : duplicate(text);
}

prop_object_t prop_object_internalize(const char* text) {
  return text == nullptr ? nullptr : internalize(text).detach();
}

struct _prop_object_iterator {
  Reference container;
  std::uint64_t version;
  std::size_t next = 0;
};

namespace {

Container* container_of(const _prop_object_iterator& iterator) {
  return static_cast<Container*>(iterator.container.get());
}

prop_object_iterator_t iterate(Container* container) {
  if (container == nullptr) return nullptr;
  return new _prop_object_iterator{Reference(static_cast<prop_object_t>(container)),
                                   container->version()};
}

}  // namespace

prop_object_iterator_t prop_array_iterator(prop_array_t array) {
  return iterate(cast<_prop_array>(array));
}

prop_object_iterator_t prop_dictionary_iterator(prop_dictionary_t dictionary) {
  return iterate(cast<_prop_dictionary>(dictionary));
}

prop_object_t prop_object_iterator_next(prop_object_iterator_t iterator) {
  Object* object = container_of(*iterator)->iterate(iterator->next, iterator->version);
  if (object != nullptr) iterator->next++;
  return object;
}

void prop_object_iterator_reset(prop_object_iterator_t iterator) {
  iterator->version = container_of(*iterator)->version();
  iterator->next = 0;
}

void prop_object_iterator_release(prop_object_iterator_t iterator) {
  delete iterator;
}
