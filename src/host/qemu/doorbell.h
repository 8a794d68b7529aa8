// SPDX-License-Identifier: BSD-2-Clause
// Where messages (MSI, MSI-X) of emulated functions end: an ivshmem-doorbell device whose server
// and only peer is this process.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/fd.h"
#include "host/qemu/qtest.h"

namespace pupci::qemu {

/// A function's message address is the device's doorbell register, its message data the number of a
/// doorbell: the message makes that doorbell's eventfd readable. Data of a plain MSI has 16 bits
/// and the upper half names the peer, so we are peer 0. Thread-safe.
class Doorbell {
 public:
  static constexpr unsigned count = 2048;                ///< as many as the device can have
  static constexpr std::uint64_t register_offset = 0xc;  ///< in its BAR 0

  /// `server` is our end of the device's chardev. What QEMU reads while it creates the device is
  /// sent here.
  explicit Doorbell(Fd server);

  /// After this, allocate() works. `bar0`: where BAR 0 of the device was put.
  void connect(std::shared_ptr<Qtest> transport, std::uint64_t bar0) noexcept;
  [[nodiscard]] std::uint64_t message_address() const noexcept { return address_; }

  /// `n` consecutive doorbells, the first a multiple of `n` rounded up to a power of two, all tried
  /// and silent. Throws ENOSPC when there are none left, EIO when QEMU does not answer.
  unsigned allocate(unsigned n);
  void release(unsigned first, unsigned n) noexcept;
  /// The eventfd of an allocated doorbell; remains the doorbell's.
  [[nodiscard]] int fd(unsigned doorbell) noexcept;

 private:
  void hand_over(unsigned end);
  void verify(unsigned doorbell);

  Fd server_;
  std::shared_ptr<Qtest> transport_;
  std::uint64_t address_ = 0;
  std::mutex mutex_;
  std::vector<Fd> events_;  // QEMU takes them in order, so only the first few exist
  std::vector<bool> allocated_;
};

}  // namespace pupci::qemu
