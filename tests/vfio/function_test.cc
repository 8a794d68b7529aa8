// SPDX-License-Identifier: BSD-2-Clause
// What is particular to functions that VFIO gives: what is mapped and what is trapped, who else
// wants them.
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

#include "host/conformance.h"
#include "host/vfio/sysfs.h"
#include "pupci/capability.h"
#include "pupci/pci_config.h"
#include "vfio/guest.h"

namespace pupci::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string spec_of(const Address& address, const std::string& more = "") {
  return "vfio:" + to_string(address) + more;
}

std::string refusal(const std::string& spec) {
  try {
    open_small(spec);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// The function, decoding memory and mastering the bus.
std::shared_ptr<Function> ready(Bus& bus, const Address& address) {
  auto function = bus.function(address);
  const std::uint32_t command = function->config_read(pci::command, 2);
  function->config_write(pci::command, 2,
                         command | pci::command_bit::memory | pci::command_bit::master);
  return function;
}

TEST(VfioFunction, BarsAreMappedAndTheMsixTableIsNot) {
  const Address address = offered(rocker_id).at(0);
  const auto bus = open_small(spec_of(address));
  const auto function = ready(*bus, address);
  EXPECT_NE(function->map(0, 0, 0x2000)->base(), nullptr);
  FunctionConfig config(*function);
  const auto msix = msix_capability(config);
  ASSERT_TRUE(msix);
  const auto table =
      function->map(msix->table_bar, msix->table_offset, std::uint64_t{16} * msix->vectors);
  EXPECT_EQ(table->base(), nullptr);
  // The kernel's to write: an address put there by a driver would be a hole in the protection.
  const auto vectors = function->enable_interrupts(InterruptType::msix, 2);
  const std::uint64_t before = table->read(0, 4);
  table->write(0, 4, 0xdeadbeec);
  EXPECT_EQ(table->read(0, 4), before);
  const auto sender = conformance::rocker(address);
  const auto registers = function->map(sender.bar, 0, sender.size);
  sender.prepare(*registers);
  for (const auto& vector : vectors) vector->unmask();
  sender.send(*registers, 0);
  EXPECT_EQ(conformance::take(*vectors[0], 1), 1U);
}

// The vectors of a function that the machine serves, by the kernel's names of them.
std::set<unsigned> served_vectors(const Address& address) {
  std::set<unsigned> vectors;
  std::ifstream in("/proc/interrupts");
  for (std::string line; std::getline(in, line);) {
    const auto name = line.find("vfio-msix[");
    if (name == std::string::npos || line.find(to_string(address)) == std::string::npos) continue;
    vectors.insert(static_cast<unsigned>(std::stoul(line.substr(name + 10))));
  }
  return vectors;
}

TEST(VfioFunction, VectorsAreAddedAndTakenAwayAlone) {
  const Address address = offered(rocker_id).at(0);
  const auto bus = open_small(spec_of(address));
  const auto function = ready(*bus, address);
  const auto sender = conformance::rocker(address);
  const auto registers = function->map(sender.bar, 0, sender.size);
  auto vectors = function->enable_interrupts(InterruptType::msix, sender.vectors);
  if (!served_vectors(address).empty()) GTEST_SKIP() << "this kernel enables all at once";
  vectors[2]->unmask();
  EXPECT_THAT(served_vectors(address), ElementsAre(2));
  // What is sent before a vector is there waits in the function.
  sender.send(*registers, 1);
  registers->flush();
  vectors[1]->unmask();
  EXPECT_THAT(served_vectors(address), ElementsAre(1, 2));
  EXPECT_EQ(conformance::take(*vectors[1], 1), 1U);
  // Masking is another thing: the vector stays.
  vectors[1]->mask();
  EXPECT_THAT(served_vectors(address), ElementsAre(1, 2));
  // One goes, without the other one's missing anything.
  vectors[1]->unmask();
  vectors[2].reset();
  EXPECT_THAT(served_vectors(address), ElementsAre(1));
  sender.send(*registers, 1);
  EXPECT_EQ(conformance::take(*vectors[1], 1), 1U);
  // And is not missed either when all are disabled; the numbers are others' then.
  function->disable_interrupts();
  EXPECT_THAT(served_vectors(address), ElementsAre());
  const auto again = function->enable_interrupts(InterruptType::msix, sender.vectors);
  for (const auto& vector : again) vector->unmask();
  vectors.clear();
  EXPECT_THAT(served_vectors(address), ElementsAre(0, 1, 2, 3));
  sender.send(*registers, 3);
  EXPECT_EQ(conformance::take(*again[3], 1), 1U);
}

// Before all threads of the kernel's that do its later work.
class Urgent {
 public:
  Urgent() {
    const sched_param highest{50};
    EXPECT_EQ(::sched_setscheduler(0, SCHED_FIFO, &highest), 0);
  }
  ~Urgent() {
    const sched_param usual{0};
    ::sched_setscheduler(0, SCHED_OTHER, &usual);
  }
  Urgent(const Urgent&) = delete;
  Urgent& operator=(const Urgent&) = delete;
};

// Both ways to end the service of a line.
class VfioLine : public testing::TestWithParam<const char*> {
 protected:
  VfioLine()
      : bus(open_small(spec_of(offered(edu_id).at(0), std::string(",intx=") + GetParam()))),
        edu(bus->function(offered(edu_id).at(0))),
        line(edu.enable(InterruptType::intx)) {}

  std::shared_ptr<Bus> bus;
  conformance::Edu edu;
  std::shared_ptr<Interrupt> line;
};

// By eventfd, the kernel signals a level that is acknowledged while it is asserted from a thread of
// its own, which here runs once this one has nothing to do.
TEST_P(VfioLine, WhatIsSignalledLateIsNotDeliveredWhenItIsMaskedOrGone) {
  const Urgent urgent;
  edu.raise(1);
  line->unmask();
  ASSERT_EQ(conformance::take(*line, 1), 1U);
  line->acknowledge();
  line->mask();
  EXPECT_FALSE(conformance::readable_soon(*line)) << "it is masked";
  line->unmask();
  ASSERT_EQ(conformance::take(*line, 1), 1U);
  line->acknowledge();
  line->mask();
  edu.acknowledge(1);
  line->unmask();
  EXPECT_FALSE(conformance::readable_soon(*line)) << "it is not asserted";
  edu.raise(2);
  EXPECT_EQ(conformance::take(*line, 1), 1U);
  line->acknowledge();
  EXPECT_EQ(conformance::take(*line, 1), 1U) << "signalled late, but asserted and not masked";
  edu.acknowledge(2);
  line->acknowledge();
}

TEST_P(VfioLine, ServesOneAfterTheOther) {
  line->unmask();
  for (unsigned round = 0; round < 200; round++) {
    edu.raise(1);
    ASSERT_EQ(conformance::take(*line, 1), 1U) << round;
    if (round % 3 == 0) edu.raise(2);
    edu.acknowledge(1);
    line->acknowledge();
    if (round % 3 == 0) {
      ASSERT_EQ(conformance::take(*line, 1), 1U) << round;
      edu.acknowledge(2);
      line->acknowledge();
    }
    ASSERT_FALSE(conformance::readable_now(*line)) << round;
    if (round % 5 == 0) line->mask();
    if (round % 5 == 0) line->unmask();
  }
  edu.function->disable_interrupts();
  edu.raise(1);
  EXPECT_FALSE(conformance::readable_now(*line));
  edu.acknowledge(1);
}

INSTANTIATE_TEST_SUITE_P(Vfio, VfioLine, testing::Values("call", "eventfd"),
                         [](const auto& each) { return std::string(each.param); });

// Smaller than a page: the kernel need not map it, and then answers each access itself.
TEST(VfioFunction, ABarThatIsLessThanAPage) {
  constexpr unsigned mask_register = 0;
  const Address address = offered(ivshmem_id).at(0);
  const auto bus = open_small(spec_of(address));
  const auto registers = ready(*bus, address)->map(0, 0, 0x100);
  registers->write(mask_register, 4, 0x5a);
  EXPECT_EQ(registers->read(mask_register, 4), 0x5aU);
  registers->write(mask_register, 4, 0);
}

TEST(VfioFunction, PowerStates) {
  constexpr unsigned power_state = 4;  // in the capability
  constexpr unsigned d3 = 3;
  const Address address = offered(virtio_rng_id).at(0);
  const auto bus = open_small(spec_of(address));
  const auto function = ready(*bus, address);
  FunctionConfig config(*function);
  const auto capability = find_capability(config, 1);
  ASSERT_TRUE(capability);
  function->config_write(*capability + power_state, 2, d3);
  EXPECT_EQ(function->config_read(*capability + power_state, 2) & 3, d3);
  function->config_write(*capability + power_state, 2, 0);
  EXPECT_EQ(function->config_read(*capability + power_state, 2) & 3, 0U);
  EXPECT_NE(function->map(4, 0, 0x1000)->read(0, 4), UINT32_MAX);
}

TEST(VfioFunction, WriteCombiningWhereItCanBe) {
  const Address scratch = offered(ivshmem_id).at(0);
  const auto bus = open_small(spec_of(scratch));
  const auto function = ready(*bus, scratch);
  const auto combined = function->map(2, 0, 0x100000, MapMode::write_combining);
  // Of the same kind as the first: two kinds at a time is what CPUs cannot do.
  const auto again = function->map(2, 0x1000, 0x1000);
  ASSERT_NE(combined->base(), nullptr);
  combined->write(0x1010, 8, 0x123456789abcdef0);
  combined->flush();
  EXPECT_EQ(again->read(0x10, 8), 0x123456789abcdef0U);
  combined->write(0x1010, 8, 0);
}

TEST(VfioFunction, WhatIsMappedUncachedStaysSo) {
  const Address scratch = offered(ivshmem_id).at(0);
  const auto bus = open_small(spec_of(scratch));
  const auto function = ready(*bus, scratch);
  const auto plain = function->map(2, 0x1000, 0x1000);
  const auto wished = function->map(2, 0, 0x100000, MapMode::write_combining);
  wished->write(0x1010, 8, 0x123456789abcdef0);
  EXPECT_EQ(plain->read(0x10, 8), 0x123456789abcdef0U);
  plain->write(0x10, 8, 0);
}

TEST(VfioFunction, OneOwnerAtATime) {
  const Address address = offered(edu_id).at(0);
  const auto bus = open_small(spec_of(address));
  EXPECT_THAT(refusal(spec_of(address)), AllOf(HasSubstr(to_string(address)), HasSubstr("fuser")));
}

TEST(VfioFunction, AUserWithoutTheNodeIsToldWhatToDo) {
  const Address address = offered(testdev_id).at(0);
  ::chmod("/dev/vfio/vfio", 0666);
  const std::string said = in_child([&] {
    if (::setuid(1234) != 0) return;
    std::fputs(refusal(spec_of(address, ",iommu=group")).c_str(), stderr);
  });
  EXPECT_THAT(said, AllOf(HasSubstr("/dev/vfio/"), HasSubstr("may not be opened by this user"),
                          HasSubstr("sudo pupci bind --user")));
}

// The board has a device of two functions, of which the second is the kernel's.
TEST(VfioFunction, AGroupThatTheKernelUsesInPart) {
  const auto kernel_nic = vfio::Sysfs().find({0, 0, 8, 1});
  ASSERT_TRUE(kernel_nic && kernel_nic->driver == "e1000") << "what the board promises";
  const std::string said = refusal("vfio:0000:00:08.0");
  EXPECT_THAT(
      said, AllOf(HasSubstr("0000:00:08.1 (driver e1000)"), HasSubstr("pupci bind 0000:00:08.1")));
}

TEST(VfioFunction, WhatIsRemovedIsAskedBackAndGivenBack) {
  const Address address = offered(edu_id).at(1);
  const std::string directory = "/sys/bus/pci/devices/" + to_string(address);
  auto bus = open_small(spec_of(address));
  std::thread remover([&] { write_file(directory + "/remove", "1"); });
  const auto notice = wait_notice(*bus);
  ASSERT_TRUE(notice);
  EXPECT_TRUE(notice->leave);
  EXPECT_THAT(notice->text, AllOf(HasSubstr(to_string(address)),
                                  HasSubstr("the kernel wants the function back")));
  bus.reset();
  remover.join();
  EXPECT_FALSE(vfio::Sysfs().find(address));
  EXPECT_THAT(refusal(spec_of(address)), HasSubstr("there is no such function"));
  write_file("/sys/bus/pci/rescan", "1");
  ASSERT_TRUE(vfio::Sysfs().find(address));
  write_file(directory + "/driver_override", "vfio-pci");
  write_file("/sys/bus/pci/drivers_probe", to_string(address));
  EXPECT_EQ(refusal(spec_of(address)), "");
}

// One edu has its port's bus to itself, two share theirs; none can be reset by itself.
TEST(VfioFunction, ABusIsResetWhereNothingElseIsOnIt) {
  const Address alone{0, 3, 0, 0};
  const Address beside{0, 2, 9, 0};
  const auto bus = open_small(spec_of(alone) + "," + to_string(beside));
  const auto function = ready(*bus, alone);
  const std::vector<Bar> bars = function->bars();
  function->enable_interrupts(InterruptType::msi, 1);
  function->reset();
  EXPECT_EQ(function->bars(), bars);
  EXPECT_EQ(function->config_read(pci::command, 2) & pci::command_bit::master, 0U);
  FunctionConfig config(*function);
  EXPECT_FALSE(msi_capability(config)->enabled);
  EXPECT_EQ(conformance::error_of([&] { bus->function(beside)->reset(); }), ENOTSUP);
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(VfioFunction, InterruptsThatItHasNotAreRefusedWithThoseThatItHas) {
  const Address edu = offered(edu_id).at(0);
  const Address testdev = offered(testdev_id).at(0);
  const auto bus = open_small(spec_of(edu) + "," + to_string(testdev));
  EXPECT_EQ(message_of([&] { bus->function(edu)->enable_interrupts(InterruptType::msix, 1); }),
            "vfio: " + to_string(edu) +
                ": cannot enable 1 MSI-X interrupts: it has none; have the driver use 1 INTx or 1 "
                "MSI");
  EXPECT_THAT(
      message_of([&] { bus->function(testdev)->enable_interrupts(InterruptType::intx, 1); }),
      HasSubstr("it has none; nor of any other type"));
}

TEST(VfioFunction, ABarThatCannotBeMapped) {
  const Address address = offered(ivshmem_id).at(0);
  const auto bus = open_small(spec_of(address));
  const auto function = ready(*bus, address);
  const std::string said = in_child([&] {
    const rlimit nothing_more{1, 1};
    ::setrlimit(RLIMIT_AS, &nothing_more);
    std::fputs(message_of([&] { function->map(2, 0, 0x100000); }).c_str(), stderr);
  });
  EXPECT_EQ(said, "vfio: " + to_string(address) +
                      ": cannot map 0x100000 bytes at 0x0 of BAR 2: Cannot allocate memory; raise "
                      "what this process may map: ulimit -v unlimited");
}

// Aborted completions, as QEMU has the function report them to its root port.
TEST(VfioFunction, AnErrorThatIsReportedByAerIsPassedOn) {
  const Address address = offered(virtio_rng_id).at(0);
  if (::access((vfio::Sysfs().find(address)->directory / "aer_dev_fatal").c_str(), F_OK) != 0) {
    GTEST_SKIP() << "this kernel is without AER";
  }
  const auto bus = open_small(spec_of(address));
  ASSERT_TRUE(tell_qemu("pcie_aer_inject_error rng COMP_ABORT"));
  const auto notice = wait_notice(*bus);
  ASSERT_TRUE(notice);
  EXPECT_TRUE(notice->leave);
  EXPECT_THAT(notice->text,
              AllOf(HasSubstr(to_string(address)),
                    HasSubstr("the function reported an error that it cannot recover from")));
}

// Virtio's common configuration, at the start of BAR 4: the driver acknowledges the device.
TEST(VfioFunction, AnExpressFunctionIsReset) {
  constexpr unsigned device_status = 0x14;
  const Address address = offered(virtio_rng_id).at(0);
  const auto bus = open_small(spec_of(address));
  const auto function = ready(*bus, address);
  const auto registers = function->map(4, 0, 0x1000);
  registers->write(device_status, 1, 1);
  EXPECT_EQ(registers->read(device_status, 1), 1U);
  const std::vector<Bar> bars = function->bars();
  function->reset();
  EXPECT_EQ(function->bars(), bars);
  EXPECT_EQ(function->config_read(pci::command, 2) & pci::command_bit::master, 0U);
  EXPECT_EQ(registers->read(device_status, 1), 0U);
}

}  // namespace
}  // namespace pupci::test
