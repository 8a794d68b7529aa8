// SPDX-License-Identifier: BSD-2-Clause
// A bus that writes down what is done to it: bus mastering, resets, interrupts, memory. From the
// level of the host, so that no driver can say what is not so.
#pragma once

#include <cstdio>
#include <memory>
#include <mutex>
#include <string>

#include "pupci/bus.h"

namespace pupci::netbsd {

// Lines: "master on ADDRESS", "master off ADDRESS", "intx on ADDRESS" and "off" (the function may
// assert its line), "reset ADDRESS", "interrupts on ADDRESS TYPE COUNT", "interrupts off ADDRESS",
// "unmasked ADDRESS VECTOR" or "unmasked line NUMBER", "masked ..." likewise, "alloc BUS SIZE",
// "free BUS SIZE", and what others say. Each is written before what it tells of is done, but for
// "interrupts off" and "masked", of which others may rely on that it is done. Any number of
// threads.
class Trace {
 public:
  explicit Trace(const std::string& path);  // throws pupci::Error
  ~Trace();
  Trace(const Trace&) = delete;
  Trace& operator=(const Trace&) = delete;
  void line(const std::string& text) noexcept;

 private:
  std::mutex mutex_;
  std::FILE* file_;
};

std::shared_ptr<Bus> trace_bus(std::shared_ptr<Bus> bus, std::shared_ptr<Trace> trace);

}  // namespace pupci::netbsd
