// SPDX-License-Identifier: BSD-2-Clause
// The NetBSD kernel module in a kernel of our own, used by processes of other kernels.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <cstring>
#include <sstream>
#include <thread>

#include "cli/command.h"
#include "dev/pci/pupciio.h"
#include "kern/autoconf.h"
#include "kern/kernel.h"
#include "kern/klock.h"
#include "netbsd/kernel/kernel_server.h"
#include "netbsd/raw_client.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/errno.h"
#include "pupci/bus.h"
#include "pupci/pci_config.h"
#include "unit/kern_support.h"

namespace pupci::netbsd::test {
namespace {

constexpr std::size_t page = 4096;

class ModuleTest : public testing::Test {
 protected:
  void SetUp() override {
    kernel.load(PUPCI_BUILD_DIR "/tests/driver/pupci.so");
    ASSERT_EQ(kernel.attach_all(), 1u);
    server = std::make_unique<KernelServer>(path, bus->dma(), trace);
  }
  void TearDown() override {
    server.reset();
    EXPECT_TRUE(kernel.detach_all().empty());
  }

  static std::int64_t open(RawClient& client) {
    const RawAnswer answer = client.open("/dev/pupci0");
    EXPECT_EQ(answer.error, 0);
    return answer.value;
  }
  static pupci_dma_alloc allocate(RawClient& client, std::int64_t fd, std::uint64_t size) {
    pupci_dma_alloc memory{};
    memory.size = size;
    memory.highest = UINT64_MAX;
    EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_DMA_ALLOC, &memory), 0);
    return memory;
  }
  // The arena's file and where the memory is in it.
  static RawAnswer map(RawClient& client, std::int64_t fd, std::uint64_t size,
                       std::uint64_t offset) {
    return client.call(Call::mmap, static_cast<std::uint64_t>(fd), size, 3, offset);
  }
  static void set_master(RawClient& client, std::int64_t fd) {
    pupci_config command{4, 2, 0};
    EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_CONFIG_READ, &command), 0);
    command.value |= 6;
    EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_CONFIG_WRITE, &command), 0);
  }
  static std::int32_t establish(RawClient& client, std::int64_t fd, std::uint32_t type) {
    pupci_intr_alloc alloc{type, 1};
    EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_INTR_ALLOC, &alloc), 0);
    pupci_intr_establish interrupt{};
    EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_INTR_ESTABLISH, &interrupt), 0);
    return interrupt.fd;
  }
  static std::shared_ptr<Bus> open_sim() {
    BusOptions options;
    options.shared_arena = true;
    return open_bus("sim:msix", options);
  }
  // What the trace has from its line `first` on.
  [[nodiscard]] std::vector<std::string> traced_since(const std::string& first) const {
    std::vector<std::string> lines;
    std::istringstream all(pupci::test::read_file(folder.file("trace")));
    for (std::string line; std::getline(all, line);) {
      if (!lines.empty() || line == first) lines.push_back(line);
    }
    return lines;
  }

  pupci::test::Folder folder;
  const std::string path = folder.file("socket");
  std::shared_ptr<Trace> trace = std::make_shared<Trace>(folder.file("trace"));
  std::shared_ptr<Bus> bus = trace_bus(open_sim(), trace);
  kern::Kernel kernel{bus, {}};
  std::unique_ptr<KernelServer> server;
};

std::size_t place_of(const std::vector<std::string>& lines, const std::string& text) {
  for (std::size_t i = 0; i < lines.size(); i++) {
    if (lines[i].rfind(text, 0) == 0) return i;
  }
  return SIZE_MAX;
}

TEST_F(ModuleTest, DmaMemoryIsSharedWithTheFunction) {
  RawClient client(path);
  const std::int64_t fd = open(client);
  const pupci_dma_alloc memory = allocate(client, fd, 3 * page);
  const RawAnswer mapped = map(client, fd, memory.size, memory.mmap_offset);
  ASSERT_EQ(mapped.error, 0);
  void* const p = ::mmap(nullptr, memory.size, PROT_READ | PROT_WRITE, MAP_SHARED,
                         mapped.descriptor.get(), mapped.value);
  ASSERT_NE(p, MAP_FAILED);
  std::strcpy(static_cast<char*>(p) + page, "hello");
  EXPECT_STREQ(static_cast<const char*>(bus->dma().from_bus(memory.address + page, 6)), "hello");
  ::munmap(p, memory.size);
  EXPECT_EQ(map(client, fd, 4 * page, memory.mmap_offset).error, EINVAL);
  EXPECT_EQ(
      client.call(Call::munmap, static_cast<std::uint64_t>(fd), memory.size, 0, memory.mmap_offset)
          .error,
      0);
  EXPECT_EQ(
      client.call(Call::munmap, static_cast<std::uint64_t>(fd), memory.size, 0, memory.mmap_offset)
          .error,
      EINVAL);
}

TEST_F(ModuleTest, ReleasedMemoryIsTakenFromWhoHasItMapped) {
  RawClient client(path);
  const std::int64_t fd = open(client);
  pupci_dma_alloc memory = allocate(client, fd, 2 * page);
  const RawAnswer mapped = map(client, fd, memory.size, memory.mmap_offset);
  ASSERT_EQ(mapped.error, 0);
  std::uint64_t taken = 0;
  std::atomic<bool> complied{false};
  std::thread listener([&] {
    RawClient own(path, client.process());
    while (taken < 2 * page) {
      const RawAnswer answer = own.call(Call::revoked);
      ASSERT_EQ(answer.error, 0);
      for (std::int64_t i = 0; i < answer.value; i++) {
        Revocation what{};
        std::memcpy(&what, answer.bytes.data() + i * sizeof what, sizeof what);
        EXPECT_EQ(what.offset, static_cast<std::uint64_t>(mapped.value) + taken);
        taken += what.size;
      }
      if (taken == 2 * page) complied = true;
    }
    // Says that it has complied, and waits until it is hung up.
    static_cast<void>(::shutdown(own.fd(), SHUT_RD));
    static_cast<void>(own.call(Call::revoked));
  });
  std::uint32_t id = memory.id;
  // Until it listens there is nobody to take them from.
  kern::test::eventually([&] { return server->listening(client.process()); });
  EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_DMA_RELEASE, &id), 0);
  EXPECT_TRUE(complied);
  listener.join();
}

TEST_F(ModuleTest, RegistersOfASimulatedFunctionAreNotMapped) {
  RawClient client(path);
  const std::int64_t fd = open(client);
  pupci_info info{};
  ASSERT_EQ(client.ioctl(fd, PUPCI_IOC_INFO, &info), 0);
  EXPECT_EQ(map(client, fd, page, info.bar[0].mmap_offset).error, ENODEV);
  pupci_access identification{0, 4, 0, 0};
  EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_READ, &identification), 0);
  EXPECT_EQ(identification.value, 0x7869736dU);
}

TEST_F(ModuleTest, MemoryOfTheProcessIsPinned) {
  RawClient client(path);
  const std::int64_t fd = open(client);
  std::vector<char> memory(10000, 'a');
  pupci_segment segments[8] = {};
  pupci_dma_pin pin{};
  pin.data = reinterpret_cast<std::uintptr_t>(memory.data());
  pin.size = memory.size();
  pin.highest = UINT64_MAX;
  pin.segments = reinterpret_cast<std::uintptr_t>(segments);
  pin.nsegments = 8;
  pin.flags = PUPCI_PIN_READ | PUPCI_PIN_WRITE;
  ASSERT_EQ(client.ioctl(fd, PUPCI_IOC_DMA_PIN, &pin), 0);
  ASSERT_EQ(pin.nsegments, 1u);
  auto* seen = static_cast<char*>(bus->dma().from_bus(segments[0].address, memory.size()));
  ASSERT_NE(seen, nullptr);
  pupci_dma_sync sync{pin.id, PUPCI_SYNC_PREWRITE | PUPCI_SYNC_PREREAD, 0, memory.size()};
  EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_DMA_SYNC, &sync), 0);
  EXPECT_EQ(seen[9999], 'a');
  seen[5000] = 'b';
  sync.ops = PUPCI_SYNC_POSTREAD;
  EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_DMA_SYNC, &sync), 0);
  EXPECT_EQ(memory[5000], 'b');
  EXPECT_EQ(memory[5001], 'a');
  pin.data = 16;
  EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_DMA_PIN, &pin), EFAULT);
}

TEST_F(ModuleTest, AFunctionIsOneProcesss) {
  auto first = std::make_unique<RawClient>(path);
  open(*first);
  RawClient second(path);
  EXPECT_EQ(second.open("/dev/pupci0").error, EBUSY);
  EXPECT_EQ(second.open("/dev/pupci1").error, ENXIO);
  first.reset();
  kern::test::eventually([&] { return second.open("/dev/pupci0").error == 0; });
}

TEST_F(ModuleTest, AProcessThatVanishesLeavesAQuietFunction) {
  auto client = std::make_unique<RawClient>(path);
  const std::int64_t fd = open(*client);
  const pupci_dma_alloc memory = allocate(*client, fd, 5 * page);
  set_master(*client, fd);
  const std::int32_t interrupt = establish(*client, fd, PUPCI_INTR_MSI);
  auto reader = std::make_unique<RawClient>(path, client->process());
  std::thread reading([&] {
    EXPECT_EQ(reader->call(Call::read, static_cast<std::uint64_t>(interrupt), 4).error, -1);
  });
  const std::int64_t number = client->process();
  client.reset();
  ::shutdown(reader->fd(), SHUT_RDWR);
  reading.join();
  RawClient next(path);
  kern::test::eventually([&] { return next.open("/dev/pupci0").error == 0; });
  const std::string gone = fmt::format("gone {}", number);
  const std::string closed_line = fmt::format("closed {}", number);
  kern::test::eventually([&] { return place_of(traced_since(gone), closed_line) != SIZE_MAX; });
  const auto lines = traced_since(gone);
  const std::size_t off = place_of(lines, "master off 0000:00:00.0");
  const std::size_t disabled = place_of(lines, "interrupts off 0000:00:00.0");
  const std::size_t freed = place_of(lines, fmt::format("free {:#x} 0x5000", memory.address));
  const std::size_t closed = place_of(lines, closed_line);
  EXPECT_LT(off, disabled);
  EXPECT_LT(disabled, freed);
  EXPECT_LT(freed, closed);
  EXPECT_NE(closed, SIZE_MAX);
}

TEST_F(ModuleTest, DetachWhileOpenTellsTheProcess) {
  RawClient client(path);
  const std::int64_t fd = open(client);
  const std::int32_t interrupt = establish(client, fd, PUPCI_INTR_MSI);
  const auto kq = static_cast<std::uint64_t>(client.call(Call::kqueue).value);
  EXPECT_EQ(client.call(Call::kevent_add, kq, static_cast<std::uint64_t>(interrupt)).error, 0);
  RawClient reader(path, client.process());
  std::thread reading([&] {
    EXPECT_EQ(reader.call(Call::read, static_cast<std::uint64_t>(interrupt), 4).error, ENXIO);
  });
  {
    const kern::KernelLock lock;
    EXPECT_EQ(config_detach(device_find_by_xname("pupci0"), DETACH_FORCE), 0);
  }
  reading.join();
  const RawAnswer event = client.call(Call::kevent_wait, kq, static_cast<std::uint64_t>(-1));
  Occurrence what{};
  ASSERT_EQ(event.bytes.size(), sizeof what);
  std::memcpy(&what, event.bytes.data(), sizeof what);
  EXPECT_EQ(what.fd, interrupt);
  EXPECT_EQ(what.eof, 1u);
  pupci_info info{};
  EXPECT_EQ(client.ioctl(fd, PUPCI_IOC_INFO, &info), ENXIO);
  EXPECT_EQ(client.call(Call::close, static_cast<std::uint64_t>(fd)).error, 0);
  EXPECT_EQ(client.call(Call::close, static_cast<std::uint64_t>(interrupt)).error, 0);
}

}  // namespace
}  // namespace pupci::netbsd::test
