// SPDX-License-Identifier: BSD-2-Clause
// A stretch of device memory or I/O ports that this process can reach.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pupci {

enum class Space : std::uint8_t { memory, io };

/// How a memory region is wanted. Hints: a host that cannot combine writes maps uncached.
enum class MapMode : std::uint8_t { uncached, write_combining };

/// A mapped BAR, or a part of one, or a range of ports.
///
/// A *direct* region has a base(): loads and stores reach the device and no member function need
/// be called. A *trapped* region has none, and each access is a call into the host.
///
/// Accesses are `width` 1, 2, 4 or 8 bytes at any byte offset with offset + width <= size();
/// values are in the host's byte order, the device sees little-endian. They never throw. Writes are
/// posted: a write may still be under way when the call returns, a later read of the same function
/// never passes it. When the bus is lost (Bus::failure()), reads answer all ones and writes vanish,
/// as on a real bus after a master abort. An access out of bounds is the caller's bug: it answers
/// all ones and changes nothing.
///
/// Thread-safe: any number of threads may access one region.
class Region {
 public:
  virtual ~Region() = default;
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  /// Where the region is mapped, or null for a trapped one.
  [[nodiscard]] volatile void* base() const noexcept { return base_; }
  [[nodiscard]] Space space() const noexcept { return space_; }
  /// Its address on the bus, as the BAR says.
  [[nodiscard]] std::uint64_t bus_address() const noexcept { return bus_address_; }

  virtual std::uint64_t read(std::uint64_t offset, unsigned width) noexcept = 0;
  virtual void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept = 0;

  /// `count` items of `width` bytes. `step` is what the offset advances by for each item: `width`
  /// for a block, 0 for a FIFO. The default implementations loop over read() and write().
  virtual void read_block(std::uint64_t offset, unsigned width, unsigned step, void* to,
                          std::size_t count) noexcept;
  virtual void write_block(std::uint64_t offset, unsigned width, unsigned step, const void* from,
                           std::size_t count) noexcept;

  /// The bytes of a part that is memory, such as a frame buffer, in whatever widths and order is
  /// fastest, never more nor other bytes than these. Ordered with the other accesses as those are.
  virtual void read_memory(std::uint64_t offset, void* to, std::size_t size) noexcept;
  virtual void write_memory(std::uint64_t offset, const void* from, std::size_t size) noexcept;
  /// Whether its memory may change at times when no access to the function is being executed: a
  /// blit that goes on after the write that started it, a peer of a shared memory.
  [[nodiscard]] virtual bool changes_by_itself() const noexcept { return true; }

  /// Returns when every earlier write has reached the device. Trapped regions wait for it.
  virtual void flush() noexcept {}

 protected:
  Region(Space space, std::uint64_t bus_address, std::uint64_t size, volatile void* base) noexcept
      : space_(space), bus_address_(bus_address), size_(size), base_(base) {}

  /// The bounds rule above, for implementations.
  [[nodiscard]] bool in_bounds(std::uint64_t offset, std::uint64_t length) const noexcept {
    return offset <= size_ && length <= size_ - offset;
  }

 private:
  Space space_;
  std::uint64_t bus_address_;
  std::uint64_t size_;
  volatile void* base_;
};

}  // namespace pupci
