// SPDX-License-Identifier: BSD-2-Clause
// A kernel's PCI part on a sim bus, for tests of pci(9), pci_intr(9) and what attaches functions.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kern/console.h"
#include "kern/pci_attach.h"
#include "kern/pci_chipset.h"
#include "pupci/sim.h"

namespace pupci::test {

// A function whose BAR 0 is a switchboard for its interrupts.
class Switchboard : public sim::Model {
 public:
  static constexpr unsigned send = 0;   // write a vector: its message, or INTx
  static constexpr unsigned lower = 4;  // write: INTx down
  static constexpr unsigned scratch = 8;

  struct Form {
    unsigned msi = 0;
    unsigned msix = 0;
    std::uint8_t pin = 1;
    sim::Identity identity = {.vendor = 0x1234, .device = 0x5678};
  };
  explicit Switchboard(const Form& form) : Model(with_pin(form)) {
    add_bar(0, {.kind = Bar::Kind::memory32, .size = 0x1000});
    if (form.msi != 0) add_msi(form.msi, true);
    if (form.msix != 0) {
      add_bar(1, {.kind = Bar::Kind::memory32, .size = 0x10000});
      add_msix(form.msix, 1, 0, 0x8000);
    }
  }

 protected:
  std::uint64_t read(unsigned, std::uint64_t offset, unsigned) override {
    return offset == scratch ? scratch_ : 0;
  }
  void write(unsigned, std::uint64_t offset, unsigned, std::uint64_t value) override {
    if (offset == send) interrupt(static_cast<unsigned>(value));
    if (offset == lower) lower_intx();
    if (offset == scratch) scratch_ = value;
  }

 private:
  static sim::Identity with_pin(const Form& form) {
    sim::Identity identity = form.identity;
    identity.interrupt_pin = form.pin;
    return identity;
  }
  std::uint64_t scratch_ = 0;
};

class PciTest : public testing::Test {
 protected:
  ~PciTest() override {
    kern::pci_stop();
    kern::set_console({});
  }
  // Once the bus has its models.
  void start() {
    kern::set_console([this](std::string_view text) { console += text; });
    kern::set_console_verbosity(true, true, false);
    kern::pci_start(bus);
    chipset = kern::running_chipset();
  }
  pci_attach_args args(unsigned device, unsigned function = 0, unsigned number = 0) const {
    pci_attach_args pa{};
    EXPECT_TRUE(kern::pci_function_args(
        Address{0, static_cast<std::uint8_t>(number), static_cast<std::uint8_t>(device),
                static_cast<std::uint8_t>(function)},
        &pa));
    return pa;
  }

  sim::Bus bus;
  pci_chipset_tag_t chipset = nullptr;
  std::string console;
};

}  // namespace pupci::test
