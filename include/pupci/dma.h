// SPDX-License-Identifier: BSD-2-Clause
// Memory that devices can reach: the bus's arena, and mappings of other memory where a host has
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace pupci {

/// What a device can address. All values in bytes.
struct DmaConstraints {
  std::uint64_t alignment = 1;         ///< power of two
  std::uint64_t boundary = 0;          ///< power of two that no range may cross, or 0
  std::uint64_t lowest = 0;            ///< first bus address allowed
  std::uint64_t highest = UINT64_MAX;  ///< last bus address allowed, inclusive
};

/// DMA for all functions of one bus.
///
/// The *arena* is one range of memory that every function already reaches; the bus address of a
/// byte in it is arena_bus() + (pointer - arena_base()), so translation costs no call. It is handed
/// out in pages. Thread-safe.
class Dma {
 public:
  static constexpr std::size_t page_size = 4096;

  virtual ~Dma() = default;
  Dma(const Dma&) = delete;
  Dma& operator=(const Dma&) = delete;

  [[nodiscard]] std::byte* arena_base() const noexcept { return arena_base_; }
  [[nodiscard]] std::size_t arena_size() const noexcept { return arena_size_; }
  [[nodiscard]] std::uint64_t arena_bus() const noexcept { return arena_bus_; }

  [[nodiscard]] bool in_arena(const void* p, std::size_t size) const noexcept {
    const auto offset =
        reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(arena_base_);
    return offset <= arena_size_ && size <= arena_size_ - offset;
  }
  /// Bus address of a pointer into the arena.
  [[nodiscard]] std::uint64_t to_bus(const void* p) const noexcept {
    return arena_bus_ +
           (reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(arena_base_));
  }
  /// Where an arena bus address is mapped; null if [bus, bus + size) is not all inside the arena.
  [[nodiscard]] void* from_bus(std::uint64_t bus, std::size_t size) const noexcept {
    const std::uint64_t offset = bus - arena_bus_;
    return offset <= arena_size_ && size <= arena_size_ - offset ? arena_base_ + offset : nullptr;
  }

  /// Page-aligned arena memory of at least `size` bytes (rounded up to pages) within the
  /// constraints, zeroed; null when there is none. Without an upper limit the highest free
  /// addresses are taken first, so that low ones stay for devices that need them.
  virtual void* allocate(std::size_t size, const DmaConstraints& constraints = {}) noexcept = 0;
  /// `p` and `size` as allocated.
  virtual void release(void* p, std::size_t size) noexcept = 0;

  /// The file that the arena is, for another process to map; -1 where it is none, or memory of this
  /// process alone. The arena begins at arena_fd_offset() of it.
  [[nodiscard]] virtual int arena_fd() const noexcept { return -1; }
  [[nodiscard]] virtual std::uint64_t arena_fd_offset() const noexcept { return 0; }

  /// Whether map() works on this host.
  [[nodiscard]] virtual bool can_map() const noexcept { return false; }
  /// Makes page-aligned memory of this process reachable; its bus address, or nothing (with errno
  /// set: ENOTSUP, ENOMEM for the memlock limit, ERANGE when the constraints cannot be met).
  virtual std::optional<std::uint64_t> map(void* p, std::size_t size,
                                           const DmaConstraints& constraints) noexcept;
  virtual void unmap(std::uint64_t bus, std::size_t size) noexcept;

 protected:
  Dma() = default;
  void set_arena(std::byte* base, std::size_t size, std::uint64_t bus) noexcept {
    arena_base_ = base;
    arena_size_ = size;
    arena_bus_ = bus;
  }

 private:
  std::byte* arena_base_ = nullptr;
  std::size_t arena_size_ = 0;
  std::uint64_t arena_bus_ = 0;
};

}  // namespace pupci
