// SPDX-License-Identifier: BSD-2-Clause
// Booleans and numbers: prop_bool(3), prop_number(3).
#include <limits>
#include <type_traits>

#include "kern/prop/object.h"

using namespace pupci::kern::prop;

prop_bool_t prop_bool_create(bool value) {
  static auto& false_value = *new _prop_bool(false);
  static auto& true_value = *new _prop_bool(true);
  _prop_bool& shared = value ? true_value : false_value;
  shared.retain();
  return &shared;
}

prop_bool_t prop_bool_copy(prop_bool_t value) {
  if (cast<_prop_bool>(value) == nullptr) return nullptr;
  return prop_bool_create(value->value);
}

bool prop_bool_value(prop_bool_t value) {
  const auto* object = cast<_prop_bool>(value);
  return object != nullptr && object->value;
}

bool prop_bool_true(prop_bool_t value) {
  return prop_bool_value(value);
}

prop_number_t prop_number_create_signed(intmax_t value) {
  return new _prop_number(static_cast<std::uint64_t>(value), false);
}

prop_number_t prop_number_create_unsigned(uintmax_t value) {
  return new _prop_number(value, true);
}

prop_number_t prop_number_copy(prop_number_t number) {
  if (cast<_prop_number>(number) == nullptr) return nullptr;
  number->retain();  // numbers never change
  return number;
}

bool prop_number_unsigned(prop_number_t number) {
  const auto* object = cast<_prop_number>(number);
  return object != nullptr && object->is_unsigned;
}

int prop_number_size(prop_number_t number) {
  const auto* object = cast<_prop_number>(number);
  if (object == nullptr) return 0;
  const auto value = static_cast<std::int64_t>(object->bits);
  for (const int bits : {8, 16, 32}) {
    const std::int64_t limit = std::int64_t{1} << (bits - 1);
    if (object->is_unsigned ? object->bits >> bits == 0 : value >= -limit && value < limit) {
      return bits;
    }
  }
  return 64;
}

intmax_t prop_number_signed_value(prop_number_t number) {
  const auto* object = cast<_prop_number>(number);
  return object == nullptr ? 0 : static_cast<intmax_t>(object->bits);
}

uintmax_t prop_number_unsigned_value(prop_number_t number) {
  const auto* object = cast<_prop_number>(number);
  return object == nullptr ? 0 : object->bits;
}

bool prop_number_equals(prop_number_t a, prop_number_t b) {
  const auto* left = cast<_prop_number>(a);
  const auto* right = cast<_prop_number>(b);
  return left != nullptr && right != nullptr && left->bits == right->bits &&
         (left->is_unsigned == right->is_unsigned || static_cast<std::int64_t>(left->bits) >= 0);
}

bool prop_number_equals_signed(prop_number_t number, intmax_t value) {
  const auto* object = cast<_prop_number>(number);
  return object != nullptr && object->bits == static_cast<std::uint64_t>(value) &&
         (!object->is_unsigned || value >= 0);
}

bool prop_number_equals_unsigned(prop_number_t number, uintmax_t value) {
  const auto* object = cast<_prop_number>(number);
  return object != nullptr && object->bits == value && !object->negative();
}

namespace {

template <typename T>
bool fits(const _prop_number& number) {
  if (number.negative()) {
    return std::is_signed_v<T> && static_cast<std::int64_t>(number.bits) >=
                                      static_cast<std::int64_t>(std::numeric_limits<T>::min());
  }
  return number.bits <= static_cast<std::uint64_t>(std::numeric_limits<T>::max());
}

template <typename T>
bool value_as(prop_number_t number, T* to) {
  const auto* object = cast<_prop_number>(number);
  if (object == nullptr || !fits<T>(*object)) return false;
  *to = static_cast<T>(object->bits);
  return true;
}

}  // namespace

#define PROP_NUMBER_VALUE(name, type)                               \
  bool prop_number_##name##_value(prop_number_t number, type* to) { \
    return value_as(number, to);                                    \
  }
PROP_NUMBER_VALUE(schar, signed char)
PROP_NUMBER_VALUE(uchar, unsigned char)
PROP_NUMBER_VALUE(short, short)
PROP_NUMBER_VALUE(ushort, unsigned short)
PROP_NUMBER_VALUE(int, int)
PROP_NUMBER_VALUE(uint, unsigned int)
PROP_NUMBER_VALUE(long, long)
PROP_NUMBER_VALUE(ulong, unsigned long)
PROP_NUMBER_VALUE(longlong, long long)
PROP_NUMBER_VALUE(ulonglong, unsigned long long)
PROP_NUMBER_VALUE(intptr, intptr_t)
PROP_NUMBER_VALUE(uintptr, uintptr_t)
PROP_NUMBER_VALUE(int8, int8_t)
PROP_NUMBER_VALUE(uint8, uint8_t)
PROP_NUMBER_VALUE(int16, int16_t)
PROP_NUMBER_VALUE(uint16, uint16_t)
PROP_NUMBER_VALUE(int32, int32_t)
PROP_NUMBER_VALUE(uint32, uint32_t)
PROP_NUMBER_VALUE(int64, int64_t)
PROP_NUMBER_VALUE(uint64, uint64_t)
#undef PROP_NUMBER_VALUE

prop_number_t prop_number_create_integer(int64_t value) {
  return prop_number_create_signed(value);
}

prop_number_t prop_number_create_unsigned_integer(uint64_t value) {
  return prop_number_create_unsigned(value);
}

int64_t prop_number_integer_value(prop_number_t number) {
  return prop_number_signed_value(number);
}

uint64_t prop_number_unsigned_integer_value(prop_number_t number) {
  return prop_number_unsigned_value(number);
}

bool prop_number_equals_integer(prop_number_t number, int64_t value) {
  return prop_number_equals_signed(number, value);
}

bool prop_number_equals_unsigned_integer(prop_number_t number, uint64_t value) {
  return prop_number_equals_unsigned(number, value);
}
