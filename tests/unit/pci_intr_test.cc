// SPDX-License-Identifier: BSD-2-Clause
// pci_intr(9) and pci_msi(9): allocation in order, chains, the contract on shared lines, and the
// end of handlers.
#include <gmock/gmock.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "kern/check.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/pci_intr.h"
#include "kern/track.h"
#include "netbsd/sys/evcnt.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/param.h"
#include "unit/fake_region.h"
#include "unit/kern_support.h"
#include "unit/pci_fixture.h"

namespace {

using namespace pupci;
using namespace pupci::kern;
using pupci::kern::test::Event;
using pupci::test::panic_to_stderr;
using pupci::test::PciTest;
using pupci::test::Switchboard;

// A driver's softc as far as interrupts need it.
struct Device {
  bus_space_tag_t tag = nullptr;
  bus_space_handle_t handle = 0;
  bus_size_t size = 0;

  explicit Device(const pci_attach_args& pa) {
    EXPECT_EQ(
        pci_mapreg_map(&pa, PCI_BAR(0), PCI_MAPREG_TYPE_MEM, 0, &tag, &handle, nullptr, &size), 0);
    // Messages are writes to memory.
    const pcireg_t command = pci_conf_read(pa.pa_pc, pa.pa_tag, PCI_COMMAND_STATUS_REG);
    pci_conf_write(pa.pa_pc, pa.pa_tag, PCI_COMMAND_STATUS_REG,
                   command | PCI_COMMAND_MASTER_ENABLE);
  }
  ~Device() { bus_space_unmap(tag, handle, size); }
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;
  void send(unsigned vector = 0) const {
    bus_space_write_4(tag, handle, Switchboard::send, vector);
  }
  void lower() const { bus_space_write_4(tag, handle, Switchboard::lower, 1); }
};

// Any callable as a handler.
struct Call {
  std::function<int()> body;
  static int entry(void* self) { return static_cast<Call*>(self)->body(); }
};

class Counter {
 public:
  void add() {
    const std::scoped_lock lock(mutex_);
    count_++;
    changed_.notify_all();
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

class PciIntr : public PciTest {
 protected:
  std::string title(pci_intr_handle_t handle) const {
    std::array<char, PCI_INTRSTR_LEN> text{};
    return pci_intr_string(chipset, handle, text.data(), text.size());
  }
  void* establish(pci_intr_handle_t handle, Call& call, bool mpsafe = true,
                  int ipl = IPL_NET) const {
    EXPECT_EQ(pci_intr_setattr(chipset, &handle, PCI_INTR_MPSAFE, mpsafe ? 1 : 0), 0);
    return pci_intr_establish_xname(chipset, handle, ipl, Call::entry, &call, "dev0");
  }
};

TEST_F(PciIntr, MapsAndNamesALine) {
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{}));
  bus.root().add(4, 0, std::make_shared<Switchboard>(Switchboard::Form{.pin = 0}));
  start();
  pci_intr_handle_t handle = 0;
  const auto none = args(4);
  EXPECT_EQ(pci_intr_map(&none, &handle), ENODEV);
  const auto pa = args(3);
  ASSERT_EQ(pci_intr_map(&pa, &handle), 0);
  EXPECT_THAT(title(handle), testing::MatchesRegex("ioapic0 pin [0-9]+"));
  EXPECT_EQ(pci_intr_type(chipset, handle), PCI_INTR_TYPE_INTX);
  EXPECT_EQ(pci_intr_setattr(chipset, &handle, 99, 1), ENODEV);
}

TEST_F(PciIntr, HandlerRunsInInterruptContextWithItsLevelAndLock) {
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{}));
  start();
  const auto pa = args(3);
  const Device device(pa);
  pci_intr_handle_t handle = 0;
  ASSERT_EQ(pci_intr_map(&pa, &handle), 0);
  Event done;
  struct {
    Context context = Context::thread;
    int ipl = 0;
    unsigned kernel_locks = 0;
  } seen;
  Call call{[&] {
    seen = {current()->context, current()->ipl, current()->kernel_locks};
    device.lower();
    done.set();
    return 1;
  }};
  void* cookie = establish(handle, call, false, IPL_BIO);
  ASSERT_NE(cookie, nullptr);
  EXPECT_TRUE(seen.context == Context::thread);
  device.send();
  done.wait();
  pci_intr_disestablish(chipset, cookie);
  EXPECT_TRUE(seen.context == Context::interrupt);
  EXPECT_EQ(seen.ipl, IPL_BIO);
  EXPECT_EQ(seen.kernel_locks, 1U);
}

TEST_F(PciIntr, WithoutMpsafeAHandlerWaitsForTheKernelLock) {
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{.msi = 1}));
  start();
  const auto pa = args(3);
  const Device device(pa);
  pci_intr_handle_t* handles = nullptr;
  ASSERT_EQ(pci_msi_alloc_exact(&pa, &handles, 1), 0);
  Event done;
  Call call{[&] {
    done.set();
    return 1;
  }};
  kernel_lock();
  void* cookie = establish(handles[0], call, false);
  device.send();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(done.is_set());
  // Gives up the lock while it waits for the handler.
  pci_intr_disestablish(chipset, cookie);
  EXPECT_EQ(current()->kernel_locks, 1U);
  kernel_unlock();
  pci_intr_release(chipset, handles, 1);
}

TEST_F(PciIntr, ThirtyTwoVectorsEachCallTheirOwnHandler) {
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{.msix = 32}));
  start();
  const auto pa = args(3);
  const Device device(pa);
  EXPECT_EQ(pci_msix_count(chipset, pa.pa_tag), 32);
  pci_intr_handle_t* handles = nullptr;
  int count = 64;
  ASSERT_EQ(pci_msix_alloc(&pa, &handles, &count), 0);
  ASSERT_EQ(count, 32);
  EXPECT_EQ(title(handles[7]), "msix0 vec 7");
  EXPECT_EQ(pci_intr_type(chipset, handles[7]), PCI_INTR_TYPE_MSIX);
  std::array<Counter, 32> counters;
  std::vector<Call> calls(32);
  std::vector<void*> cookies;
  for (unsigned i = 0; i < 32; i++) {
    calls[i].body = [&counters, i] {
      counters[i].add();
      return 1;
    };
    cookies.push_back(establish(handles[i], calls[i]));
  }
  for (unsigned i = 0; i < 32; i++) device.send(31 - i);
  for (Counter& counter : counters) counter.wait_for(1);
  for (Counter& counter : counters) EXPECT_EQ(counter.count(), 1U);
  const evcnt* events = pci_intr_evcnt(chipset, handles[3]);
  ASSERT_NE(events, nullptr);
  EXPECT_EQ(__atomic_load_n(&events->ev_count, __ATOMIC_RELAXED), 1U);
  EXPECT_STREQ(events->ev_group, "msix0");
  EXPECT_STREQ(events->ev_name, "vec 3");
  for (void* cookie : cookies) pci_intr_disestablish(chipset, cookie);
  pci_intr_release(chipset, handles, count);
}

TEST_F(PciIntr, AllocMapGivesTheVectorsAskedFor) {
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{.msix = 8}));
  start();
  const auto pa = args(3);
  const Device device(pa);
  std::array<u_int, 2> wanted{5, 2};
  pci_intr_handle_t* handles = nullptr;
  ASSERT_EQ(pci_msix_alloc_map(&pa, &handles, wanted.data(), 2), 0);
  EXPECT_EQ(title(handles[0]), "msix0 vec 5");
  Counter five;
  Call call{[&] {
    five.add();
    return 1;
  }};
  void* cookie = establish(handles[0], call);
  device.send(5);
  five.wait_for(1);
  pci_intr_disestablish(chipset, cookie);
  pci_intr_release(chipset, handles, 2);
  wanted[0] = 8;
  EXPECT_EQ(pci_msix_alloc_map(&pa, &handles, wanted.data(), 2), EINVAL);
}

TEST_F(PciIntr, MsiComesInPowersOfTwo) {
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{.msi = 8}));
  start();
  const auto pa = args(3);
  pci_intr_handle_t* handles = nullptr;
  EXPECT_EQ(pci_msi_alloc_exact(&pa, &handles, 3), EINVAL);
  EXPECT_EQ(pci_msi_alloc_exact(&pa, &handles, 16), EINVAL);
  int count = 7;
  ASSERT_EQ(pci_msi_alloc(&pa, &handles, &count), 0);
  EXPECT_EQ(count, 4);
  EXPECT_EQ(title(handles[3]), "msi0 vec 3");
  pci_intr_handle_t* more = nullptr;
  EXPECT_EQ(pci_intx_alloc(&pa, &more), EBUSY);
  pci_intr_release(chipset, handles, count);
  ASSERT_EQ(pci_intx_alloc(&pa, &more), 0);
  pci_intr_release(chipset, more, 1);
}

TEST_F(PciIntr, AllocFallsBackFromMsixToMsiToIntx) {
  bus.root().add(1, 0, std::make_shared<Switchboard>(Switchboard::Form{.msi = 4, .msix = 8}));
  bus.root().add(2, 0, std::make_shared<Switchboard>(Switchboard::Form{.msi = 4}));
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{}));
  bus.root().add(4, 0, std::make_shared<Switchboard>(Switchboard::Form{.pin = 0}));
  start();
  using Counts = std::array<int, PCI_INTR_TYPE_SIZE>;
  const auto attempt = [&](unsigned device, Counts counts, pci_intr_type_t max) {
    const auto pa = args(device);
    pci_intr_handle_t* handles = nullptr;
    const int error = pci_intr_alloc(&pa, &handles, counts.data(), max);
    if (error == 0) pci_intr_release(chipset, handles, counts[0] + counts[1] + counts[2]);
    return error != 0 ? Counts{-error, 0, 0} : counts;
  };
  // By INTx, MSI, MSI-X.
  EXPECT_EQ(attempt(1, {1, 1, 5}, PCI_INTR_TYPE_MSIX), (Counts{0, 0, 5}));
  EXPECT_EQ(attempt(1, {1, 2, 9}, PCI_INTR_TYPE_MSIX), (Counts{0, 2, 0}));
  EXPECT_EQ(attempt(1, {1, 3, 9}, PCI_INTR_TYPE_MSIX), (Counts{1, 0, 0}));
  EXPECT_EQ(attempt(1, {0, 3, 9}, PCI_INTR_TYPE_MSIX), (Counts{-EINVAL, 0, 0}));
  EXPECT_EQ(attempt(1, {1, 1, 1}, PCI_INTR_TYPE_MSI), (Counts{0, 1, 0}));
  EXPECT_EQ(attempt(1, {1, 1, 1}, PCI_INTR_TYPE_INTX), (Counts{1, 0, 0}));
  EXPECT_EQ(attempt(1, {1, -1, -1}, PCI_INTR_TYPE_MSIX), (Counts{0, 0, 8}));
  EXPECT_EQ(attempt(2, {1, -1, -1}, PCI_INTR_TYPE_MSIX), (Counts{0, 4, 0}));
  EXPECT_EQ(attempt(3, {1, -1, -1}, PCI_INTR_TYPE_MSIX), (Counts{1, 0, 0}));
  EXPECT_EQ(attempt(3, {2, 0, 0}, PCI_INTR_TYPE_INTX), (Counts{-EINVAL, 0, 0}));
  EXPECT_EQ(attempt(4, {1, 1, 1}, PCI_INTR_TYPE_MSIX), (Counts{-EINVAL, 0, 0}));
  const auto pa = args(2);
  pci_intr_handle_t* handles = nullptr;
  ASSERT_EQ(pci_intr_alloc(&pa, &handles, nullptr, PCI_INTR_TYPE_INTX), 0);
  EXPECT_EQ(pci_intr_type(chipset, handles[0]), PCI_INTR_TYPE_MSI);
  pci_intr_release(chipset, handles, 1);
}

// Four pins rotate over the slots: 4 and 8 are on one line.
class SharedLine : public PciIntr {
 protected:
  void SetUp() override {
    bus.root().add(4, 0, std::make_shared<Switchboard>(Switchboard::Form{}));
    bus.root().add(8, 0, std::make_shared<Switchboard>(Switchboard::Form{}));
    start();
    const auto first_args = args(4);
    const auto second_args = args(8);
    ASSERT_EQ(pci_intr_map(&first_args, &first_handle), 0);
    ASSERT_EQ(pci_intr_map(&second_args, &second_handle), 0);
    ASSERT_EQ(title(first_handle), title(second_handle));
    first = std::make_unique<Device>(first_args);
    second = std::make_unique<Device>(second_args);
  }
  void TearDown() override {
    first.reset();
    second.reset();
  }
  std::unique_ptr<Device> first;
  std::unique_ptr<Device> second;
  pci_intr_handle_t first_handle = 0;
  pci_intr_handle_t second_handle = 0;
};

TEST_F(SharedLine, EveryHandlerIsAskedAndTheLevelIsServedUntilItFalls) {
  Counter asked;
  Counter served;
  std::atomic<bool> second_raised{false};
  Call decline{[&] {
    asked.add();
    return 0;
  }};
  Call claim{[&] {
    if (!second_raised) return 0;
    // Twice still asserted: the line must be delivered again.
    if (served.count() == 2) {
      second_raised = false;
      second->lower();
    }
    served.add();
    return 1;
  }};
  void* one = establish(first_handle, decline);
  void* two = establish(second_handle, claim);
  second_raised = true;
  second->send();
  served.wait_for(3);
  pci_intr_disestablish(chipset, two);
  pci_intr_disestablish(chipset, one);
  EXPECT_EQ(served.count(), 3U);
  EXPECT_GE(asked.count(), 3U);
}

TEST_F(SharedLine, AStormIsMaskedAndNamed) {
  Counter calls;
  Counter said;
  Call decline{[&] {
    calls.add();
    return 0;
  }};
  kern::set_console([&](std::string_view text) {
    console += text;
    said.add();
  });
  void* one = establish(first_handle, decline);
  void* two = establish(second_handle, decline);
  first->send();
  // Not sooner: a handler that goes gives the line a new chance.
  said.wait_for(1);
  EXPECT_EQ(calls.count(), 2000U);
  pci_intr_disestablish(chipset, two);
  EXPECT_THAT(console, testing::HasSubstr("masked after 1000 interrupts in a row that none of its "
                                          "handlers claimed (dev0, dev0)"));
  first->lower();
  pci_intr_disestablish(chipset, one);
  kern::set_console([this](std::string_view text) { console += text; });
}

TEST_F(PciIntr, AnEdgeThatArrivesInServiceIsKept) {
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{.msi = 1}));
  start();
  const auto pa = args(3);
  const Device device(pa);
  pci_intr_handle_t* handles = nullptr;
  ASSERT_EQ(pci_msi_alloc_exact(&pa, &handles, 1), 0);
  Counter calls;
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  Call call{[&] {
    most = std::max(most.load(), ++inside);
    if (calls.count() == 0) device.send();
    calls.add();
    inside--;
    return 1;
  }};
  void* cookie = establish(handles[0], call);
  device.send();
  calls.wait_for(2);
  pci_intr_disestablish(chipset, cookie);
  EXPECT_EQ(most, 1);
  pci_intr_release(chipset, handles, 1);
}

TEST_F(PciIntr, DisestablishWaitsForTheHandler) {
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{.msi = 1}));
  start();
  const auto pa = args(3);
  const Device device(pa);
  pci_intr_handle_t* handles = nullptr;
  ASSERT_EQ(pci_msi_alloc_exact(&pa, &handles, 1), 0);
  for (int round = 0; round < 20; round++) {
    Event entered;
    std::atomic<bool> left{false};
    Call call{[&] {
      entered.set();
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      left = true;
      return 1;
    }};
    void* cookie = establish(handles[0], call);
    device.send();
    entered.wait();
    pci_intr_disestablish(chipset, cookie);
    ASSERT_TRUE(left);
  }
  pci_intr_release(chipset, handles, 1);
}

TEST_F(PciIntr, HandlersComeAndGoUnderFire) {
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{.msix = 4}));
  start();
  const auto pa = args(3);
  const Device device(pa);
  pci_intr_handle_t* handles = nullptr;
  ASSERT_EQ(pci_msix_alloc_exact(&pa, &handles, 4), 0);
  std::atomic<bool> stop{false};
  std::thread fire([&] {
    while (!stop) {
      for (unsigned i = 0; i < 4; i++) device.send(i);
    }
  });
  for (int round = 0; round < 200; round++) {
    auto alive = std::make_unique<std::atomic<unsigned>>(0);
    Call call{[&] {
      (*alive)++;
      return 1;
    }};
    void* one = establish(handles[static_cast<unsigned>(round) % 4], call);
    void* two = establish(handles[static_cast<unsigned>(round + 1) % 4], call);
    pci_intr_disestablish(chipset, one);
    pci_intr_disestablish(chipset, two);
    alive.reset();
  }
  stop = true;
  fire.join();
  pci_intr_release(chipset, handles, 4);
}

using PciIntrMisuse = PciIntr;

TEST_F(PciIntrMisuse, IsNamed) {
  bus.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{.msi = 1}));
  start();
  const auto pa = args(3);
  pci_intr_handle_t* handles = nullptr;
  ASSERT_EQ(pci_msi_alloc_exact(&pa, &handles, 1), 0);
  Call call{[] { return 1; }};
  void* cookie = establish(handles[0], call);
  const auto all = tracked_for(nullptr);
  EXPECT_TRUE(std::any_of(all.begin(), all.end(), [&](const Tracked& t) {
    return t.kind == Kind::interrupt && t.object == cookie;
  }));
  EXPECT_EXIT((panic_to_stderr(), pci_intr_release(chipset, handles, 1)),
              testing::ExitedWithCode(3), "msi0 vec 0 has handlers established still");
  pci_intr_disestablish(chipset, cookie);
  EXPECT_EXIT((panic_to_stderr(), pci_intr_disestablish(chipset, cookie)),
              testing::ExitedWithCode(3), "is not established, or no more");
  const pci_intr_handle_t old = handles[0];
  pci_intr_release(chipset, handles, 1);
  EXPECT_EQ(establish(old, call), nullptr);
  EXPECT_THAT(console, testing::HasSubstr("MSI of 0000:00:03.0 is not allocated"));
}

// In a process of its own: the handler must run in the child.
void from_within() {
  sim::Bus own;
  own.root().add(3, 0, std::make_shared<Switchboard>(Switchboard::Form{.msi = 1}));
  panic_to_stderr();
  pci_start(own);
  pci_attach_args pa{};
  (void)pci_function_args(Address{0, 0, 3, 0}, &pa);
  const Device device(pa);
  pci_intr_handle_t* handles = nullptr;
  (void)pci_msi_alloc_exact(&pa, &handles, 1);
  static void* cookie;
  Event set;
  Call call{[&] {
    set.wait();
    pci_intr_disestablish(running_chipset(), cookie);
    return 1;
  }};
  cookie = pci_intr_establish(running_chipset(), handles[0], IPL_NET, Call::entry, &call);
  set.set();
  device.send();
  for (;;) std::this_thread::sleep_for(std::chrono::seconds(1));
}

TEST(PciIntrDeathTest, DisestablishFromTheHandlerItself) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(from_within(), testing::ExitedWithCode(3), "called from a handler of it");
}

}  // namespace
