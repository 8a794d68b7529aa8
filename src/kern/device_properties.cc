// SPDX-License-Identifier: BSD-2-Clause
#include "kern/device_properties.h"

#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <fstream>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

#include "kern/prop/object.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

using prop::Reference;

constexpr const char* example =
    "write it as edu0:width=800, edu0:width=u16:800, edu*:fast=true, edu0:name=\"text\", "
    "edu0:mac=data:0a0b0c0d0e0f or edu0:rom=@file";

// Of an @file: enough for every firmware and ROM, and an end to /dev/zero.
constexpr std::size_t largest_file = std::size_t{64} << 20;

[[noreturn]] void fail(std::string_view text, const std::string& reason) {
  throw Error(EINVAL, fmt::format("--prop {}: {}", text, reason));
}

struct IntegerType {
  std::string_view name;
  bool is_signed;
  unsigned bits;
};

constexpr std::array<IntegerType, 8> integer_types = {{
    {"u8", false, 8},
    {"u16", false, 16},
    {"u32", false, 32},
    {"u64", false, 64},
    {"i8", true, 8},
    {"i16", true, 16},
    {"i32", true, 32},
    {"i64", true, 64},
}};

// One value of a --prop, with the whole of it for messages.
class Value {
 public:
  Value(std::string_view whole, std::string_view text) : whole_(whole), text_(text) {}

  Reference parse() {
    if (text_.empty()) fail(whole_, fmt::format("the value is missing; {}", example));
    if (text_ == "true") return Reference::adopt(prop_bool_create(true));
    if (text_ == "false") return Reference::adopt(prop_bool_create(false));
    if (text_.front() == '@') return file(text_.substr(1));
    if (text_.front() == '"') return quoted();
    const auto colon = text_.find(':');
    if (colon != std::string_view::npos) return typed(text_.substr(0, colon), colon + 1);
    return number(text_);
  }

 private:
  Reference typed(std::string_view type, std::size_t start) {
    const std::string_view rest = text_.substr(start);
    if (type == "string") return string(std::string(rest));
    if (type == "data") return data(rest);
    if (type == "plist") return plist(rest);
    for (const IntegerType& integer : integer_types) {
      if (integer.name == type) return sized(integer, rest);
    }
    fail(whole_, fmt::format("there is no type {}; there are: u8 u16 u32 u64 i8 i16 i32 i64 "
                             "string data plist",
                             type));
  }

  Reference string(const std::string& text) {
    if (text.find('\0') != std::string::npos) fail(whole_, "a string cannot contain a null byte");
    return Reference::adopt(prop_string_create_copy(text.c_str()));
  }

  // "..." with \" and \\ inside.
  Reference quoted() {
    std::string text;
    for (std::size_t i = 1; i < text_.size(); i++) {
      if (text_[i] == '"') {
        if (i + 1 != text_.size()) fail(whole_, "there is something after the closing quote");
        return string(text);
      }
      if (text_[i] == '\\' && i + 1 < text_.size()) i++;
      text += text_[i];
    }
    fail(whole_, "the closing quote is missing");
  }

  Reference data(std::string_view digits) {
    if (digits.size() % 2 != 0) {
      fail(whole_, fmt::format("data has {} hexadecimal digits; it takes two for each byte",
                               digits.size()));
    }
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i < digits.size(); i += 2) {
      unsigned byte = 0;
      const char* pair = digits.data() + i;
      const auto [end, error] = std::from_chars(pair, pair + 2, byte, 16);
      if (error != std::errc{} || end != pair + 2) {
        fail(whole_, fmt::format("\"{}\" is no hexadecimal byte", digits.substr(i, 2)));
      }
      bytes.push_back(static_cast<std::byte>(byte));
    }
    return Reference::adopt(prop_data_create_copy(bytes.data(), bytes.size()));
  }

  std::string contents(std::string_view name) {
    if (name.empty()) fail(whole_, "the name of the file is missing");
    const std::string path(name);
    std::ifstream in(path, std::ios::binary);
    std::string bytes;
    char piece[65536];
    while (in.read(piece, sizeof piece) || in.gcount() > 0) {
      bytes.append(piece, static_cast<std::size_t>(in.gcount()));
      if (bytes.size() > largest_file) {
        fail(whole_, fmt::format("{} has more than {} MiB", path, largest_file >> 20));
      }
    }
    if (!in.eof()) {
      const int error = errno == 0 ? EIO : errno;
      throw Error(error, fmt::format("--prop {}: {}: {}", whole_, path,
                                     std::generic_category().message(error)));
    }
    return bytes;
  }

  Reference file(std::string_view name) {
    const std::string bytes = contents(name);
    return Reference::adopt(prop_data_create_copy(bytes.data(), bytes.size()));
  }

  Reference plist(std::string_view name) {
    if (name.empty() || name.front() != '@') {
      fail(whole_, "a property list comes from a file: plist:@file");
    }
    Reference object = prop::internalize(contents(name.substr(1)));
    if (object.get() == nullptr) {
      fail(whole_, fmt::format("{} is not an XML property list", name.substr(1)));
    }
    return object;
  }

  struct Magnitude {
    bool negative;
    std::uint64_t value;
  };

  // A number in C's notations; nothing when it is none or has more than 64 bits.
  static std::optional<Magnitude> magnitude(std::string_view text) {
    Magnitude result{};
    result.negative = !text.empty() && text.front() == '-';
    if (result.negative) text.remove_prefix(1);
    const bool hexadecimal = text.substr(0, 2) == "0x" || text.substr(0, 2) == "0X";
    if (hexadecimal) text.remove_prefix(2);
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, result.value, hexadecimal ? 16 : 10);
    if (text.empty() || error != std::errc{} || at != end) return std::nullopt;
    return result;
  }

  Reference number(std::string_view text) {
    const auto parsed = magnitude(text);
    if (!parsed) {
      fail(whole_, fmt::format("\"{}\" is neither true nor false nor a 64-bit number; a string "
                               "stands in quotes: \"{}\" (mind the shell), or string:{}",
                               text, text, text));
    }
    return sized({"", parsed->negative, 64}, text);
  }

  Reference sized(const IntegerType& type, std::string_view text) {
    const auto parsed = magnitude(text);
    if (!parsed) fail(whole_, fmt::format("\"{}\" is not a number", text));
    const std::uint64_t half = std::uint64_t{1} << (type.bits - 1);
    const std::uint64_t highest = type.is_signed ? half - 1 : half - 1 + half;
    const std::uint64_t lowest = type.is_signed ? half : 0;  // its magnitude
    if (parsed->value > (parsed->negative ? lowest : highest)) {
      fail(whole_, fmt::format("{} does not fit in {}: {}{} to {}", text,
                               type.name.empty() ? "i64" : type.name, lowest == 0 ? "" : "-",
                               lowest, highest));
    }
    const std::uint64_t bits = parsed->negative ? 0 - parsed->value : parsed->value;
    return Reference::adopt(type.is_signed
                                ? prop_number_create_signed(static_cast<std::int64_t>(bits))
                                : prop_number_create_unsigned(bits));
  }

  std::string_view whole_;
  std::string_view text_;
};

// Shell patterns of * and ? alone.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      p++;
      t++;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') p++;
  return p == pattern.size();
}

struct Given {
  std::string text;
  DeviceProperty property;
  bool used = false;
};

struct Store {
  std::mutex mutex;
  std::vector<Given> given;
};

Store& store() {
  static auto& the_store = *new Store;
  return the_store;
}

}  // namespace

DeviceProperty DeviceProperty::parse(std::string_view text) {
  const auto colon = text.find(':');
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || colon == std::string_view::npos || colon > equals) {
    fail(text, fmt::format("DEVICE:KEY=VALUE expected; {}", example));
  }
  const auto device = text.substr(0, colon);
  const auto key = text.substr(colon + 1, equals - colon - 1);
  if (device.empty()) fail(text, "the device is missing; * stands for all of them");
  if (key.empty()) fail(text, "the key is missing");
  Reference value = Value(text, text.substr(equals + 1)).parse();
  return {std::string(device), std::string(key), value.detach()};
}

DeviceProperty::DeviceProperty(std::string device, std::string key, prop_object_t value)
    : device_(std::move(device)), key_(std::move(key)), value_(value) {}

DeviceProperty::DeviceProperty(DeviceProperty&& other) noexcept
    : device_(std::move(other.device_)),
      key_(std::move(other.key_)),
      value_(std::exchange(other.value_, nullptr)) {}

DeviceProperty& DeviceProperty::operator=(DeviceProperty&& other) noexcept {
  std::swap(device_, other.device_);
  std::swap(key_, other.key_);
  std::swap(value_, other.value_);
  return *this;
}

DeviceProperty::~DeviceProperty() {
  prop_object_release(value_);
}

bool DeviceProperty::applies_to(std::string_view xname) const {
  return matches(device_, xname);
}

void set_device_properties(const std::vector<std::string>& texts) {
  std::vector<Given> given;
  for (const std::string& text : texts) given.push_back({text, DeviceProperty::parse(text)});
  const std::scoped_lock lock(store().mutex);
  store().given = std::move(given);
}

void apply_device_properties(std::string_view xname, prop_dictionary_t dictionary) {
  const std::scoped_lock lock(store().mutex);
  for (Given& given : store().given) {
    if (!given.property.applies_to(xname)) continue;
    prop_dictionary_set(dictionary, given.property.key().c_str(), given.property.value());
    given.used = true;
  }
}

std::vector<std::string> unused_device_properties() {
  const std::scoped_lock lock(store().mutex);
  std::vector<std::string> unused;
  for (const Given& given : store().given) {
    if (!given.used) unused.push_back(given.text);
  }
  return unused;
}

}  // namespace pupci::kern
