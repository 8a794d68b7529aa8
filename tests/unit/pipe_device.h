// SPDX-License-Identifier: BSD-2-Clause
// A character device for tests: what is written to it can be read from it, and a read of nothing
// sleeps. Minor 9 does not exist.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "netbsd/sys/conf.h"
#include "netbsd/sys/ioccom.h"

namespace pupci::kern::test {

struct PipeArgument {
  std::uint32_t in;
  std::uint32_t out;
};
struct PipePointer {
  std::uint64_t address;  // where the driver copies "hello" to
  std::uint64_t size;
};
// Answers out = in + 1.
constexpr unsigned long pipe_increment = _IOWR('p', 1, PipeArgument);
// The driver sees zeros, and fills in.
constexpr unsigned long pipe_get = _IOR('p', 2, PipeArgument);
// Keeps `in`.
constexpr unsigned long pipe_set = _IOW('p', 3, PipeArgument);
// Keeps the value that is passed itself.
constexpr unsigned long pipe_value = _IO('p', 4);
constexpr unsigned long pipe_copyout = _IOW('p', 5, PipePointer);
// Fails with EIO after it has changed its argument.
constexpr unsigned long pipe_fail = _IOWR('p', 6, PipeArgument);
// Larger than what lies on the stack.
struct PipeLarge {
  char text[1000];
};
constexpr unsigned long pipe_large = _IOWR('p', 7, PipeLarge);

// While this object lives there is the switch "pipe".
class PipeDevice {
 public:
  explicit PipeDevice(int flags = D_OTHER | D_MPSAFE);
  ~PipeDevice();
  PipeDevice(const PipeDevice&) = delete;
  PipeDevice& operator=(const PipeDevice&) = delete;

  [[nodiscard]] dev_t dev(int minor_number = 0) const { return makedev(major_, minor_number); }
  [[nodiscard]] devmajor_t major_number() const { return major_; }
  void end();  // readers get what is left, then nothing

  static std::atomic<int> opens;
  static std::atomic<int> closes;
  static std::atomic<int> sleepers;  // threads that wait in read
  static std::atomic<std::uint64_t> kept;
  static std::atomic<int> last_flags;  // of read, write or ioctl
  static std::atomic<bool> had_kernel_lock;

 private:
  devmajor_t major_ = NODEVMAJOR;
  cdevsw switch_{};
};

}  // namespace pupci::kern::test
