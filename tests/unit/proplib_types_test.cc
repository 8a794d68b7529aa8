// SPDX-License-Identifier: BSD-2-Clause
// proplib(3): the accessors of each C type in numbers, arrays and dictionaries, and strings and
// data that are copied or pointed to.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <tuple>

#include "netbsd/prop/proplib.h"
#include "netbsd/sys/malloc.h"

namespace {

// The accessors of one type.
template <typename T>
struct Accessors {
  const char* name;
  bool (*value)(prop_number_t, T*);
  bool (*array_get)(prop_array_t, unsigned, T*);
  bool (*array_set)(prop_array_t, unsigned, T);
  bool (*array_add)(prop_array_t, T);
  bool (*dictionary_get)(prop_dictionary_t, const char*, T*);
  bool (*dictionary_set)(prop_dictionary_t, const char*, T);
};
#define ACCESSORS(T, name)                                                            \
  Accessors<T> {                                                                      \
    #name, prop_number_##name##_value, prop_array_get_##name, prop_array_set_##name,  \
        prop_array_add_##name, prop_dictionary_get_##name, prop_dictionary_set_##name \
  }

constexpr auto all_types = std::tuple{
    ACCESSORS(signed char, schar),
    ACCESSORS(unsigned char, uchar),
    ACCESSORS(short, short),
    ACCESSORS(unsigned short, ushort),
    ACCESSORS(int, int),
    ACCESSORS(unsigned int, uint),
    ACCESSORS(long, long),
    ACCESSORS(unsigned long, ulong),
    ACCESSORS(long long, longlong),
    ACCESSORS(unsigned long long, ulonglong),
    ACCESSORS(intptr_t, intptr),
    ACCESSORS(uintptr_t, uintptr),
    ACCESSORS(std::int8_t, int8),
    ACCESSORS(std::uint8_t, uint8),
    ACCESSORS(std::int16_t, int16),
    ACCESSORS(std::uint16_t, uint16),
    ACCESSORS(std::int32_t, int32),
    ACCESSORS(std::uint32_t, uint32),
    ACCESSORS(std::int64_t, int64),
    ACCESSORS(std::uint64_t, uint64),
};

template <typename Check>
void for_each_type(Check check) {
  std::apply([&](const auto&... accessors) { (check(accessors), ...); }, all_types);
}

TEST(ProplibTypes, EndsOfTheRangeComeBackFromArraysAndDictionaries) {
  for_each_type([]<typename T>(const Accessors<T>& of) {
    SCOPED_TRACE(of.name);
    prop_array_t array = prop_array_create();
    prop_dictionary_t dictionary = prop_dictionary_create();
    for (const T end : {std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), T{1}}) {
      T got{};
      ASSERT_TRUE(of.dictionary_set(dictionary, "key", end));
      EXPECT_TRUE(of.dictionary_get(dictionary, "key", &got));
      EXPECT_EQ(got, end);
      got = T{};
      EXPECT_TRUE(
          of.value(static_cast<prop_number_t>(prop_dictionary_get(dictionary, "key")), &got));
      EXPECT_EQ(got, end);
      ASSERT_TRUE(of.array_add(array, T{7}));
      const unsigned last = prop_array_count(array) - 1;
      EXPECT_TRUE(of.array_get(array, last, &got));
      EXPECT_EQ(got, T{7});
      ASSERT_TRUE(of.array_set(array, last, end));
      EXPECT_TRUE(of.array_get(array, last, &got));
      EXPECT_EQ(got, end);
    }
    prop_object_release(array);
    prop_object_release(dictionary);
  });
}

// What does not fit, is of another type or is not there leaves the caller's variable alone.
TEST(ProplibTypes, WhatDoesNotFitIsRefused) {
  for_each_type([]<typename T>(const Accessors<T>& of) {
    SCOPED_TRACE(of.name);
    prop_dictionary_t dictionary = prop_dictionary_create();
    prop_array_t array = prop_array_create();
    const auto expect_refused = [&](const char* key, unsigned index) {
      T got{42};
      EXPECT_FALSE(of.dictionary_get(dictionary, key, &got)) << key;
      EXPECT_FALSE(of.array_get(array, index, &got)) << index;
      EXPECT_EQ(got, T{42});
    };
    if constexpr (std::numeric_limits<T>::is_signed) {
      const auto above = static_cast<std::uint64_t>(std::numeric_limits<T>::max()) + 1;
      ASSERT_TRUE(prop_dictionary_set_uint64(dictionary, "number", above));
      ASSERT_TRUE(prop_array_add_uint64(array, above));
    } else {
      ASSERT_TRUE(prop_dictionary_set_int64(dictionary, "number", -1));
      ASSERT_TRUE(prop_array_add_int64(array, -1));
    }
    ASSERT_TRUE(prop_dictionary_set_string(dictionary, "string", "1"));
    ASSERT_TRUE(prop_array_add_string(array, "1"));
    expect_refused("number", 0);
    expect_refused("string", 1);
    expect_refused("none", 2);
    prop_object_release(array);
    prop_object_release(dictionary);
  });
}

TEST(ProplibTypes, StringsAndDataOfAnArray) {
  prop_array_t array = prop_array_create_with_capacity(2);
  EXPECT_GE(prop_array_capacity(array), 2U);
  EXPECT_TRUE(prop_array_ensure_capacity(array, 20));
  EXPECT_GE(prop_array_capacity(array), 20U);
  static const char text[] = "pointed to";
  static const unsigned char bytes[] = {1, 2, 0, 4};
  EXPECT_TRUE(prop_array_add_string_nocopy(array, text));
  EXPECT_TRUE(prop_array_add_cstring(array, "copied"));
  EXPECT_TRUE(prop_array_add_cstring_nocopy(array, text));
  EXPECT_TRUE(prop_array_add_data(array, bytes, sizeof bytes));
  EXPECT_TRUE(prop_array_add_data_nocopy(array, bytes, sizeof bytes));
  EXPECT_TRUE(prop_array_add_bool(array, true));
  const char* got = nullptr;
  EXPECT_TRUE(prop_array_get_string(array, 0, &got));
  EXPECT_EQ(got, text);
  EXPECT_TRUE(prop_array_get_cstring_nocopy(array, 1, &got));
  EXPECT_STREQ(got, "copied");
  char* own = nullptr;
  EXPECT_TRUE(prop_array_get_cstring(array, 2, &own));
  EXPECT_STREQ(own, text);
  EXPECT_NE(own, text);
  kern_free(own, M_TEMP);
  const void* data = nullptr;
  std::size_t size = 0;
  EXPECT_TRUE(prop_array_get_data(array, 3, &data, &size));
  EXPECT_EQ(size, sizeof bytes);
  EXPECT_NE(data, bytes);
  EXPECT_EQ(std::memcmp(data, bytes, size), 0);
  EXPECT_TRUE(prop_array_get_data(array, 4, &data, &size));
  EXPECT_EQ(data, bytes);
  bool flag = false;
  EXPECT_TRUE(prop_array_get_bool(array, 5, &flag));
  EXPECT_TRUE(flag);

  EXPECT_TRUE(prop_array_set_bool(array, 5, false));
  EXPECT_TRUE(prop_array_get_bool(array, 5, &flag));
  EXPECT_FALSE(flag);
  EXPECT_TRUE(prop_array_set_string(array, 5, "a"));
  EXPECT_FALSE(prop_array_get_bool(array, 5, &flag));
  EXPECT_TRUE(prop_array_set_string_nocopy(array, 4, text));
  EXPECT_TRUE(prop_array_set_cstring(array, 3, "b"));
  EXPECT_TRUE(prop_array_set_cstring_nocopy(array, 2, text));
  EXPECT_TRUE(prop_array_set_data(array, 1, bytes, 2));
  EXPECT_TRUE(prop_array_set_data_nocopy(array, 0, bytes, 3));
  EXPECT_FALSE(prop_array_get_data(array, 2, &data, &size)) << "a string";
  EXPECT_TRUE(prop_array_get_data(array, 1, &data, &size));
  EXPECT_EQ(size, 2U);
  prop_object_release(array);
}

TEST(ProplibTypes, CopiesOfAnArrayAreItsOwnOrImmutable) {
  prop_array_t array = prop_array_create();
  ASSERT_TRUE(prop_array_add_int(array, 1));
  prop_array_t mutable_one = prop_array_copy_mutable(array);
  ASSERT_TRUE(prop_array_set_int(mutable_one, 0, 2));
  int number = 0;
  EXPECT_TRUE(prop_array_get_int(array, 0, &number));
  EXPECT_EQ(number, 1);
  EXPECT_FALSE(prop_array_equals(array, mutable_one));
  prop_number_t shared = prop_number_create_signed(1);
  EXPECT_TRUE(prop_array_set(mutable_one, 0, shared));
  EXPECT_TRUE(prop_array_equals(array, mutable_one));
  EXPECT_TRUE(prop_array_add(mutable_one, shared));
  EXPECT_TRUE(prop_array_set_and_rel(mutable_one, 1, shared));
  prop_array_make_immutable(mutable_one);
  EXPECT_FALSE(prop_array_set_int(mutable_one, 0, 3));
  EXPECT_FALSE(prop_array_add_int(mutable_one, 3));
  prop_object_iterator_t iterator = prop_array_iterator(mutable_one);
  unsigned count = 0;
  while (prop_object_iterator_next(iterator) != nullptr) count++;
  EXPECT_EQ(count, 2U);
  prop_object_iterator_release(iterator);
  char* xml = prop_array_externalize(mutable_one);
  ASSERT_NE(xml, nullptr);
  prop_array_t back = prop_array_internalize(xml);
  EXPECT_TRUE(prop_array_equals(back, mutable_one));
  kern_free(xml, M_TEMP);
  for (prop_array_t one : {back, mutable_one, array}) prop_object_release(one);
}

TEST(ProplibTypes, KeysymsAndCopiesOfADictionary) {
  prop_dictionary_t one = prop_dictionary_create_with_capacity(2);
  EXPECT_TRUE(prop_dictionary_ensure_capacity(one, 30));
  EXPECT_TRUE(prop_dictionary_mutable(one));
  static const char text[] = "text";
  ASSERT_TRUE(prop_dictionary_set_cstring_nocopy(one, "string", text));
  ASSERT_TRUE(prop_dictionary_set_data_nocopy(one, "data", text, 2));
  prop_dictionary_t two = prop_dictionary_create();
  ASSERT_TRUE(prop_dictionary_set_bool(two, "string", true));
  const auto key_of = [](prop_dictionary_t dictionary, unsigned index) {
    prop_array_t keys = prop_dictionary_all_keys(dictionary);
    auto key = static_cast<prop_dictionary_keysym_t>(prop_array_get(keys, index));
    prop_object_retain(key);
    prop_object_release(keys);
    return key;
  };
  prop_dictionary_keysym_t data = key_of(one, 0);
  prop_dictionary_keysym_t string = key_of(one, 1);
  prop_dictionary_keysym_t same = key_of(two, 0);
  EXPECT_STREQ(prop_dictionary_keysym_value(data), "data");
  EXPECT_STREQ(prop_dictionary_keysym_cstring_nocopy(string), "string");
  EXPECT_GE(prop_dictionary_keysym_size(string), std::strlen("string"));
  EXPECT_TRUE(prop_dictionary_keysym_equals(string, same));
  EXPECT_FALSE(prop_dictionary_keysym_equals(string, data));
  prop_number_t number = prop_number_create_unsigned(5);
  EXPECT_TRUE(prop_dictionary_set_keysym(one, string, number));
  EXPECT_EQ(prop_dictionary_get(one, "string"), number);

  prop_dictionary_t copy = prop_dictionary_copy(one);
  EXPECT_FALSE(prop_dictionary_mutable(copy));
  prop_dictionary_remove_keysym(one, data);
  EXPECT_EQ(prop_dictionary_count(one), 1U);
  EXPECT_EQ(prop_dictionary_count(copy), 2U);
  char* xml = prop_dictionary_externalize(one);
  EXPECT_NE(std::string(xml).find("<integer>0x5</integer>"), std::string::npos) << xml;
  kern_free(xml, M_TEMP);
  for (prop_object_t object :
       {prop_object_t{data}, prop_object_t{string}, prop_object_t{same}, prop_object_t{number},
        prop_object_t{copy}, prop_object_t{one}, prop_object_t{two}}) {
    prop_object_release(object);
  }
}

TEST(ProplibTypes, NumbersStringsAndDataAreCopiedByReference) {
  prop_number_t number = prop_number_create_unsigned_integer(UINT64_MAX);
  prop_number_t other = prop_number_copy(number);
  EXPECT_TRUE(prop_number_equals(number, other));
  EXPECT_EQ(prop_number_unsigned_value(other), UINT64_MAX);
  std::uint32_t narrow = 0;
  EXPECT_FALSE(prop_number_uint32_value(other, &narrow));

  prop_string_t empty = prop_string_create();
  EXPECT_TRUE(prop_string_equals_string(empty, ""));
  prop_string_t text = prop_string_create_cstring("b");
  static const char pointed[] = "c";
  prop_string_t later = prop_string_create_cstring_nocopy(pointed);
  EXPECT_EQ(prop_string_value(later), pointed);
  EXPECT_LT(prop_string_compare(text, later), 0);
  EXPECT_GT(prop_string_compare_string(text, "a"), 0);
  EXPECT_EQ(prop_string_compare_string(text, "b"), 0);
  prop_string_t copy = prop_string_copy(text);
  EXPECT_TRUE(prop_string_equals(copy, text));
  EXPECT_FALSE(prop_string_equals(copy, later));
  prop_string_t changeable = prop_string_copy_mutable(later);
  EXPECT_TRUE(prop_string_mutable(changeable));
  EXPECT_FALSE(prop_string_mutable(later));
  EXPECT_TRUE(prop_string_append(changeable, text));
  EXPECT_TRUE(prop_string_equals_string(changeable, "cb"));

  prop_data_t data = prop_data_create_nocopy(pointed, 2);
  EXPECT_EQ(prop_data_value(data), pointed);
  prop_data_t same = prop_data_copy(data);
  EXPECT_TRUE(prop_data_equals(data, same));
  EXPECT_TRUE(prop_data_equals_data(same, "c\0", 2));
  EXPECT_FALSE(prop_data_equals_data(same, "c", 1));
  for (prop_object_t object :
       {prop_object_t{number}, prop_object_t{other}, prop_object_t{empty}, prop_object_t{text},
        prop_object_t{later}, prop_object_t{copy}, prop_object_t{changeable}, prop_object_t{data},
        prop_object_t{same}}) {
    prop_object_release(object);
  }
}

}  // namespace
