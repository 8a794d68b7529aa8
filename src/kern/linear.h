// SPDX-License-Identifier: BSD-2-Clause
// Linear mappings of device memory that only calls reach: memory of this process (a *shadow*) that
// is kept like the device's by page faults.
//
//   - A first read of a page fetches it. A first write keeps a twin of it.
//   - Before every trapped access to the same function, and a frame time after the first write at
//     the latest, the bytes that differ from the twin are sent. Bytes, not pages: an engine and the
//     CPU may draw in one page.
//   - A trapped write makes the pages unknown again, as the device may have drawn what it was told
//     to; so does a trapped read, but on devices that draw at no other time.
//
// A fault is a signal in the thread that made the access, so none is made while a lock is held that
// fetching needs, and the operating system must not be handed this memory: it answers EFAULT.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>

#include "kern/api.h"
#include "pupci/function.h"

namespace pupci::kern {

class Shadow;

// A linear mapping. Everything written has been sent when it is gone.
class LinearMemory {
 public:
  // Whose memory `region` is decides which accesses it must be in step with: those of its function,
  // or all when it is no BAR's. Mappings of one BAR share one shadow. Throws pupci::Error when
  // there is no memory.
  static std::unique_ptr<LinearMemory> open(std::unique_ptr<Region> region);

  LinearMemory(std::shared_ptr<Shadow> shadow, std::uint64_t offset, std::uint64_t size) noexcept;
  ~LinearMemory();
  LinearMemory(const LinearMemory&) = delete;
  LinearMemory& operator=(const LinearMemory&) = delete;

  [[nodiscard]] std::byte* base() const noexcept;
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  std::shared_ptr<Shadow> shadow_;
  std::uint64_t offset_;
  std::uint64_t size_;
};

extern std::atomic<unsigned> linear_shadows;

// Whether trapped accesses have anything to care for. When it changes during an access, the driver
// maps and draws unsynchronised.
inline bool linear_in_use() noexcept {
  return linear_shadows.load(std::memory_order_relaxed) != 0;
}

// For the time of one trapped access to `function` (or to what is no function's): sends what was
// drawn, and afterwards forgets what the access may have changed. Memory of a shadow must not be
// touched meanwhile.
class LinearAccess {
 public:
  enum class Kind : std::uint8_t { read, write };
  LinearAccess(const std::optional<Address>& function, Kind kind) noexcept;
  ~LinearAccess();
  LinearAccess(const LinearAccess&) = delete;
  LinearAccess& operator=(const LinearAccess&) = delete;

 private:
  std::optional<Address> function_;
  Kind kind_;
  bool concerns_any_ = false;
};

// Sends what was drawn in memory of `function`.
void linear_flush(const std::optional<Address>& function) noexcept;

// What it cost so far, of all shadows since the start of the process.
struct LinearStatistics {
  std::uint64_t faults = 0;
  std::uint64_t pages_fetched = 0;
  std::uint64_t transfers = 0;   // runs of bytes sent
  std::uint64_t bytes_sent = 0;  // in them
};
PUPCI_API LinearStatistics linear_statistics() noexcept;

}  // namespace pupci::kern
