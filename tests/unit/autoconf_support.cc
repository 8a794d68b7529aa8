// SPDX-License-Identifier: BSD-2-Clause
#include "autoconf_support.h"

#include <cstddef>
#include <cstring>

namespace pupci::kern::test {
namespace {

std::map<std::string, Behaviour>& behaviours() {
  static std::map<std::string, Behaviour> all;
  return all;
}

Behaviour& behaviour_of(device_t dev) {
  return behaviours().at(device_cfdriver(dev)->cd_name);
}

int match(device_t parent, cfdata_t cf, void* aux) {
  const Behaviour& b = behaviours().at(cf->cf_name);
  return b.match ? b.match(parent, cf, aux) : 1;
}

void attach(device_t parent, device_t self, void* aux) {
  note(std::string("attach ") + device_xname(self));
  console_write(Message::normal, "\n");
  if (behaviour_of(self).attach) behaviour_of(self).attach(parent, self, aux);
}

int detach(device_t self, int flags) {
  note(std::string("detach ") + device_xname(self));
  if (behaviour_of(self).detach) return behaviour_of(self).detach(self, flags);
  return config_detach_children(self, flags);
}

int activate(device_t self, devact_t act) {
  EXPECT_EQ(act, DVACT_DEACTIVATE);
  note(std::string("deactivate ") + device_xname(self));
  return behaviour_of(self).deactivate ? behaviour_of(self).deactivate(self) : 0;
}

int rescan(device_t self, const char* ifattr, const int* locators) {
  note(std::string("rescan ") + device_xname(self));
  return behaviour_of(self).rescan(self, ifattr, locators);
}

void childdetached(device_t self, device_t child) {
  note(std::string("childdetached ") + device_xname(self) + " " + device_xname(child));
  if (behaviour_of(self).childdetached) behaviour_of(self).childdetached(self, child);
}

// cfiattrdata with two locators: its flexible array needs room behind it.
struct SlotAttribute {
  const char* name = "slot";
  int count = 2;
  cflocdesc locators[2] = {{"row", "-1", -1}, {"column", nullptr, 0}};
};
static_assert(offsetof(SlotAttribute, locators) == offsetof(cfiattrdata, ci_locdesc));

}  // namespace

std::vector<std::string>& journal() {
  static std::vector<std::string> lines;
  return lines;
}

void note(const std::string& line) {
  journal().push_back(line);
}

struct Drivers::Impl {
  struct Entry {
    std::string name;
    cfdriver driver{};
    cfattach attachment{};
    std::vector<cfattach*> list;
  };
  struct Line {
    std::vector<int> locators;
    std::string parent;
    cfparent spec{};
  };
  SlotAttribute slot;
  const cfiattrdata* attributes[2] = {reinterpret_cast<const cfiattrdata*>(&slot), nullptr};
  std::deque<Entry> entries;
  std::deque<Line> lines;
  std::vector<cfdata> table;
  std::vector<cfdriver*> drivers;
  std::vector<cfattachinit> attachments;
  pupci_ioconf ioconf{};
  std::unique_ptr<Driver> loaded;
};

Drivers::Drivers() : impl_(std::make_unique<Impl>()) {
  journal().clear();
  behaviours().clear();
}

Drivers::~Drivers() {
  unload();
}

Drivers& Drivers::driver(const std::string& name, Behaviour behaviour) {
  auto& entry = impl_->entries.emplace_back();
  entry.name = name;
  entry.driver.cd_name = entry.name.c_str();
  entry.driver.cd_class = DV_DULL;
  entry.driver.cd_attrs = impl_->attributes;
  entry.attachment.ca_name = entry.name.c_str();
  entry.attachment.ca_devsize = behaviour.softc_size;
  entry.attachment.ca_flags = behaviour.flags | DVF_PRIV_ALLOC;
  entry.attachment.ca_match = match;
  entry.attachment.ca_attach = attach;
  entry.attachment.ca_detach = behaviour.has_detach ? detach : nullptr;
  entry.attachment.ca_activate = activate;
  entry.attachment.ca_rescan = behaviour.rescan ? rescan : nullptr;
  entry.attachment.ca_childdetached = childdetached;
  entry.list = {&entry.attachment, nullptr};
  behaviours()[name] = std::move(behaviour);
  return *this;
}

Drivers& Drivers::at(const std::string& name, const std::string& parent, std::vector<int> locators,
                     short unit, short state) {
  auto& line = impl_->lines.emplace_back();
  line.locators = std::move(locators);
  const auto digit = parent.find_first_of("0123456789");
  line.parent = parent.substr(0, digit);
  line.spec = {"slot", parent == "*" ? nullptr : line.parent.c_str(),
               digit == std::string::npos ? DVUNIT_ANY : std::stoi(parent.substr(digit))};
  cfdata cf{};
  for (const auto& entry : impl_->entries) {
    if (entry.name == name) cf.cf_name = cf.cf_atname = entry.name.c_str();
  }
  cf.cf_unit = unit;
  cf.cf_fstate = state;
  cf.cf_loc = line.locators.data();
  cf.cf_pspec = parent.empty() ? nullptr : &line.spec;
  impl_->table.push_back(cf);
  return *this;
}

void Drivers::load() {
  impl_->table.push_back({});
  for (auto& entry : impl_->entries) {
    impl_->drivers.push_back(&entry.driver);
    impl_->attachments.push_back({entry.name.c_str(), entry.list.data()});
  }
  impl_->drivers.push_back(nullptr);
  impl_->attachments.push_back({nullptr, nullptr});
  impl_->ioconf = {.abi = PUPCI_IOCONF_ABI,
                   .size = sizeof(pupci_ioconf),
                   .name = "test",
                   .cfdrivers = impl_->drivers.data(),
                   .cfattachinit = impl_->attachments.data(),
                   .cfdata = impl_->table.data()};
  impl_->loaded = Driver::adopt(&impl_->ioconf);
}

void Drivers::unload() {
  if (impl_->loaded == nullptr) return;
  autoconf_detach_all();
  impl_->loaded.reset();
}

cfdriver* Drivers::driver_of(const std::string& name) {
  for (auto& entry : impl_->entries) {
    if (entry.name == name) return &entry.driver;
  }
  return nullptr;
}

device_t Drivers::root(const std::string& name) {
  const KernelLock kernel;
  return config_rootfound(name.c_str(), nullptr);
}

int print_found(void* aux, const char* parent) {
  std::string text = parent == nullptr ? "" : std::string("thing at ") + parent;
  text += " kind " + std::to_string(static_cast<Found*>(aux)->kind);
  console_write(Message::normal, text);
  return UNCONF;
}

device_t find_child(device_t parent, int kind, const int* locators) {
  Found found{kind};
  return config_found(parent, &found, print_found,
                      CFARGS(.submatch = locators == nullptr ? nullptr : config_stdsubmatch,
                             .iattr = "slot", .locators = locators));
}

Console::Console() {
  set_console([text = text_](std::string_view more) { text->append(more); });
}

Console::~Console() {
  set_console({});
}

}  // namespace pupci::kern::test
