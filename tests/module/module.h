// SPDX-License-Identifier: BSD-2-Clause
// The kernel module in the test's own process, with functions of the sim host, and a client of its
// device nodes.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "dev/pci/pupciio.h"
#include "kern/file_table.h"
#include "kern/kernel.h"
#include "kern/user_memory.h"
#include "pupci/bus.h"
#include "pupci/sim.h"

namespace pupci::test {

class ModuleMachine {
 public:
  explicit ModuleMachine(const std::string& spec);
  ~ModuleMachine();
  ModuleMachine(const ModuleMachine&) = delete;
  ModuleMachine& operator=(const ModuleMachine&) = delete;

  [[nodiscard]] std::string console() const { return *console_; }
  std::vector<std::string> detach() { return kernel_->detach_all(); }
  sim::Bus& bus() { return *bus_; }
  // The function that pupciN stands for, as the host sees it.
  std::shared_ptr<Function> function(unsigned number);

 private:
  std::shared_ptr<std::string> console_ = std::make_shared<std::string>();
  std::shared_ptr<sim::Bus> bus_;
  std::unique_ptr<kern::Kernel> kernel_;
};

// A process that has /dev/pupciN open. Calls return errno values.
class ModuleNode {
 public:
  explicit ModuleNode(const std::string& name = "pupci0");
  ModuleNode(const std::string& name, int flags);
  [[nodiscard]] int opened() const { return opened_; }
  int close() { return files_.close(fd_); }

  template <typename T>
  int ioctl(unsigned long command, T& argument) {
    return raw(fd_, command, &argument, sizeof argument);
  }
  int ioctl(unsigned long command) { return raw(fd_, command, nullptr, 0); }
  // Of another descriptor.
  int ioctl_of(int fd, unsigned long command) { return raw(fd, command, nullptr, 0); }

  pupci_info info();
  // Accesses that must succeed.
  std::uint32_t config(unsigned offset, unsigned width);
  int config_write(unsigned offset, unsigned width, std::uint32_t value);
  std::uint64_t read(unsigned bar, std::uint64_t offset, unsigned width);
  int write(unsigned bar, std::uint64_t offset, unsigned width, std::uint64_t value);

  // Takes `count` vectors of a type.
  int allocate(std::uint32_t type, std::uint32_t count);
  // A descriptor for one, unmasked; negative: -errno.
  int establish(unsigned vector);
  // How many interrupts read(2) takes: waits for the first. Negative: -errno.
  long take(int fd);

  // What the process's memory holds at 0x10000 on, for requests with pointers.
  std::vector<std::byte> memory;
  static constexpr std::uint64_t memory_address = 0x10000;
  kern::FileTable& files() { return files_; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int raw(int fd, unsigned long command, void* argument, std::size_t size);
  kern::FileTable files_{1, "test"};
  int fd_ = -1;
  int opened_;
};

}  // namespace pupci::test
