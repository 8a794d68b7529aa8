// SPDX-License-Identifier: BSD-2-Clause
// Properties that the user gives a device before its driver attaches: --prop DEVICE:KEY=VALUE.
//
//   DEVICE   edu0, or a pattern with * and ?: edu*, *
//   VALUE    true, false
//            800, -1, 0x320           a number: signed when it has a minus sign, else unsigned
//            u32:800, i8:-1           one that must fit: u8 u16 u32 u64 i8 i16 i32 i64
//            "text", string:text      a string
//            data:0a0b0c              bytes in hexadecimal
//            @file                    data: what the file contains
//            plist:@file              an object of any type, from an XML property list
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kern/api.h"
#include "netbsd/prop/proplib.h"

namespace pupci::kern {

class PUPCI_API DeviceProperty {
 public:
  // Throws pupci::Error (EINVAL, or that of the file) with what is wrong and what would be right.
  static DeviceProperty parse(std::string_view text);

  DeviceProperty(DeviceProperty&& other) noexcept;
  DeviceProperty& operator=(DeviceProperty&& other) noexcept;
  DeviceProperty(const DeviceProperty&) = delete;
  DeviceProperty& operator=(const DeviceProperty&) = delete;
  ~DeviceProperty();

  [[nodiscard]] const std::string& device() const { return device_; }
  [[nodiscard]] const std::string& key() const { return key_; }
  [[nodiscard]] prop_object_t value() const { return value_; }  // never null
  [[nodiscard]] bool applies_to(std::string_view xname) const;

 private:
  DeviceProperty(std::string device, std::string key, prop_object_t value);
  std::string device_;
  std::string key_;
  prop_object_t value_;
};

// From now on; an empty list forgets them. Throws as parse(), and then changes nothing.
PUPCI_API void set_device_properties(const std::vector<std::string>& texts);
// Puts all that apply into a dictionary, in the order in which they were given.
PUPCI_API void apply_device_properties(std::string_view xname, prop_dictionary_t dictionary);
// Those that applied to no device so far, as they were given.
PUPCI_API std::vector<std::string> unused_device_properties();

}  // namespace pupci::kern
