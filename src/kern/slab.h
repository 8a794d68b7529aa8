// SPDX-License-Identifier: BSD-2-Clause
// The heap's back end: one arena's pages as slabs of equal objects. heap.cc caches in front of it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "kern/heap.h"
#include "pupci/dma.h"

namespace pupci::kern {

// What is known of an object. Atomic because leak reports read while others allocate.
struct Record {
  std::atomic<const void*> caller{nullptr};  // who allocated it, or once free, who freed it
  std::atomic<device_t> device{nullptr};
  std::atomic<std::size_t> size{0};
  std::atomic<Owner> owner{Owner::nobody};
};

struct Slab;

struct Slot {
  std::byte* address;
  Record* record;
  Slab* slab;
};

// Multiples of 64 from 64 on and of a page from a page on, so that slots are aligned as promised.
inline constexpr std::array<std::uint32_t, 28> class_sizes{
    16,   32,   48,   64,   128,  192,  256,  320,  384,  448,   512,   640,   768,   896,
    1024, 1280, 1536, 1792, 2048, 2560, 3072, 4096, 8192, 12288, 16384, 20480, 24576, 32768};
inline constexpr unsigned class_count = class_sizes.size();
inline constexpr unsigned no_class = class_count;  // a run of pages of its own

// The smallest class for `size` bytes, or no_class.
unsigned class_for(std::size_t size) noexcept;
// The smallest one whose slots are also aligned.
unsigned class_for(std::size_t size, std::size_t alignment) noexcept;

struct Slab {
  std::byte* base;
  std::size_t bytes;  // whole pages
  std::size_t slot_size;
  std::uint32_t slots;
  std::uint32_t reciprocal;  // 2^32 / slot_size, rounded up
  unsigned size_class;
  std::unique_ptr<Record[]> records;
  // Under the class's mutex.
  std::vector<std::uint32_t> free;
  Slab* next = nullptr;
  Slab* previous = nullptr;

  [[nodiscard]] std::uint32_t index_of(const void* p) const noexcept {
    const auto offset = static_cast<std::uint64_t>(static_cast<const std::byte*>(p) - base);
    return slots == 1 ? 0 : static_cast<std::uint32_t>((offset * reciprocal) >> 32);
  }
  [[nodiscard]] Slot slot(std::uint32_t index) noexcept {
    return {base + index * slot_size, &records[index], this};
  }
};

// Thread-safe.
class Region {
 public:
  // Throws std::bad_alloc.
  Region(Dma& dma, std::uint64_t generation);
  ~Region();  // releases all pages
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  [[nodiscard]] const Dma& dma() const noexcept { return dma_; }
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

  // The slab that holds `p`, or null.
  [[nodiscard]] Slab* slab_of(const void* p) const noexcept {
    const std::size_t page =
        (reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(base_)) /
        Dma::page_size;
    return page < pages_ ? table_[page].load(std::memory_order_acquire) : nullptr;
  }

  // Up to `wanted` free slots of a class; fewer, or none, when memory is short.
  std::size_t take(unsigned size_class, Slot* slots, std::size_t wanted) noexcept;
  void give(const Slot* slots, std::size_t count) noexcept;
  // Pages for one object; its slab has one slot. Zeroed. Null when there are none.
  Slab* take_run(std::size_t bytes) noexcept;
  void give_run(Slab* slab) noexcept;
  // Releases slabs without objects.
  void trim() noexcept;

  template <typename Use>  // Use(Slab&), with all slabs held
  void for_each_slab(Use use) {
    const std::scoped_lock lock(all_mutex_);
    for (Slab* slab : all_) use(*slab);
  }
  [[nodiscard]] std::size_t pages_taken() const noexcept {
    return taken_.load(std::memory_order_relaxed);
  }

 private:
  struct Class {
    std::mutex mutex;
    Slab* partial = nullptr;  // slabs with free slots
    unsigned empty = 0;       // of which wholly free
  };
  Slab* make_slab(std::size_t bytes, std::size_t slot_size, unsigned size_class) noexcept;
  void destroy(Slab* slab) noexcept;
  static void link(Class& c, Slab* slab) noexcept;
  static void unlink(Class& c, Slab* slab) noexcept;

  Dma& dma_;
  std::uint64_t generation_;
  std::byte* base_;
  std::size_t pages_;
  std::atomic<Slab*>* table_;  // by page, from anonymous memory
  std::array<Class, class_count> classes_;
  std::mutex all_mutex_;
  std::unordered_set<Slab*> all_;
  std::atomic<std::size_t> taken_{0};
};

}  // namespace pupci::kern
