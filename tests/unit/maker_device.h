// SPDX-License-Identifier: BSD-2-Clause
// A character device for tests that makes files: `maker_make` is answered with a descriptor. What
// is counted by MakerDevice::count() is read from it as a number, which clears it, and a read of
// nothing sleeps. Opening minor 1 makes such a file in place of the device.
#pragma once

#include <atomic>
#include <cstdint>

#include "netbsd/sys/conf.h"
#include "netbsd/sys/ioccom.h"

namespace pupci::kern::test {

constexpr unsigned long maker_make = _IOR('m', 1, std::int32_t);
// Makes one and gives it up.
constexpr unsigned long maker_abort = _IO('m', 2);
// Of its file: answers argument + 1.
constexpr unsigned long maker_increment = _IOWR('m', 3, std::uint32_t);
// Holds the file of a descriptor until maker_let_go.
constexpr unsigned long maker_hold = _IOW('m', 4, std::int32_t);
constexpr unsigned long maker_let_go = _IOW('m', 5, std::int32_t);

// While this object lives there is the switch "maker".
class MakerDevice {
 public:
  MakerDevice();
  ~MakerDevice();
  MakerDevice(const MakerDevice&) = delete;
  MakerDevice& operator=(const MakerDevice&) = delete;

  [[nodiscard]] dev_t dev(int minor_number = 0) const { return makedev(major_, minor_number); }
  [[nodiscard]] devmajor_t major_number() const { return major_; }
  // For all files.
  static void count(std::uint32_t n);

  static std::atomic<int> files;     // not closed yet
  static std::atomic<int> sleepers;  // threads that wait in read
  static std::atomic<int> closes;    // of the device
  static std::atomic<int> closed_before_device;
  static std::atomic<pid_t> last_process;

 private:
  devmajor_t major_ = NODEVMAJOR;
  cdevsw switch_{};
};

}  // namespace pupci::kern::test
