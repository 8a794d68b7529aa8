// SPDX-License-Identifier: BSD-2-Clause
// Strings and data: prop_string(3), prop_data(3).
#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "kern/prop/object.h"

using namespace pupci::kern::prop;

prop_string_t prop_string_create() {
  return new _prop_string(std::string{}, true);
}

prop_string_t prop_string_create_copy(const char* text) {
  return new _prop_string(text, false);
}

prop_string_t prop_string_create_nocopy(const char* text) {
  return new _prop_string(text);
}

prop_string_t prop_string_create_format(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  va_end(arguments);
  std::string text(length < 0 ? 0 : static_cast<std::size_t>(length) + 1, '\0');
  if (length >= 0) std::vsnprintf(text.data(), text.size(), format, again);
  va_end(again);
  if (length < 0) return nullptr;
  text.pop_back();
  return new _prop_string(std::move(text), false);
}

prop_string_t prop_string_copy(prop_string_t string) {
  const auto* object = cast<_prop_string>(string);
  return object == nullptr ? nullptr : new _prop_string(std::string(object->c_str()), false);
}

prop_string_t prop_string_copy_mutable(prop_string_t string) {
  const auto* object = cast<_prop_string>(string);
  return object == nullptr ? nullptr : new _prop_string(std::string(object->c_str()), true);
}

size_t prop_string_size(prop_string_t string) {
  const auto* object = cast<_prop_string>(string);
  return object == nullptr ? 0 : std::strlen(object->c_str());
}

bool prop_string_mutable(prop_string_t string) {
  const auto* object = cast<_prop_string>(string);
  return object != nullptr && object->is_mutable;
}

const char* prop_string_value(prop_string_t string) {
  const auto* object = cast<_prop_string>(string);
  return object == nullptr ? nullptr : object->c_str();
}

int prop_string_copy_value(prop_string_t string, void* to, size_t size) {
  const char* text = prop_string_value(string);
  if (text == nullptr) return ENOENT;
  const std::size_t length = std::strlen(text);
  if (size != 0) {
    const std::size_t fitting = std::min(length, size - 1);
    std::memcpy(to, text, fitting);
    static_cast<char*>(to)[fitting] = '\0';
  }
  return length < size ? 0 : ENAMETOOLONG;
}

bool prop_string_append(prop_string_t string, prop_string_t more) {
  return prop_string_append_cstring(string, prop_string_value(more));
}

bool prop_string_append_cstring(prop_string_t string, const char* more) {
  auto* object = cast<_prop_string>(string);
  if (object == nullptr || !object->is_mutable || more == nullptr) return false;
  object->own += more;
  return true;
}

bool prop_string_equals(prop_string_t a, prop_string_t b) {
  return prop_string_equals_string(a, prop_string_value(b));
}

bool prop_string_equals_string(prop_string_t string, const char* text) {
  const char* own = prop_string_value(string);
  return own != nullptr && text != nullptr && std::strcmp(own, text) == 0;
}

int prop_string_compare(prop_string_t a, prop_string_t b) {
  return prop_string_compare_string(a, prop_string_value(b));
}

int prop_string_compare_string(prop_string_t string, const char* text) {
  const char* own = prop_string_value(string);
  if (own == nullptr || text == nullptr) return -666;  // as prop_string(3) has it for no string
  return std::strcmp(own, text);
}

prop_string_t prop_string_create_cstring(const char* text) {
  return prop_string_create_copy(text);
}

prop_string_t prop_string_create_cstring_nocopy(const char* text) {
  return prop_string_create_nocopy(text);
}

char* prop_string_cstring(prop_string_t string) {
  const char* text = prop_string_value(string);
  return text == nullptr ? nullptr : duplicate(text);
}

const char* prop_string_cstring_nocopy(prop_string_t string) {
  return prop_string_value(string);
}

bool prop_string_equals_cstring(prop_string_t string, const char* text) {
  return prop_string_equals_string(string, text);
}

prop_data_t prop_data_create_copy(const void* from, size_t size) {
  const auto* bytes = static_cast<const std::byte*>(from);
  return new _prop_data(std::vector<std::byte>(bytes, bytes + size));
}

prop_data_t prop_data_create_nocopy(const void* from, size_t size) {
  return new _prop_data(from, size);
}

prop_data_t prop_data_copy(prop_data_t data) {
  const auto* object = cast<_prop_data>(data);
  return object == nullptr ? nullptr : prop_data_create_copy(object->data(), object->size());
}

size_t prop_data_size(prop_data_t data) {
  const auto* object = cast<_prop_data>(data);
  return object == nullptr ? 0 : object->size();
}

const void* prop_data_value(prop_data_t data) {
  const auto* object = cast<_prop_data>(data);
  return object == nullptr ? nullptr : object->data();
}

bool prop_data_copy_value(prop_data_t data, void* to, size_t size) {
  const auto* object = cast<_prop_data>(data);
  if (object == nullptr || object->size() == 0 || size < object->size()) return false;
  std::memcpy(to, object->data(), object->size());
  return true;
}

bool prop_data_equals(prop_data_t a, prop_data_t b) {
  const auto* other = cast<_prop_data>(b);
  return other != nullptr && prop_data_equals_data(a, other->data(), other->size());
}

bool prop_data_equals_data(prop_data_t data, const void* bytes, size_t size) {
  const auto* object = cast<_prop_data>(data);
  return object != nullptr && object->size() == size &&
         (size == 0 || std::memcmp(object->data(), bytes, size) == 0);
}

prop_data_t prop_data_create_data(const void* from, size_t size) {
  return prop_data_create_copy(from, size);
}

prop_data_t prop_data_create_data_nocopy(const void* from, size_t size) {
  return prop_data_create_nocopy(from, size);
}

void* prop_data_data(prop_data_t data) {
  const auto* object = cast<_prop_data>(data);
  if (object == nullptr || object->size() == 0) return nullptr;
  return duplicate({static_cast<const char*>(object->data()), object->size()});
}

const void* prop_data_data_nocopy(prop_data_t data) {
  return prop_data_value(data);
}
