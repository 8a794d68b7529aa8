// SPDX-License-Identifier: BSD-2-Clause
// Device properties given from outside (--prop), as drivers read them.
#include <cstdlib>
#include <fstream>

#include "autoconf_support.h"
#include "pupci/error.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::string error_of(const std::string& text) {
  try {
    DeviceProperty::parse(text);
  } catch (const pupci::Error& error) {
    return error.what();
  }
  return "(no error)";
}

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    path_ = testing::TempDir() + "/pupci_property_XXXXXX";
    const int fd = ::mkstemp(path_.data());
    EXPECT_GE(fd, 0);
    ::close(fd);
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Attaches one device `leaf0` with these properties; `check` is what its attach function does.
void attach_with(const std::vector<std::string>& properties,
                 const std::function<void(prop_dictionary_t)>& check) {
  set_device_properties(properties);
  bool ran = false;
  Drivers drivers;
  drivers.driver("leaf", {.attach = [&](device_t, device_t self, void*) {
                   check(device_properties(self));
                   ran = true;
                 }});
  drivers.at("leaf", "", {}, 0, FSTATE_NOTFOUND);
  drivers.load();
  drivers.root("leaf");
  EXPECT_TRUE(ran);
  drivers.unload();
  set_device_properties({});
}

TEST(Properties, EveryTypeReachesTheDriver) {
  const TemporaryFile rom("\x55\xaa rom");
  const TemporaryFile list("<plist><array><integer>7</integer></array></plist>");
  attach_with({"leaf0:flag=true", "leaf0:off=false", "leaf0:plain=800", "leaf0:minus=-5",
               "leaf0:hex=0x10", "leaf0:u8=u8:255", "leaf0:i64=i64:-9223372036854775808",
               "leaf0:name=\"a \\\"b\\\"\"", "leaf0:word=string:x=y:z", "leaf0:mac=data:0a0B0c",
               "leaf0:rom=@" + rom.path(), "leaf0:list=plist:@" + list.path()},
              [](prop_dictionary_t d) {
                bool flag = false;
                EXPECT_TRUE(prop_dictionary_get_bool(d, "flag", &flag));
                EXPECT_TRUE(flag);
                EXPECT_TRUE(prop_dictionary_get_bool(d, "off", &flag));
                EXPECT_FALSE(flag);
                uint32_t number = 0;
                EXPECT_TRUE(prop_dictionary_get_uint32(d, "plain", &number));
                EXPECT_EQ(number, 800u);
                EXPECT_TRUE(prop_number_unsigned(
                    static_cast<prop_number_t>(prop_dictionary_get(d, "plain"))));
                int minus = 0;
                EXPECT_TRUE(prop_dictionary_get_int(d, "minus", &minus));
                EXPECT_EQ(minus, -5);
                EXPECT_TRUE(prop_dictionary_get_uint32(d, "hex", &number));
                EXPECT_EQ(number, 16u);
                uint8_t byte = 0;
                EXPECT_TRUE(prop_dictionary_get_uint8(d, "u8", &byte));
                EXPECT_EQ(byte, 255);
                int64_t least = 0;
                EXPECT_TRUE(prop_dictionary_get_int64(d, "i64", &least));
                EXPECT_EQ(least, INT64_MIN);
                const char* text = nullptr;
                EXPECT_TRUE(prop_dictionary_get_string(d, "name", &text));
                EXPECT_STREQ(text, "a \"b\"");
                EXPECT_TRUE(prop_dictionary_get_cstring_nocopy(d, "word", &text));
                EXPECT_STREQ(text, "x=y:z");
                const void* data = nullptr;
                size_t size = 0;
                EXPECT_TRUE(prop_dictionary_get_data(d, "mac", &data, &size));
                EXPECT_EQ(std::string(static_cast<const char*>(data), size), "\x0a\x0b\x0c");
                EXPECT_TRUE(prop_dictionary_get_data(d, "rom", &data, &size));
                EXPECT_EQ(size, 6u);
                const auto array = static_cast<prop_array_t>(prop_dictionary_get(d, "list"));
                EXPECT_TRUE(prop_array_get_uint32(array, 0, &number));
                EXPECT_EQ(number, 7u);
              });
}

TEST(Properties, AreThereWithWhatAutoconfPutsInItself) {
  attach_with({}, [](prop_dictionary_t d) {
    const char* text = nullptr;
    EXPECT_TRUE(prop_dictionary_get_string(d, "device-driver", &text));
    EXPECT_STREQ(text, "leaf");
    uint16_t unit = 9;
    EXPECT_TRUE(prop_dictionary_get_uint16(d, "device-unit", &unit));
    EXPECT_EQ(unit, 0);
    EXPECT_FALSE(prop_dictionary_get_string(d, "device-parent", &text));
  });
}

TEST(Properties, PatternsApplyAndTheLaterOneWins) {
  attach_with({"*:a=1", "leaf*:a=2", "leaf1:a=3", "other*:b=1", "l?af0:c=1"},
              [](prop_dictionary_t d) {
                int a = 0;
                EXPECT_TRUE(prop_dictionary_get_int(d, "a", &a));
                EXPECT_EQ(a, 2);
                EXPECT_EQ(prop_dictionary_get(d, "b"), nullptr);
                EXPECT_NE(prop_dictionary_get(d, "c"), nullptr);
                EXPECT_THAT(unused_device_properties(), ElementsAre("leaf1:a=3", "other*:b=1"));
              });
}

TEST(Properties, PatternsMatchAsAShellsDo) {
  const auto applies = [](const std::string& pattern, const std::string& name) {
    return DeviceProperty::parse(pattern + ":k=1").applies_to(name);
  };
  EXPECT_TRUE(applies("edu0", "edu0"));
  EXPECT_FALSE(applies("edu0", "edu01"));
  EXPECT_FALSE(applies("edu", "edu0"));
  EXPECT_TRUE(applies("*du*", "edu0"));
  EXPECT_TRUE(applies("e*u*0", "edu10"));
  EXPECT_FALSE(applies("e*u*0", "edu1"));
  EXPECT_TRUE(applies("edu?", "edu7"));
  EXPECT_FALSE(applies("edu?", "edu"));
  EXPECT_TRUE(applies("*", "anything0"));
}

TEST(Properties, BadInputSaysWhatIsWrong) {
  EXPECT_THAT(error_of("nonsense"), HasSubstr("--prop nonsense: DEVICE:KEY=VALUE expected"));
  EXPECT_THAT(error_of("edu0=5"), HasSubstr("DEVICE:KEY=VALUE expected"));
  EXPECT_THAT(error_of(":key=5"), HasSubstr("the device is missing; * stands for all of them"));
  EXPECT_THAT(error_of("edu0:=5"), HasSubstr("the key is missing"));
  EXPECT_THAT(error_of("edu0:key="), HasSubstr("the value is missing"));
  EXPECT_EQ(error_of("edu0:key=u8:256"),
            "--prop edu0:key=u8:256: 256 does not fit in u8: 0 to 255");
  EXPECT_EQ(error_of("edu0:key=i8:-129"),
            "--prop edu0:key=i8:-129: -129 does not fit in i8: -128 to 127");
  EXPECT_EQ(error_of("edu0:key=u16:-1"),
            "--prop edu0:key=u16:-1: -1 does not fit in u16: 0 to 65535");
  EXPECT_EQ(error_of("edu0:key=-9223372036854775809"),
            "--prop edu0:key=-9223372036854775809: -9223372036854775809 does not fit in i64: "
            "-9223372036854775808 to 9223372036854775807");
  EXPECT_THAT(error_of("edu0:key=18446744073709551616"), HasSubstr("nor a 64-bit number"));
  EXPECT_THAT(error_of("edu0:key=yes"),
              HasSubstr("\"yes\" is neither true nor false nor a 64-bit number; a string stands in "
                        "quotes"));
  EXPECT_THAT(error_of("edu0:key=u32:12x"), HasSubstr("\"12x\" is not a number"));
  EXPECT_THAT(error_of("edu0:key=f32:1"),
              HasSubstr("there is no type f32; there are: u8 u16 u32 u64 i8 i16 i32 i64 string"));
  EXPECT_THAT(error_of("edu0:key=\"open"), HasSubstr("the closing quote is missing"));
  EXPECT_THAT(error_of("edu0:key=\"a\"b"), HasSubstr("after the closing quote"));
  EXPECT_THAT(error_of("edu0:key=data:abc"), HasSubstr("data has 3 hexadecimal digits"));
  EXPECT_THAT(error_of("edu0:key=data:zz"), HasSubstr("\"zz\" is no hexadecimal byte"));
  EXPECT_EQ(error_of("edu0:key=@/nonexistent/rom"),
            "--prop edu0:key=@/nonexistent/rom: /nonexistent/rom: No such file or directory");
  EXPECT_THAT(error_of("edu0:key=@"), HasSubstr("the name of the file is missing"));
  EXPECT_THAT(error_of("edu0:key=plist:x"), HasSubstr("comes from a file"));
  const TemporaryFile garbage("not a plist");
  EXPECT_THAT(error_of("edu0:key=plist:@" + garbage.path()),
              HasSubstr("is not an XML property list"));
}

TEST(Properties, AMistakeInOneLeavesTheOldOnes) {
  set_device_properties({"edu0:a=1"});
  EXPECT_THROW(set_device_properties({"edu0:b=1", "edu0:c"}), pupci::Error);
  EXPECT_THAT(unused_device_properties(), ElementsAre("edu0:a=1"));
  set_device_properties({});
}

}  // namespace
