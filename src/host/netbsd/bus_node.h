// SPDX-License-Identifier: BSD-2-Clause
// An open node of pci(4): configuration space of everything below a bus, as libpciaccess and
// libpci(3) use it.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/netbsd/system.h"
#include "pupci/address.h"

namespace pupci::netbsd {

/// Thread-safe.
class BusNode {
 public:
  /// Throws Error: cannot_open_bus(), no_bus().
  BusNode(std::shared_ptr<System> system, std::string path);
  ~BusNode();
  BusNode(const BusNode&) = delete;
  BusNode& operator=(const BusNode&) = delete;

  [[nodiscard]] const std::shared_ptr<System>& system() const noexcept { return system_; }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] bool writable() const noexcept { return writable_; }

  /// `reg` a multiple of 4; all ones where nothing is.
  [[nodiscard]] std::uint32_t read(const Address& address, unsigned reg) const noexcept;
  void write(const Address& address, unsigned reg, std::uint32_t value) const noexcept;
  /// Replaces the bits of `mask`; nobody else does between reading and writing.
  void modify(const Address& address, unsigned reg, std::uint32_t mask,
              std::uint32_t value) noexcept;

  /// The instance of the kernel's driver that has a function, "wm0"; empty when there is none.
  [[nodiscard]] std::string driver(const Address& address) const;
  /// All functions of this bus and below, in order of address.
  [[nodiscard]] std::vector<Address> discover() const;

 private:
  void discover(std::uint8_t bus, unsigned devices, std::vector<bool>& seen,
                std::vector<Address>& found) const;

  std::shared_ptr<System> system_;
  std::string path_;
  bool writable_ = true;
  int fd_;
  std::uint8_t bus_ = 0;
  unsigned devices_ = 32;
  std::mutex mutex_;
};

}  // namespace pupci::netbsd
