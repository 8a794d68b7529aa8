// SPDX-License-Identifier: BSD-2-Clause
// Two processes that race for one function of the kernel module, while it is detached and attached
// again under them.
#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "dev/pci/pupciio.h"
#include "kern/autoconf.h"
#include "kern/devsw.h"
#include "kern/file_table.h"
#include "kern/kernel.h"
#include "kern/klock.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/filio.h"
#include "pupci/bus.h"

namespace pupci::netbsd::test {
namespace {

constexpr std::uintptr_t argument_at = 0x1000;
constexpr std::uintptr_t memory_at = 0x10000;

class Racer {
 public:
  explicit Racer(int number) : files_(number, "racer") {
    memory_->add(argument_at, std::vector<std::byte>(0x1000));
    memory_->add(memory_at, std::vector<std::byte>(0x4000));
  }

  // Whether it got the function. Whatever the other and the detach do, errors are these.
  bool use() {
    const kern::ClientScope scope(files_);
    int fd = -1;
    const int error = files_.open(kern::device_by_name("pupci0"), FREAD | FWRITE, fd);
    EXPECT_TRUE(error == 0 || error == EBUSY || error == ENXIO) << error;
    if (error != 0) return false;
    pupci_dma_alloc alloc{};
    alloc.size = 0x3000;
    alloc.highest = UINT64_MAX;
    ioctl(fd, PUPCI_IOC_DMA_ALLOC, alloc);
    pupci_dma_pin pin{};
    pin.data = memory_at;
    pin.size = 0x2000;
    pin.highest = UINT64_MAX;
    pin.segments = memory_at + 0x3000;
    pin.nsegments = 4;
    pin.flags = PUPCI_PIN_READ | PUPCI_PIN_WRITE;
    ioctl(fd, PUPCI_IOC_DMA_PIN, pin);
    paddr_t page = 0;
    files_.find(fd)->map_page(static_cast<std::int64_t>(alloc.mmap_offset), 3, page);
    interrupt(fd);
    EXPECT_EQ(files_.close(fd), 0);
    files_.close_all();
    return true;
  }

 private:
  template <typename T>
  int ioctl(int fd, unsigned long command, T& value) {
    memory_->copy_out(&value, argument_at, sizeof value);
    const int error = files_.find(fd)->ioctl(command, *memory_, argument_at);
    memory_->copy_in(argument_at, &value, sizeof value);
    EXPECT_TRUE(error == 0 || error == ENXIO) << std::hex << command << ": " << error;
    return error;
  }

  void interrupt(int fd) {
    pupci_intr_alloc vectors{PUPCI_INTR_MSI, 1};
    if (ioctl(fd, PUPCI_IOC_INTR_ALLOC, vectors) != 0) return;
    pupci_intr_establish establish{};
    if (ioctl(fd, PUPCI_IOC_INTR_ESTABLISH, establish) != 0) return;
    const auto queue = std::make_shared<kern::EventQueue>();
    const auto file = files_.find(establish.fd);
    file->watch(queue, 1, EVFILT_READ);
    int on = 1;
    ioctl(establish.fd, FIONBIO, on);
    file->ioctl(PUPCI_IOC_INTR_UNMASK, *memory_, 0);
    pupci_access raise{0, 4, 0x60, 1};
    ioctl(fd, PUPCI_IOC_WRITE, raise);
    kern::Waiter waiter;
    queue->wait(1, std::chrono::milliseconds(1), waiter);
    std::vector<std::byte> count(4);
    const int error = file->read(count);
    EXPECT_TRUE(error == 0 || error == EAGAIN || error == ENXIO) << error;
  }

  const kern::SpaceHandle memory_{new vmspace};
  kern::FileTable files_;
};

TEST(ModuleRace, TwoProcessesAndDetach) {
  const std::shared_ptr<Bus> bus = open_bus("sim:edu");
  kern::Kernel kernel(bus, {});
  kernel.load(PUPCI_BUILD_DIR "/tests/driver/pupci.so");
  ASSERT_EQ(kernel.attach_all(), 1u);
  constexpr int uses = 8;  // of each; resets take their time
  std::atomic<int> running{2};
  std::vector<std::thread> processes;
  for (int number = 1; number <= 2; number++) {
    processes.emplace_back([&running, number] {
      Racer racer(number);
      for (int used = 0; used < uses;) {
        if (racer.use()) used++;
        std::this_thread::yield();
      }
      running--;
    });
  }
  while (running != 0) {
    {
      const kern::KernelLock lock;
      if (const device_t device = device_find_by_xname("pupci0")) {
        EXPECT_EQ(config_detach(device, DETACH_FORCE), 0);
      }
      kern::autoconf_rescan_all();
    }
    // That somebody gets to open it.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  for (auto& process : processes) process.join();
  EXPECT_EQ(bus->function(bus->functions().at(0))->config_read(4, 2) & 4, 0u);
  EXPECT_TRUE(kernel.detach_all().empty());
}

}  // namespace
}  // namespace pupci::netbsd::test
