// SPDX-License-Identifier: BSD-2-Clause
// proplib(3).
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>

#include "netbsd/prop/proplib.h"
#include "netbsd/sys/malloc.h"

namespace {

std::string externalized(prop_object_t object) {
  char* text = prop_object_externalize(object);
  const std::string copy = text == nullptr ? "" : text;
  if (text != nullptr) kern_free(text, M_TEMP);
  return copy;
}

std::string plist(const std::string& body) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<!DOCTYPE plist PUBLIC \"-//Apple Computer//DTD PLIST 1.0//EN\" "
         "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
         "<plist version=\"1.0\">\n" +
         body + "</plist>\n";
}

TEST(Proplib, BooleansAreShared) {
  const prop_bool_t yes = prop_bool_create(true);
  const prop_bool_t again = prop_bool_copy(yes);
  EXPECT_EQ(yes, again);
  EXPECT_TRUE(prop_bool_value(yes));
  EXPECT_TRUE(prop_bool_true(yes));
  const prop_bool_t no = prop_bool_create(false);
  EXPECT_FALSE(prop_bool_value(no));
  EXPECT_FALSE(prop_bool_value(nullptr));
  EXPECT_FALSE(prop_object_equals(yes, no));
  EXPECT_TRUE(prop_object_equals(yes, again));
  EXPECT_EQ(prop_object_type(yes), PROP_TYPE_BOOL);
  for (const prop_bool_t b : {yes, again, no}) prop_object_release(b);
}

TEST(Proplib, NumbersKnowTheirSignAndSize) {
  const prop_number_t minus = prop_number_create_signed(-200);
  const prop_number_t plus = prop_number_create_unsigned(200);
  const prop_number_t huge = prop_number_create_unsigned(UINT64_MAX);
  const prop_number_t signed_200 = prop_number_create_integer(200);
  EXPECT_EQ(prop_number_signed_value(minus), -200);
  EXPECT_EQ(prop_number_integer_value(minus), -200);
  EXPECT_FALSE(prop_number_unsigned(minus));
  EXPECT_TRUE(prop_number_unsigned(plus));
  EXPECT_EQ(prop_number_size(minus), 16);
  EXPECT_EQ(prop_number_size(plus), 8);
  EXPECT_EQ(prop_number_size(signed_200), 16);
  EXPECT_EQ(prop_number_size(huge), 64);
  EXPECT_EQ(prop_number_unsigned_integer_value(huge), UINT64_MAX);
  EXPECT_TRUE(prop_number_equals(plus, signed_200));
  EXPECT_TRUE(prop_number_equals_signed(plus, 200));
  EXPECT_FALSE(prop_number_equals_signed(huge, -1));
  EXPECT_FALSE(prop_number_equals_unsigned(minus, static_cast<uint64_t>(-200)));
  EXPECT_TRUE(prop_number_equals_integer(minus, -200));
  EXPECT_TRUE(prop_number_equals_unsigned_integer(huge, UINT64_MAX));
  int8_t small = 7;
  EXPECT_FALSE(prop_number_int8_value(minus, &small));
  EXPECT_EQ(small, 7);
  int16_t wide = 0;
  EXPECT_TRUE(prop_number_int16_value(minus, &wide));
  EXPECT_EQ(wide, -200);
  uint64_t big = 0;
  EXPECT_FALSE(prop_number_uint64_value(minus, &big));
  int64_t signed_big = 0;
  EXPECT_FALSE(prop_number_int64_value(huge, &signed_big));
  EXPECT_TRUE(prop_number_uint64_value(huge, &big));
  for (const prop_number_t n : {minus, plus, huge, signed_200}) prop_object_release(n);
}

TEST(Proplib, StringsCopyOrPoint) {
  char text[] = "abc";
  const prop_string_t copied = prop_string_create_copy(text);
  const prop_string_t pointing = prop_string_create_nocopy(text);
  text[0] = 'x';
  EXPECT_STREQ(prop_string_value(copied), "abc");
  EXPECT_STREQ(prop_string_cstring_nocopy(pointing), "xbc");
  EXPECT_EQ(prop_string_size(copied), 3u);
  EXPECT_TRUE(prop_string_equals_string(copied, "abc"));
  EXPECT_TRUE(prop_string_equals_cstring(pointing, "xbc"));
  EXPECT_LT(prop_string_compare(copied, pointing), 0);
  EXPECT_FALSE(prop_string_append_cstring(copied, "d"));
  const prop_string_t mutable_copy = prop_string_copy_mutable(copied);
  EXPECT_TRUE(prop_string_append_cstring(mutable_copy, "d"));
  EXPECT_TRUE(prop_string_append(mutable_copy, pointing));
  EXPECT_STREQ(prop_string_value(mutable_copy), "abcdxbc");
  char buffer[4] = {};
  EXPECT_EQ(prop_string_copy_value(copied, buffer, sizeof buffer), 0);
  EXPECT_EQ(prop_string_copy_value(mutable_copy, buffer, sizeof buffer), ENAMETOOLONG);
  EXPECT_STREQ(buffer, "abc");
  const prop_string_t formatted = prop_string_create_format("%s-%d", "n", 5);
  EXPECT_STREQ(prop_string_value(formatted), "n-5");
  char* own = prop_string_cstring(formatted);
  EXPECT_STREQ(own, "n-5");
  kern_free(own, M_TEMP);
  EXPECT_EQ(prop_string_value(nullptr), nullptr);
  for (const prop_string_t s : {copied, pointing, mutable_copy, formatted}) prop_object_release(s);
}

TEST(Proplib, DataCopiesOrPoints) {
  unsigned char bytes[] = {1, 2, 3};
  const prop_data_t copied = prop_data_create_copy(bytes, sizeof bytes);
  const prop_data_t pointing = prop_data_create_data_nocopy(bytes, sizeof bytes);
  EXPECT_TRUE(prop_data_equals(copied, pointing));
  bytes[0] = 9;
  EXPECT_FALSE(prop_data_equals(copied, pointing));
  EXPECT_EQ(prop_data_size(copied), 3u);
  EXPECT_EQ(prop_data_data_nocopy(pointing), bytes);
  unsigned char to[3] = {};
  EXPECT_FALSE(prop_data_copy_value(copied, to, 2));
  EXPECT_TRUE(prop_data_copy_value(copied, to, 3));
  EXPECT_EQ(to[0], 1);
  void* own = prop_data_data(copied);
  EXPECT_EQ(std::memcmp(own, to, 3), 0);
  kern_free(own, M_TEMP);
  prop_object_release(copied);
  prop_object_release(pointing);
}

TEST(Proplib, ArraysHoldWhatIsPutIn) {
  const prop_array_t array = prop_array_create_with_capacity(4);
  EXPECT_TRUE(prop_array_add_uint8(array, 200));
  EXPECT_TRUE(prop_array_add_string(array, "text"));
  EXPECT_TRUE(prop_array_add_bool(array, true));
  EXPECT_EQ(prop_array_count(array), 3u);
  uint8_t number = 0;
  EXPECT_TRUE(prop_array_get_uint8(array, 0, &number));
  EXPECT_EQ(number, 200);
  int8_t narrow = 0;
  EXPECT_FALSE(prop_array_get_int8(array, 0, &narrow));
  const char* text = nullptr;
  EXPECT_TRUE(prop_array_get_string(array, 1, &text));
  EXPECT_STREQ(text, "text");
  EXPECT_FALSE(prop_array_get_string(array, 0, &text));
  EXPECT_EQ(prop_array_get(array, 3), nullptr);
  EXPECT_FALSE(prop_array_set_int(array, 5, 1));
  EXPECT_TRUE(prop_array_set_int(array, 1, -5));
  const prop_array_t copy = prop_array_copy(array);
  EXPECT_FALSE(prop_array_mutable(copy));
  EXPECT_FALSE(prop_array_add_bool(copy, true));
  EXPECT_TRUE(prop_array_equals(array, copy));
  prop_array_remove(array, 0);
  EXPECT_FALSE(prop_array_equals(array, copy));
  EXPECT_EQ(prop_array_count(array), 2u);
  prop_object_release(array);
  EXPECT_EQ(prop_array_count(copy), 3u);
  prop_object_release(copy);
}

TEST(Proplib, DictionaryTypesConvertOnlyWhenTheValueFits) {
  const prop_dictionary_t d = prop_dictionary_create();
  EXPECT_TRUE(prop_dictionary_set_uint32(d, "u32", 0xffffffff));
  EXPECT_TRUE(prop_dictionary_set_int16(d, "i16", -2));
  EXPECT_TRUE(prop_dictionary_set_bool(d, "bool", true));
  EXPECT_TRUE(prop_dictionary_set_string_nocopy(d, "string", "text"));
  EXPECT_TRUE(prop_dictionary_set_cstring(d, "cstring", "other"));
  EXPECT_TRUE(prop_dictionary_set_data(d, "data", "\1\2", 2));
  uint32_t u32 = 0;
  EXPECT_TRUE(prop_dictionary_get_uint32(d, "u32", &u32));
  EXPECT_EQ(u32, 0xffffffff);
  uint16_t u16 = 1;
  EXPECT_FALSE(prop_dictionary_get_uint16(d, "u32", &u16));
  int32_t i32 = 1;
  EXPECT_FALSE(prop_dictionary_get_int32(d, "u32", &i32));
  EXPECT_TRUE(prop_dictionary_get_int32(d, "i16", &i32));
  EXPECT_EQ(i32, -2);
  EXPECT_FALSE(prop_dictionary_get_uint32(d, "i16", &u32));
  EXPECT_FALSE(prop_dictionary_get_uint32(d, "none", &u32));
  EXPECT_FALSE(prop_dictionary_get_uint32(d, "bool", &u32));
  bool flag = false;
  EXPECT_TRUE(prop_dictionary_get_bool(d, "bool", &flag));
  EXPECT_TRUE(flag);
  EXPECT_FALSE(prop_dictionary_get_bool(d, "u32", &flag));
  const char* text = nullptr;
  EXPECT_TRUE(prop_dictionary_get_cstring_nocopy(d, "string", &text));
  EXPECT_STREQ(text, "text");
  char* own = nullptr;
  EXPECT_TRUE(prop_dictionary_get_cstring(d, "cstring", &own));
  EXPECT_STREQ(own, "other");
  kern_free(own, M_TEMP);
  const void* data = nullptr;
  size_t size = 0;
  EXPECT_TRUE(prop_dictionary_get_data(d, "data", &data, &size));
  EXPECT_EQ(size, 2u);
  EXPECT_EQ(prop_dictionary_count(d), 6u);
  prop_dictionary_remove(d, "data");
  EXPECT_EQ(prop_dictionary_get(d, "data"), nullptr);
  prop_dictionary_make_immutable(d);
  EXPECT_FALSE(prop_dictionary_set_bool(d, "more", true));
  prop_object_release(d);
}

TEST(Proplib, DictionariesNestAndCompare) {
  const prop_dictionary_t outer = prop_dictionary_create();
  const prop_dictionary_t inner = prop_dictionary_create();
  prop_dictionary_set_int(inner, "n", 1);
  EXPECT_TRUE(prop_dictionary_set_and_rel(outer, "inner", inner));
  prop_dictionary_t got = nullptr;
  EXPECT_TRUE(prop_dictionary_get_dict(outer, "inner", &got));
  EXPECT_EQ(got, inner);
  const prop_dictionary_t copy = prop_dictionary_copy_mutable(outer);
  EXPECT_TRUE(prop_dictionary_equals(outer, copy));
  prop_dictionary_set_int(copy, "m", 2);
  EXPECT_FALSE(prop_dictionary_equals(outer, copy));
  prop_object_release(copy);
  prop_object_release(outer);
}

TEST(Proplib, IterationIsInOrderOfKeysAndEndsWithAChange) {
  const prop_dictionary_t d = prop_dictionary_create();
  for (const char* key : {"b", "c", "a"}) prop_dictionary_set_bool(d, key, true);
  std::string keys;
  const prop_object_iterator_t iterator = prop_dictionary_iterator(d);
  while (prop_object_t key = prop_object_iterator_next(iterator)) {
    const auto keysym = static_cast<prop_dictionary_keysym_t>(key);
    EXPECT_EQ(prop_object_type(key), PROP_TYPE_DICT_KEYSYM);
    EXPECT_NE(prop_dictionary_get_keysym(d, keysym), nullptr);
    keys += prop_dictionary_keysym_cstring_nocopy(keysym);
  }
  EXPECT_EQ(keys, "abc");
  prop_object_iterator_reset(iterator);
  EXPECT_NE(prop_object_iterator_next(iterator), nullptr);
  prop_dictionary_set_bool(d, "d", true);
  EXPECT_EQ(prop_object_iterator_next(iterator), nullptr);
  prop_object_iterator_reset(iterator);
  EXPECT_NE(prop_object_iterator_next(iterator), nullptr);
  prop_object_iterator_release(iterator);
  const prop_array_t all = prop_dictionary_all_keys(d);
  EXPECT_EQ(prop_array_count(all), 4u);
  prop_object_release(all);
  prop_object_release(d);
}

TEST(Proplib, ExternalizesAsNetbsdDoes) {
  const prop_dictionary_t d = prop_dictionary_create();
  prop_dictionary_set_uint16(d, "hex", 255);
  prop_dictionary_set_int16(d, "minus", -1);
  prop_dictionary_set_string(d, "text", "<&>");
  prop_dictionary_set_data(d, "zdata", "\1\2\3\4", 4);
  prop_dictionary_set_and_rel(d, "zempty", prop_array_create());
  EXPECT_EQ(externalized(d), plist("<dict>\n"
                                   "\t<key>hex</key>\n\t<integer>0xff</integer>\n"
                                   "\t<key>minus</key>\n\t<integer>-1</integer>\n"
                                   "\t<key>text</key>\n\t<string>&lt;&amp;&gt;</string>\n"
                                   "\t<key>zdata</key>\n\t<data>\n\tAQIDBA==\n\t</data>\n"
                                   "\t<key>zempty</key>\n\t<array/>\n"
                                   "</dict>\n"));
  prop_object_release(d);
}

TEST(Proplib, WhatIsExternalizedComesBackEqual) {
  const prop_dictionary_t d = prop_dictionary_create();
  prop_dictionary_set_uint64(d, "max", UINT64_MAX);
  prop_dictionary_set_int64(d, "min", INT64_MIN);
  prop_dictionary_set_bool(d, "yes", true);
  prop_dictionary_set_bool(d, "no", false);
  prop_dictionary_set_string(d, "quotes", "\"'<>&");
  prop_dictionary_set_string(d, "empty", "");
  std::string bytes(200, '\0');
  for (std::size_t i = 0; i < bytes.size(); i++) bytes[i] = static_cast<char>(i * 7);
  for (const std::size_t size : {0u, 1u, 2u, 3u, 199u, 200u}) {
    prop_dictionary_set_data(d, ("data" + std::to_string(size)).c_str(), bytes.data(), size);
  }
  const prop_array_t array = prop_array_create();
  prop_array_add_int(array, 5);
  prop_array_add_and_rel(array, prop_dictionary_create());
  prop_dictionary_set_and_rel(d, "array", array);
  const std::string text = externalized(d);
  const prop_dictionary_t back = prop_dictionary_internalize(text.c_str());
  ASSERT_NE(back, nullptr);
  EXPECT_TRUE(prop_dictionary_equals(d, back));
  EXPECT_EQ(externalized(back), text);
  EXPECT_EQ(prop_array_internalize(text.c_str()), nullptr);  // a dictionary is no array
  prop_object_release(back);
  prop_object_release(d);
}

TEST(Proplib, ReadsCommentsAttributesAndDecimalNumbers) {
  const prop_object_t object = prop_object_internalize(
      "<!-- first --><plist a=\"b\"><array><!-- n --><integer> 18446744073709551615 "
      "</integer><integer>12</integer><true/></array></plist>");
  ASSERT_NE(object, nullptr);
  uint64_t value = 0;
  EXPECT_TRUE(prop_array_get_uint64(static_cast<prop_array_t>(object), 0, &value));
  EXPECT_EQ(value, UINT64_MAX);
  const auto number =
      static_cast<prop_number_t>(prop_array_get(static_cast<prop_array_t>(object), 1));
  EXPECT_FALSE(prop_number_unsigned(number));
  prop_object_release(object);
}

TEST(Proplib, RefusesWhatIsMalformed) {
  std::string deep = "<plist>";
  for (int i = 0; i < 1000; i++) deep += "<array>";
  for (int i = 0; i < 1000; i++) deep += "</array>";
  deep += "</plist>";
  for (const std::string& text : {
           std::string(),
           std::string("<plist>"),
           std::string("<plist></plist>"),
           std::string("<plist><true/>"),
           std::string("<plist><true/></plist>x"),
           std::string("<plist><true/><true/></plist>"),
           std::string("<plist><integer>1x</integer></plist>"),
           std::string("<plist><integer></integer></plist>"),
           std::string("<plist><integer>0x10000000000000000</integer></plist>"),
           std::string("<plist><string>&unknown;</string></plist>"),
           std::string("<plist><string>a<b></string></plist>"),
           std::string("<plist><string>a</data></plist>"),
           std::string("<plist><data>A===</data></plist>"),
           std::string("<plist><data>!</data></plist>"),
           std::string("<plist><dict><true/></dict></plist>"),
           std::string("<plist><dict><key>a</key></dict></plist>"),
           std::string("<plist><array><true/></dict></plist>"),
           std::string("<plist><real>1.5</real></plist>"),
           std::string("<!-- <plist><true/></plist>"),
           deep,
       }) {
    EXPECT_EQ(prop_object_internalize(text.c_str()), nullptr) << text.substr(0, 80);
  }
}

TEST(Proplib, WrongTypesAreRefusedNotCrashed) {
  const prop_object_t number = prop_number_create_signed(1);
  EXPECT_EQ(prop_array_count(static_cast<prop_array_t>(number)), 0u);
  EXPECT_EQ(prop_dictionary_get(static_cast<prop_dictionary_t>(number), "a"), nullptr);
  EXPECT_EQ(prop_string_value(static_cast<prop_string_t>(number)), nullptr);
  EXPECT_EQ(prop_data_size(static_cast<prop_data_t>(number)), 0u);
  EXPECT_EQ(prop_dictionary_iterator(static_cast<prop_dictionary_t>(number)), nullptr);
  prop_object_release(number);
  prop_object_release(nullptr);
  prop_object_retain(nullptr);
}

}  // namespace
