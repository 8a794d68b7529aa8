// SPDX-License-Identifier: BSD-2-Clause
// A whole pupci in the test's process: a host with devices, a kernel on it, drivers loaded and
// attached; and a client that uses their device nodes as a program would.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kern/kernel.h"
#include "pupci/bus.h"

namespace pupci::test {

class Machine {
 public:
  // Drivers by name ("edu" is build/drivers/edu.so). `arguments` as after "--".
  Machine(std::string_view host, std::vector<std::string> arguments,
          const std::vector<std::string>& drivers, std::vector<std::string> properties = {});
  Machine(std::shared_ptr<Bus> bus, const std::vector<std::string>& drivers,
          std::vector<std::string> properties = {});
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] unsigned attached() const { return attached_; }
  // What the console showed until now.
  [[nodiscard]] std::string console() const { return *console_; }
  // What was leaked.
  std::vector<std::string> detach() { return kernel_->detach_all(); }
  Bus& bus() { return *bus_; }

 private:
  std::shared_ptr<std::string> console_ = std::make_shared<std::string>();
  std::shared_ptr<Bus> bus_;
  std::unique_ptr<kern::Kernel> kernel_;
  unsigned attached_ = 0;
};

// An open descriptor of a device node. Errors are errno values.
class Node {
 public:
  explicit Node(const std::string& name);  // fails the test when it cannot be opened
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  int ioctl(unsigned long command, void* argument, std::size_t size);
  template <typename T>
  int ioctl(unsigned long command, T* argument) {
    return ioctl(command, argument, sizeof(T));
  }
  // Bytes moved; -errno on failure.
  long write(std::size_t offset, const std::vector<std::byte>& bytes);
  long read(std::size_t offset, std::vector<std::byte>& bytes);

 private:
  long transfer(std::size_t offset, std::byte* bytes, std::size_t size, bool to_device);
  std::uint64_t dev_;
  int open_error_;
};

}  // namespace pupci::test
