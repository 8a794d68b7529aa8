// SPDX-License-Identifier: BSD-2-Clause
// Enumeration on QEMU's own devices, with QEMU's view of them as the oracle.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <regex>
#include <sstream>
#include <tuple>

#include "host/qemu_support.h"
#include "pupci/pci_config.h"

namespace qemu_test {
namespace {

// What `info pci` says of a function.
struct Told {
  std::uint32_t id = 0;
  int secondary = -1;
  int irq = -1;
  std::map<unsigned, std::tuple<std::string, std::uint64_t, std::uint64_t>> bars;  // kind, at, size
};

std::map<Address, Told> told_by(QemuBus& bus) {
  std::map<Address, Told> all;
  Told* current = nullptr;
  std::istringstream lines(bus.monitor("info pci"));
  const std::regex where(R"(\s*Bus\s+(\d+), device\s+(\d+), function (\d+):)");
  const std::regex id(R"(.*PCI device ([0-9a-f]{4}):([0-9a-f]{4}))");
  const std::regex secondary(R"(\s*secondary bus (\d+)\.)");
  const std::regex irq(R"(\s*IRQ (\d+), pin .)");
  const std::regex bar(R"(\s*BAR(\d): (.*) at 0x([0-9a-f]+) \[0x([0-9a-f]+)\]\.)");
  for (std::string line; std::getline(lines, line);) {
    std::smatch m;
    const auto number = [&](int i, int base = 10) { return std::stoull(m[i], nullptr, base); };
    if (std::regex_match(line, m, where)) {
      const Address address{0, static_cast<std::uint8_t>(number(1)),
                            static_cast<std::uint8_t>(number(2)),
                            static_cast<std::uint8_t>(number(3))};
      current = &all[address];
    } else if (current == nullptr) {
      continue;
    } else if (std::regex_match(line, m, id)) {
      current->id = static_cast<std::uint32_t>(number(2, 16) << 16 | number(1, 16));
    } else if (std::regex_match(line, m, secondary)) {
      current->secondary = static_cast<int>(number(1));
    } else if (std::regex_match(line, m, irq)) {
      current->irq = static_cast<int>(number(1));
    } else if (std::regex_match(line, m, bar)) {
      const std::uint64_t begin = number(3, 16);
      current->bars[static_cast<unsigned>(number(1))] = {m[2], begin, number(4, 16) - begin + 1};
    }
  }
  return all;
}

std::string kind(const Bar& bar) {
  if (bar.kind == Bar::Kind::io) return "I/O";
  return std::string(bar.kind == Bar::Kind::memory64 ? "64" : "32") + " bit" +
         (bar.prefetchable ? " prefetchable" : "") + " memory";
}

void compare(const Function& function, const std::vector<Bar>& bars, const Told& told) {
  const std::string name = to_string(function.address());
  EXPECT_EQ(bars.size(), told.bars.size()) << name;
  for (const Bar& bar : bars) {
    const auto it = told.bars.find(bar.index);
    ASSERT_NE(it, told.bars.end()) << name << " BAR " << bar.index;
    const auto& [told_kind, begin, size] = it->second;
    EXPECT_EQ(kind(bar), told_kind) << name << " BAR " << bar.index;
    EXPECT_EQ(bar.size, size) << name << " BAR " << bar.index;
    EXPECT_NE(bar.address, 0U) << name << " BAR " << bar.index;
    // A ROM is decoded only when it is enabled.
    if (bar.kind != Bar::Kind::rom) {
      EXPECT_EQ(bar.address, begin) << name << " BAR " << bar.index;
    }
  }
}

std::vector<std::string> large_board() {
  return {
      "-device", "edu",
      "-device", "pci-testdev",
      "-device", "VGA",
      "-device", "ich9-intel-hda",
      "-device", "ich9-usb-ehci1,addr=1d.7,multifunction=on",
      "-device", "ich9-usb-uhci1,addr=1d.0,multifunction=on",
      "-device", "pcie-root-port,id=rp1,chassis=1,slot=1",
      "-device", "e1000e,bus=rp1",
      "-device", "pcie-root-port,id=rp2,chassis=1,slot=2",
      "-device", "x3130-upstream,id=up,bus=rp2",
      "-device", "xio3130-downstream,id=down1,bus=up,chassis=2,slot=1",
      "-device", "xio3130-downstream,id=down2,bus=up,chassis=2,slot=2",
      "-object", "memory-backend-ram,id=shared,size=64M",
      "-device", "ivshmem-plain,memdev=shared,bus=down1",
      "-device", "nvme,serial=1,bus=down2",
      "-device", "pcie-root-port,id=rp3,chassis=1,slot=3",
      "-device", "pcie-pci-bridge,id=pb,bus=rp3",
      "-device", "edu,bus=pb,addr=4",
      "-device", "pci-bridge,id=pb2,bus=pb,chassis_nr=9,addr=7",
      "-device", "rtl8139,bus=pb2,addr=3",
      "-device", "e1000,bus=pb2,addr=5",
      "-device", "i82801b11-bridge,id=dmi",
      "-device", "edu,bus=dmi,addr=6",
  };
}

TEST(QemuEnumerate, AgreesWithInfoPci) {
  const auto bus = open(large_board());
  EXPECT_THAT(bus->warnings(), ::testing::IsEmpty());
  auto told = told_by(*bus);
  told.erase(Address{0, 0, 0x1f, 7});  // the doorbell, which is hidden
  const auto addresses = bus->functions();
  EXPECT_GE(addresses.size(), 12U);
  EXPECT_GE(addresses.back().bus, 8);
  ASSERT_EQ(addresses.size(), told.size());
  for (const Address& address : addresses) {
    ASSERT_TRUE(told.count(address)) << to_string(address);
    const Told& expected = told[address];
    const auto function = bus->function(address);
    EXPECT_EQ(function->config_read(pci::vendor_id, 4), expected.id) << to_string(address);
    compare(*function, function->bars(), expected);
    const bool bridge = (function->config_read(pci::header_type, 1) & pci::header::type_mask) == 1;
    EXPECT_EQ(bridge, expected.secondary >= 0) << to_string(address);
    if (bridge) {
      EXPECT_EQ(function->config_read(pci::secondary_bus, 1),
                static_cast<unsigned>(expected.secondary));
    }
    if (expected.irq >= 0) {
      EXPECT_EQ(function->config_read(pci::interrupt_line, 1), static_cast<unsigned>(expected.irq));
    }
  }
}

// `info qtree` knows devices by their parents: every edu must be where it was put.
TEST(QemuEnumerate, AgreesWithInfoQtree) {
  const auto bus = open(large_board());
  const std::string tree = bus->monitor("info qtree");
  const auto count = [&](const std::string& text) {
    std::size_t n = 0;
    for (std::size_t at = tree.find(text); at != std::string::npos; at = tree.find(text, at + 1)) {
      n++;
    }
    return n;
  };
  EXPECT_EQ(find(*bus, Edu::id).size(), count("dev: edu,"));
  std::size_t bridges = 0;
  for (const Address& address : bus->functions()) {
    bridges += (bus->function(address)->config_read(pci::header_type, 1) & 0x7f) == 1 ? 1 : 0;
  }
  EXPECT_EQ(bridges, count("dev: pcie-root-port,") + count("dev: x3130-upstream,") +
                         count("dev: xio3130-downstream,") + count("dev: pcie-pci-bridge,") +
                         count("dev: pci-bridge,") + count("dev: i82801b11-bridge,"));
}

TEST(QemuEnumerate, EveryBarBehindBridgesAnswers) {
  const auto bus = open(large_board());
  for (const auto& function : find(*bus, Edu::id)) {
    EXPECT_EQ(Edu(function).read(0), 0x010000edU) << to_string(function->address());
  }
  const auto shared = find(*bus, 0x11101af4).at(0);
  const auto memory = shared->map(2, 0, 64U << 20);
  EXPECT_GE(memory->bus_address(), std::uint64_t{1} << 32) << "the wide windows lead there";
  memory->write((64U << 20) - 8, 8, 0x1122334455667788);
  EXPECT_EQ(memory->read((64U << 20) - 8, 8), 0x1122334455667788U);
  const auto nvme = find(*bus, 0x00101b36).at(0);
  EXPECT_NE(nvme->map(0, 0, 8)->read(0, 8), ~std::uint64_t{0}) << "controller capabilities";
  const auto rtl8139 = find(*bus, 0x813910ec).at(0);
  const auto ports = rtl8139->map(0, 0, 256);
  EXPECT_EQ(ports->space(), Space::io);
  EXPECT_EQ(ports->read(0, 2), 0x5452U) << "the station address begins 52:54";
  EXPECT_EQ(rtl8139->map(1, 0, 256)->read(0, 2), 0x5452U) << "the same in memory";
}

TEST(QemuEnumerate, ExtendedConfigurationSpace) {
  const auto bus = open({"-device", "pcie-root-port,id=rp", "-device", "e1000e,bus=rp", "-device",
                         "pcie-pci-bridge", "-device", "edu"});
  const auto nic = find(*bus, 0x10d38086).at(0);
  EXPECT_EQ(nic->config_size(), 4096U);
  EXPECT_EQ(nic->config_read(0x100, 2), 1U) << "advanced error reporting";
  EXPECT_EQ(nic->config_read(0x1000, 4), 0xffffffffU);
  const auto edu = find(*bus, Edu::id).at(0);
  EXPECT_EQ(edu->config_size(), 256U);
  EXPECT_EQ(edu->config_read(0x100, 4), 0xffffffffU);
}

TEST(QemuEnumerate, BarsNeverOverlapTheArena) {
  const auto bus = open(large_board(), std::size_t{1} << 30);
  const std::uint64_t end = bus->dma().arena_bus() + bus->dma().arena_size();
  for (const Address& address : bus->functions()) {
    for (const Bar& bar : bus->function(address)->bars()) {
      if (bar.space() == Space::memory) {
        EXPECT_GE(bar.address, end) << to_string(address);
      }
    }
  }
}

TEST(QemuEnumerate, ABarThatCannotFitIsSaid) {
  const auto bus = open({"-device", "edu", "-device", "pci-testdev,membar=128T"});
  ASSERT_EQ(bus->warnings().size(), 1U);
  EXPECT_THAT(bus->warnings()[0], ::testing::HasSubstr("no room for 131072 GiB"));
  const auto testdev = find(*bus, 0x00051b36).at(0);
  EXPECT_THROW(testdev->map(2, 0, 4096), Error);
  EXPECT_EQ(Edu(find(*bus, Edu::id).at(0)).read(0), 0x010000edU);
}

// Raises every edu's interrupt in turn, which must arrive on the line that we say it has.
void expect_lines(QemuBus& bus) {
  const auto functions = find(bus, Edu::id);
  EXPECT_FALSE(functions.empty());
  for (const auto& function : functions) {
    Edu edu(function);
    const auto line = function->enable_interrupts(InterruptType::intx, 1).at(0);
    line->unmask();
    edu.write(Edu::raise, 1);
    edu.registers->flush();
    EXPECT_TRUE(readable(line->fd(), 0))
        << to_string(function->address()) << " not on line " << line->number();
    line->take();
    edu.write(Edu::acknowledge, 1);
    line->acknowledge();
    EXPECT_FALSE(readable(line->fd(), 0)) << to_string(function->address());
    line->mask();
    function->disable_interrupts();
  }
}

TEST(QemuEnumerate, LinesOfEverySlot) {
  std::vector<std::string> arguments;
  for (unsigned slot = 1; slot < 31; slot++) {
    arguments.insert(arguments.end(), {"-device", fmt::format("edu,addr={:x}", slot)});
  }
  arguments.insert(arguments.end(), {"-device", "edu,addr=1f.5"});
  expect_lines(*open(arguments));
}

TEST(QemuEnumerate, LinesBehindBridges) {
  std::vector<std::string> arguments;
  const auto add = [&](const std::string& device) {
    arguments.insert(arguments.end(), {"-device", device});
  };
  // On both sides of where the chipset's routing changes, and in its odd slot.
  for (const unsigned slot : {3U, 24U, 25U, 30U}) {
    const std::string id = "b" + std::to_string(slot);
    add(fmt::format("pci-bridge,id={},chassis_nr={},addr={:x}", id, slot, slot));
    for (const unsigned inner : {1U, 2U, 3U, 4U}) {
      add("edu,bus=" + id + ",addr=" + std::to_string(inner));
    }
  }
  add("pcie-root-port,id=rp,addr=6");
  add("pcie-pci-bridge,id=pb,bus=rp");
  add("pci-bridge,id=pb2,bus=pb,chassis_nr=50,addr=9");
  add("edu,bus=pb2,addr=2");
  add("edu,bus=pb2,addr=7");
  expect_lines(*open(arguments));
}

}  // namespace
}  // namespace qemu_test
