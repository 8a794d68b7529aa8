// SPDX-License-Identifier: BSD-2-Clause
// pci_msi(9) with several vectors of a device that a driver could meet: QEMU's xHCI controllers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/xhci_interrupters.h"
#include "kern/pci_attach.h"
#include "kern/pci_chipset.h"
#include "netbsd/dev/pci/pcivar.h"
#include "netbsd/sys/bus.h"
#include "netbsd/sys/evcnt.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/param.h"
#include "pupci/bus.h"

namespace {

using namespace pupci;
using namespace pupci::kern;
using pupci::test::XhciInterrupters;

// What one vector's handler has seen.
class Heard {
 public:
  static int interrupt(void* self) {
    auto& heard = *static_cast<Heard*>(self);
    const std::scoped_lock lock(heard.mutex_);
    heard.count_++;
    heard.changed_.notify_all();
    return 1;
  }
  void wait_for(unsigned count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ >= count; });
  }
  unsigned count() {
    const std::scoped_lock lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned count_ = 0;
};

class XhciMsi : public testing::Test {
 protected:
  void SetUp() override {
    BusOptions options;
    options.arguments = {"-device", "nec-usb-xhci,msi=on,msix=off,addr=4"};
    bus = open_bus("qemu", options);
    pci_start(*bus);
    ASSERT_TRUE(pci_function_args({0, 0, 4, 0}, &pa));
    ASSERT_EQ(pci_mapreg_map(&pa, PCI_BAR(0), PCI_MAPREG_TYPE_MEM | PCI_MAPREG_MEM_TYPE_64BIT, 0,
                             &tag, &handle, nullptr, &size),
              0);
    const pcireg_t command = pci_conf_read(pa.pa_pc, pa.pa_tag, PCI_COMMAND_STATUS_REG);
    pci_conf_write(pa.pa_pc, pa.pa_tag, PCI_COMMAND_STATUS_REG,
                   command | PCI_COMMAND_MASTER_ENABLE);
    interrupters = std::make_unique<XhciInterrupters>(
        bus->dma(), [this](unsigned at) { return bus_space_read_4(tag, handle, at); },
        [this](unsigned at, std::uint32_t value) { bus_space_write_4(tag, handle, at, value); });
  }
  void TearDown() override {
    interrupters.reset();
    if (size != 0) bus_space_unmap(tag, handle, size);
    pci_stop();
  }
  [[nodiscard]] std::string title(pci_intr_handle_t vector) const {
    std::array<char, PCI_INTRSTR_LEN> text{};
    return pci_intr_string(pa.pa_pc, vector, text.data(), text.size());
  }
  [[nodiscard]] std::uint64_t events(pci_intr_handle_t vector) const {
    const evcnt* counter = pci_intr_evcnt(pa.pa_pc, vector);
    return counter == nullptr ? 0 : __atomic_load_n(&counter->ev_count, __ATOMIC_RELAXED);
  }
  // Each vector by itself, some several times; nobody hears what is not for him.
  void expect_each_its_own(const pci_intr_handle_t* handles, unsigned count) const {
    std::vector<Heard> heard(count);
    std::vector<void*> cookies;
    std::vector<std::uint64_t> counted;
    for (unsigned i = 0; i < count; i++) {
      EXPECT_EQ(pci_intr_type(pa.pa_pc, handles[i]), PCI_INTR_TYPE_MSI);
      EXPECT_THAT(title(handles[i]), testing::EndsWith(" vec " + std::to_string(i)));
      cookies.push_back(
          pci_intr_establish(pa.pa_pc, handles[i], IPL_USB, Heard::interrupt, &heard[i]));
      ASSERT_NE(cookies.back(), nullptr);
      counted.push_back(events(handles[i]));
    }
    for (unsigned i = 0; i < count; i++) {
      for (unsigned times = 1; times <= i % 3 + 1; times++) {
        interrupters->raise(i);
        heard[i].wait_for(times);
      }
      EXPECT_EQ(events(handles[i]) - counted[i], i % 3 + 1);
    }
    for (void* cookie : cookies) pci_intr_disestablish(pa.pa_pc, cookie);
    for (unsigned i = 0; i < count; i++) {
      EXPECT_EQ(heard[i].count(), i % 3 + 1) << i << " of " << count;
    }
  }

  std::shared_ptr<Bus> bus;
  pci_attach_args pa{};
  bus_space_tag_t tag = nullptr;
  bus_space_handle_t handle = 0;
  bus_size_t size = 0;
  std::unique_ptr<XhciInterrupters> interrupters;
};

TEST_F(XhciMsi, ExactlyAsManyAsAskedFor) {
  EXPECT_EQ(pci_msi_count(pa.pa_pc, pa.pa_tag), 16);
  for (const unsigned count : {1U, 2U, 4U, 8U, 16U}) {
    pci_intr_handle_t* handles = nullptr;
    ASSERT_EQ(pci_msi_alloc_exact(&pa, &handles, static_cast<int>(count)), 0) << count;
    expect_each_its_own(handles, count);
    pci_intr_release(pa.pa_pc, handles, static_cast<int>(count));
  }
  pci_intr_handle_t* handles = nullptr;
  for (const int count : {-1, 0, 3, 6, 32}) {
    EXPECT_EQ(pci_msi_alloc_exact(&pa, &handles, count), EINVAL) << count;
  }
}

TEST_F(XhciMsi, AsManyAsThereAre) {
  const std::pair<int, int> asked_and_got[] = {{1, 1}, {3, 2}, {7, 4}, {12, 8}, {32, 16}};
  for (const auto& [asked, got] : asked_and_got) {
    pci_intr_handle_t* handles = nullptr;
    int count = asked;
    ASSERT_EQ(pci_msi_alloc(&pa, &handles, &count), 0) << asked;
    EXPECT_EQ(count, got);
    expect_each_its_own(handles, static_cast<unsigned>(count));
    pci_intr_release(pa.pa_pc, handles, count);
  }
}

TEST_F(XhciMsi, ByCountsOfEachType) {
  using Counts = std::array<int, PCI_INTR_TYPE_SIZE>;
  const auto counts_of = [](int msix, int msi, int intx) {
    Counts counts{};
    counts[PCI_INTR_TYPE_MSIX] = msix;
    counts[PCI_INTR_TYPE_MSI] = msi;
    counts[PCI_INTR_TYPE_INTX] = intx;
    return counts;
  };
  // It has no MSI-X, so that is passed over; -1 is all of them.
  for (const auto& [asked, got] : {std::pair{4, 4}, std::pair{-1, 16}}) {
    Counts counts = counts_of(8, asked, 1);
    pci_intr_handle_t* handles = nullptr;
    ASSERT_EQ(pci_intr_alloc(&pa, &handles, counts.data(), PCI_INTR_TYPE_MSIX), 0);
    EXPECT_EQ(counts, counts_of(0, got, 0));
    expect_each_its_own(handles, static_cast<unsigned>(got));
    pci_intr_release(pa.pa_pc, handles, got);
  }
  // What MSI cannot do leaves the line.
  Counts counts = counts_of(0, 3, 1);
  pci_intr_handle_t* handles = nullptr;
  ASSERT_EQ(pci_intr_alloc(&pa, &handles, counts.data(), PCI_INTR_TYPE_MSIX), 0);
  EXPECT_EQ(counts, counts_of(0, 0, 1));
  EXPECT_EQ(pci_intr_type(pa.pa_pc, handles[0]), PCI_INTR_TYPE_INTX);
  pci_intr_release(pa.pa_pc, handles, 1);
  counts = counts_of(0, 3, 0);
  EXPECT_EQ(pci_intr_alloc(&pa, &handles, counts.data(), PCI_INTR_TYPE_MSIX), EINVAL);
}

TEST_F(XhciMsi, OneThatIsDisestablishedHearsNothingAndTheOthersGoOn) {
  pci_intr_handle_t* handles = nullptr;
  ASSERT_EQ(pci_msi_alloc_exact(&pa, &handles, 4), 0);
  std::array<Heard, 4> heard;
  std::array<void*, 4> cookies{};
  for (unsigned i = 0; i < 4; i++) {
    cookies[i] = pci_intr_establish(pa.pa_pc, handles[i], IPL_USB, Heard::interrupt, &heard[i]);
  }
  interrupters->raise(1);
  heard[1].wait_for(1);
  pci_intr_disestablish(pa.pa_pc, cookies[1]);
  for (const unsigned i : {1U, 0U, 2U, 3U}) interrupters->raise(i);
  for (const unsigned i : {0U, 2U, 3U}) heard[i].wait_for(1);
  EXPECT_EQ(heard[1].count(), 1U);
  // Back again it hears of what comes from now on.
  cookies[1] = pci_intr_establish(pa.pa_pc, handles[1], IPL_USB, Heard::interrupt, &heard[1]);
  const unsigned before = heard[1].count();
  interrupters->raise(1);
  heard[1].wait_for(before + 1);
  for (void* cookie : cookies) pci_intr_disestablish(pa.pa_pc, cookie);
  for (const unsigned i : {0U, 2U, 3U}) EXPECT_EQ(heard[i].count(), 1U) << i;
  pci_intr_release(pa.pa_pc, handles, 4);
}

}  // namespace
