// SPDX-License-Identifier: BSD-2-Clause
// What config(1) would do for one driver: from device and attachment declarations, in the words of
// config(5), to the C text of ioconf.c, ioconf.h and locators.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pupci::build {

struct Locator {
  std::string name;
  std::string fallback;  // the default as config(5) writes it; empty: the locator must be given
  bool operator==(const Locator&) const = default;
};

// An interface attribute: what children attach at.
struct Attribute {
  std::string name;
  std::vector<Locator> locators;
};

struct Device {
  std::string name;
  std::string device_class = "DV_DULL";  // enum devclass, autoconf(9)
  std::vector<std::string> carries;      // names of interface attributes
};

// "attach DEVICE at ATTRIBUTE with CA": CA without its suffix _ca.
struct Attachment {
  std::string device;
  std::string attribute;
  std::string ca;
};

struct Config {
  std::string name;  // of the shared object
  std::vector<Attribute> attributes;
  std::vector<Device> devices;
  std::vector<Attachment> attachments;

  // The attribute as declared, or as pupci knows it, or without locators.
  [[nodiscard]] Attribute attribute(std::string_view wanted) const;
  Device& device(std::string_view wanted);  // adds it if it is not there
};

// These throw pupci::Error (EINVAL) that quotes the declaration and says what is wrong.
//
// "edu at pci", "attach edu at pci with edu_pci".
void parse_attachment(Config& config, std::string_view text);
// "foo", "device foo { addr = -1, [size = 0] }: ifnet, mii": braces make `foo` an interface
// attribute too.
void parse_device(Config& config, std::string_view text);
// For an attachment structure found in an object ("edu" or "edu_pci"): the attachment that is most
// likely meant.
void add_attachment_for(Config& config, std::string_view ca);

// Fills in what was not declared: the attributes at which devices of this same driver attach.
void complete(Config& config);

std::string ioconf_c(const Config& config);
std::string ioconf_h(const Config& config);
std::string locators_h(const Config& config);

// Writes `text` unless the file holds just that already, so that nothing is rebuilt for nothing.
// Throws pupci::Error.
void write_if_changed(const std::string& path, std::string_view text);

}  // namespace pupci::build
