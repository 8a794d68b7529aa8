// SPDX-License-Identifier: BSD-2-Clause
// Pages of a memory range for DMA: the allocator, and the Dma of every host whose arena is memory
// of this process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "pupci/dma.h"

namespace pupci {

/// Hands out pages of [base, base + size), which devices see at `bus`. The range must read as zero
/// at the start. Takes the highest addresses that fit. Costs O(log n) in the number of free ranges
/// (with alignment above a page: times the ranges that are long enough but badly placed).
/// Thread-safe; release() needs no memory.
class Arena {
 public:
  /// All three are multiples of Dma::page_size; throws EINVAL otherwise.
  Arena(std::byte* base, std::size_t size, std::uint64_t bus);
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  /// As Dma::allocate(). Null too when `size` is 0 or alignment or boundary is no power of two.
  void* allocate(std::size_t size, const DmaConstraints& constraints = {}) noexcept;
  /// False, and nothing changed, unless `p` is allocated with `size` (equal after rounding to
  /// pages).
  [[nodiscard]] bool release(void* p, std::size_t size) noexcept;
  /// Whether all of [p, p + size) is allocated; it may span allocations.
  [[nodiscard]] bool allocated(const void* p, std::size_t size) const noexcept;

  /// Bytes that are free, in all and in one piece.
  [[nodiscard]] std::size_t free_bytes() const noexcept;
  [[nodiscard]] std::size_t largest_free() const noexcept;

 private:
  using Page = std::uint32_t;  // counts pages from the base
  static constexpr std::uint32_t null = UINT32_MAX;

  // A free range. The nodes form a treap by `start`, each knowing the longest range below it.
  struct Node {
    Page start;
    Page pages;
    Page longest;
    std::uint32_t priority;
    std::uint32_t left;
    std::uint32_t right;
  };
  struct Request {
    std::size_t size;
    Page pages;
    std::uint64_t alignment;
    std::uint64_t boundary;
    std::uint64_t first;  // bus addresses, both inclusive
    std::uint64_t last;
  };

  [[nodiscard]] std::uint64_t bus_of(Page page) const noexcept {
    return bus_ + std::uint64_t{page} * Dma::page_size;
  }
  [[nodiscard]] Page find(std::uint32_t node, const Request& request) const noexcept;
  [[nodiscard]] Page fit(const Node& node, const Request& request) const noexcept;
  void take(Page start, Page pages) noexcept;
  void give(Page start, Page pages) noexcept;
  void zero(Page start, Page pages) noexcept;

  void insert(Page start, Page pages) noexcept;
  Node remove(Page start) noexcept;
  [[nodiscard]] std::uint32_t at_or_before(Page page) const noexcept;
  void split(std::uint32_t node, Page at, std::uint32_t& low, std::uint32_t& high) noexcept;
  std::uint32_t merge(std::uint32_t low, std::uint32_t high) noexcept;
  void update(std::uint32_t node) noexcept;

  std::byte* base_;
  std::size_t size_;
  std::uint64_t bus_;

  mutable std::mutex mutex_;
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> spare_;  // unused indices of nodes_
  std::uint32_t root_ = null;
  std::size_t allocations_ = 0;
  std::size_t free_pages_ = 0;
  // One entry a page, from anonymous memory so that only what is used costs memory.
  struct State {
    Page pages : 30;  // at the first page of an allocation: its length
    std::uint32_t used : 1;
    std::uint32_t dirty : 1;  // was handed out before, so must be zeroed
  };
  State* state_ = nullptr;
};

/// The Dma of a host whose arena is memory of this process. Release of what is not allocated, or
/// with another size, is reported on standard error and otherwise ignored: the memory stays as it
/// is.
class ArenaDma : public Dma {
 public:
  enum class Backing : std::uint8_t {
    anonymous,  ///< private to this process
    memfd,      ///< fd() can be given to another process
  };
  struct Options {
    std::size_t size;          ///< bytes, rounded up to pages; sparse
    std::uint64_t bus = 0;     ///< bus address of the first byte, page-aligned
    std::size_t reserved = 0;  ///< bytes at the start that are mapped but no part of the arena
    Backing backing = Backing::anonymous;
  };

  /// Throws ENOMEM (the address space or a limit does not allow it), EINVAL.
  explicit ArenaDma(const Options& options);
  /// Over `size` bytes at `base` that stay mapped as long as this object and read as zero.
  ArenaDma(std::byte* base, std::size_t size, std::uint64_t bus);
  ~ArenaDma() override;

  void* allocate(std::size_t size, const DmaConstraints& constraints = {}) noexcept override;
  void release(void* p, std::size_t size) noexcept override;

  [[nodiscard]] int arena_fd() const noexcept override { return memory_.fd; }
  [[nodiscard]] std::uint64_t arena_fd_offset() const noexcept override;

  /// The memory file, of which offset 0 is the first reserved byte; -1 without one.
  [[nodiscard]] int fd() const noexcept { return memory_.fd; }
  [[nodiscard]] Arena& arena() noexcept { return arena_; }
  [[nodiscard]] const Arena& arena() const noexcept { return arena_; }

 private:
  struct Memory {
    explicit Memory(const Options& options);
    Memory() = default;
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    std::byte* base = nullptr;
    std::size_t size = 0;
    int fd = -1;
  };

  Memory memory_;
  Arena arena_;
};

}  // namespace pupci
