// SPDX-License-Identifier: BSD-2-Clause
// Typed access to members: prop_array_util(3), prop_dictionary_util(3).
#include "kern/prop/object.h"

using namespace pupci::kern::prop;

namespace {

bool get_bool(prop_object_t object, bool* to) {
  const auto* value = cast<_prop_bool>(object);
  if (value == nullptr) return false;
  *to = value->value;
  return true;
}

bool get_string(prop_object_t object, const char** to) {
  const char* text = prop_string_value(cast<_prop_string>(object));
  if (text == nullptr) return false;
  *to = text;
  return true;
}

bool get_copy(prop_object_t object, char** to) {
  const char* text = prop_string_value(cast<_prop_string>(object));
  char* copy = text == nullptr ? nullptr : duplicate(text);
  if (copy == nullptr) return false;
  *to = copy;
  return true;
}

bool get_data(prop_object_t object, const void** to, std::size_t* size) {
  const auto* data = cast<_prop_data>(object);
  if (data == nullptr) return false;
  *to = data->data();
  if (size != nullptr) *size = data->size();
  return true;
}

prop_object_t number(long long value, bool is_signed) {
  return is_signed ? prop_number_create_signed(value)
                   : prop_number_create_unsigned(static_cast<unsigned long long>(value));
}

}  // namespace

#define PROP_SIGNED(type) (static_cast<type>(-1) < static_cast<type>(0))
#define PROP_MEMBER(name, type)                                                                   \
  bool prop_array_get_##name(prop_array_t array, unsigned index, type* to) {                      \
    return prop_number_##name##_value(cast<_prop_number>(prop_array_get(array, index)), to);      \
  }                                                                                               \
  bool prop_array_set_##name(prop_array_t array, unsigned index, type value) {                    \
    return prop_array_set_and_rel(array, index,                                                   \
                                  number(static_cast<long long>(value), PROP_SIGNED(type)));      \
  }                                                                                               \
  bool prop_array_add_##name(prop_array_t array, type value) {                                    \
    return prop_array_add_and_rel(array,                                                          \
                                  number(static_cast<long long>(value), PROP_SIGNED(type)));      \
  }                                                                                               \
  bool prop_dictionary_get_##name(prop_dictionary_t dictionary, const char* key, type* to) {      \
    return prop_number_##name##_value(cast<_prop_number>(prop_dictionary_get(dictionary, key)),   \
                                      to);                                                        \
  }                                                                                               \
  bool prop_dictionary_set_##name(prop_dictionary_t dictionary, const char* key, type value) {    \
    return prop_dictionary_set_and_rel(dictionary, key,                                           \
                                       number(static_cast<long long>(value), PROP_SIGNED(type))); \
  }
PROP_MEMBER(schar, signed char)
PROP_MEMBER(uchar, unsigned char)
PROP_MEMBER(short, short)
PROP_MEMBER(ushort, unsigned short)
PROP_MEMBER(int, int)
PROP_MEMBER(uint, unsigned int)
PROP_MEMBER(long, long)
PROP_MEMBER(ulong, unsigned long)
PROP_MEMBER(longlong, long long)
PROP_MEMBER(ulonglong, unsigned long long)
PROP_MEMBER(intptr, intptr_t)
PROP_MEMBER(uintptr, uintptr_t)
PROP_MEMBER(int8, int8_t)
PROP_MEMBER(uint8, uint8_t)
PROP_MEMBER(int16, int16_t)
PROP_MEMBER(uint16, uint16_t)
PROP_MEMBER(int32, int32_t)
PROP_MEMBER(uint32, uint32_t)
PROP_MEMBER(int64, int64_t)
PROP_MEMBER(uint64, uint64_t)
#undef PROP_MEMBER
#undef PROP_SIGNED

// The setters of one more kind: the containers differ in the index or key alone.
#define PROP_COMMA ,
#define PROP_SETTERS(suffix, parameters, object)                                                 \
  bool prop_array_set_##suffix(prop_array_t array, unsigned index, parameters) {                 \
    return prop_array_set_and_rel(array, index, object);                                         \
  }                                                                                              \
  bool prop_dictionary_set_##suffix(prop_dictionary_t dictionary, const char* key, parameters) { \
    return prop_dictionary_set_and_rel(dictionary, key, object);                                 \
  }                                                                                              \
  bool prop_array_add_##suffix(prop_array_t array, parameters) {                                 \
    return prop_array_add_and_rel(array, object);                                                \
  }
PROP_SETTERS(bool, bool value, prop_bool_create(value))
PROP_SETTERS(string, const char* text, prop_string_create_copy(text))
PROP_SETTERS(string_nocopy, const char* text, prop_string_create_nocopy(text))
PROP_SETTERS(cstring, const char* text, prop_string_create_copy(text))
PROP_SETTERS(cstring_nocopy, const char* text, prop_string_create_nocopy(text))
PROP_SETTERS(data, const void* bytes PROP_COMMA size_t size, prop_data_create_copy(bytes, size))
PROP_SETTERS(data_nocopy, const void* bytes PROP_COMMA size_t size,
             prop_data_create_nocopy(bytes, size))
#undef PROP_SETTERS
#undef PROP_COMMA

bool prop_array_get_bool(prop_array_t array, unsigned index, bool* to) {
  return get_bool(prop_array_get(array, index), to);
}

bool prop_dictionary_get_bool(prop_dictionary_t dictionary, const char* key, bool* to) {
  return get_bool(prop_dictionary_get(dictionary, key), to);
}

bool prop_array_get_string(prop_array_t array, unsigned index, const char** to) {
  return get_string(prop_array_get(array, index), to);
}

bool prop_dictionary_get_string(prop_dictionary_t dictionary, const char* key, const char** to) {
  return get_string(prop_dictionary_get(dictionary, key), to);
}

bool prop_array_get_cstring_nocopy(prop_array_t array, unsigned index, const char** to) {
  return get_string(prop_array_get(array, index), to);
}

bool prop_dictionary_get_cstring_nocopy(prop_dictionary_t dictionary, const char* key,
                                        const char** to) {
  return get_string(prop_dictionary_get(dictionary, key), to);
}

bool prop_array_get_cstring(prop_array_t array, unsigned index, char** to) {
  return get_copy(prop_array_get(array, index), to);
}

bool prop_dictionary_get_cstring(prop_dictionary_t dictionary, const char* key, char** to) {
  return get_copy(prop_dictionary_get(dictionary, key), to);
}

bool prop_array_get_data(prop_array_t array, unsigned index, const void** to, size_t* size) {
  return get_data(prop_array_get(array, index), to, size);
}

bool prop_dictionary_get_data(prop_dictionary_t dictionary, const char* key, const void** to,
                              size_t* size) {
  return get_data(prop_dictionary_get(dictionary, key), to, size);
}

bool prop_dictionary_get_dict(prop_dictionary_t dictionary, const char* key,
                              prop_dictionary_t* to) {
  auto* inner = cast<_prop_dictionary>(prop_dictionary_get(dictionary, key));
  if (inner == nullptr) return false;
  *to = inner;
  return true;
}
