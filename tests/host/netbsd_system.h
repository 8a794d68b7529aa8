// SPDX-License-Identifier: BSD-2-Clause
// A System whose nodes are in memory, for what a real kernel does too seldom to be tested by:
// errors.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "dev/pci/pciio.h"
#include "dev/pci/pupciio.h"
#include "host/netbsd/system.h"
#include "pupci/address.h"

namespace pupci::netbsd::test {

/// A function with a node of its own; each member is what the kernel answers.
struct FakeNode {
  int open_error = 0;
  pupci_info info{};
  std::map<unsigned long, int> errors;  ///< by request: the errno value
  std::size_t largest = SIZE_MAX;       ///< of what DMA_ALLOC gives
  std::size_t largest_low = 0;          ///< of what it gives at 0x1000000, where that is asked for
  std::uint64_t dma_address = 0x1000000;
  std::uint64_t pin_address = 0x5000000;
  bool copies_pins = false;  ///< each pin is at another address
  bool mappable = true;
  bool gone = false;
  std::vector<pupci_intr_establish> established;
  std::vector<std::uint64_t> allocations;  ///< sizes asked for, in order
  unsigned pins = 0;
};

/// A function as pci(4) sees it.
struct FakeFunction {
  std::vector<std::uint32_t> config = std::vector<std::uint32_t>(64);
  std::vector<std::uint32_t> writable = std::vector<std::uint32_t>(64);  ///< bits
  std::string driver;
};

class FakeSystem final : public System {
 public:
  FakeSystem();
  ~FakeSystem() override;

  /// An endpoint with a BAR 0 of memory, of one page, at 0xf0000000.
  FakeFunction& add(const Address& address, std::uint32_t id);
  /// "/dev/pupciN"
  FakeNode& add_node(unsigned number, const Address& address);

  std::map<std::string, int> bus_errors;  ///< of open(2), by path and by path + " rw"
  std::map<Address, FakeFunction> functions;
  std::map<std::string, FakeNode> nodes;
  std::set<int> open_descriptors;
  std::set<int> retired;
  unsigned calls = 0;   ///< of ioctl(2)
  unsigned writes = 0;  ///< of configuration registers

  int open(const char* path, int flags) noexcept override;
  int close(int fd) noexcept override;
  int ioctl(int fd, unsigned long command, void* argument) noexcept override;
  std::ptrdiff_t read(int fd, void* to, std::size_t size) noexcept override;
  void* mmap(int fd, std::size_t size, int prot, std::int64_t offset) noexcept override;
  int munmap(void* address, std::size_t size) noexcept override;
  int kqueue() noexcept override;
  int kevent_add(int kq, int fd) noexcept override;
  std::optional<Event> kevent_take(int kq) noexcept override;
  int pollable(int fd) noexcept override;
  void settle(int fd) noexcept override;
  void retire(int fd) noexcept override;

 private:
  int fail(int error) noexcept;
  int descriptor();
  int request(FakeNode& node, unsigned long command, void* argument);
  int bus_request(unsigned long command, void* argument);

  std::map<int, std::string> paths_;  // of descriptors
  std::set<int> interrupts_;
  int next_ = 1000;
  int silent_;  // never readable
  std::set<void*> maps_;
};

}  // namespace pupci::netbsd::test
