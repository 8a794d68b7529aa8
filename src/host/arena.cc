// SPDX-License-Identifier: BSD-2-Clause
// The page allocator of the arena: free ranges in a treap that knows the longest range of each
// subtree.
#include "host/arena.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>

#include "host/dma_limits.h"
#include "os/process.h"
#include "os/sanitizers.h"
#include "pupci/error.h"

#ifdef PUPCI_ASAN
#include <sanitizer/asan_interface.h>
#endif

namespace pupci {
namespace {

// Free arena memory is out of bounds for the address sanitizer.
void poison([[maybe_unused]] std::byte* p, [[maybe_unused]] std::size_t size) noexcept {
#ifdef PUPCI_ASAN
  ASAN_POISON_MEMORY_REGION(p, size);
#endif
}
void unpoison([[maybe_unused]] std::byte* p, [[maybe_unused]] std::size_t size) noexcept {
#ifdef PUPCI_ASAN
  ASAN_UNPOISON_MEMORY_REGION(p, size);
#endif
}

constexpr std::uint64_t down(std::uint64_t value, std::uint64_t alignment) noexcept {
  return value & ~(alignment - 1);
}
constexpr std::size_t up_to_page(std::size_t size) noexcept {
  return (size + Dma::page_size - 1) & ~(Dma::page_size - 1);
}

// Balance without a generator: addresses, scrambled (the finalizer of MurmurHash3).
std::uint32_t scramble(std::uint32_t x) noexcept {
  x = (x ^ (x >> 16)) * 0x85ebca6bU;
  x = (x ^ (x >> 13)) * 0xc2b2ae35U;
  return x ^ (x >> 16);
}

void* map_sparse(std::size_t size, int flags, int fd) {
  void* p = mmap(nullptr, size, PROT_READ | PROT_WRITE, flags | MAP_NORESERVE, fd, 0);
  if (p == MAP_FAILED) {
    const int error = errno;
    throw Error(error, fmt::format("DMA arena: cannot map {} MiB: {}; a smaller arena may fit",
                                   size >> 20, std::strerror(error)));
  }
  return p;
}

}  // namespace

Arena::Arena(std::byte* base, std::size_t size, std::uint64_t bus)
    : base_(base), size_(size), bus_(bus) {
  const auto misaligned = (reinterpret_cast<std::uintptr_t>(base) | size | bus) % Dma::page_size;
  const std::size_t pages = size / Dma::page_size;
  if (misaligned != 0 || size == 0 || pages >= (std::size_t{1} << 30) || bus + (size - 1) < bus) {
    throw Error(EINVAL, fmt::format("DMA arena: {:#x} bytes at bus address {:#x}: not whole pages, "
                                    "or none, or too many",
                                    size, bus));
  }
  nodes_.reserve(16);
  spare_.reserve(16);
  free_pages_ = pages;
  insert(0, static_cast<Page>(pages));
  state_ = static_cast<State*>(map_sparse(pages * sizeof(State), MAP_PRIVATE | MAP_ANONYMOUS, -1));
  poison(base_, size_);
}

Arena::~Arena() {
  unpoison(base_, size_);
  munmap(state_, size_ / Dma::page_size * sizeof(State));
}

void* Arena::allocate(std::size_t size, const DmaConstraints& constraints) noexcept {
  const std::uint64_t alignment = std::max<std::uint64_t>(constraints.alignment, Dma::page_size);
  const std::uint64_t boundary = constraints.boundary;
  if (size > size_ || !satisfiable(constraints, size)) return nullptr;
  const Request request{size,
                        static_cast<Page>(up_to_page(size) / Dma::page_size),
                        alignment,
                        boundary,
                        std::max(constraints.lowest, bus_),
                        std::min(constraints.highest, bus_ + (size_ - 1))};
  const std::lock_guard lock(mutex_);
  const Page start = find(root_, request);
  if (start == null) return nullptr;
  try {  // so that this and every release to come need no memory
    if (nodes_.capacity() < allocations_ + 4) nodes_.reserve(2 * allocations_ + 16);
    spare_.reserve(nodes_.capacity());
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  take(start, request.pages);
  zero(start, request.pages);
  return base_ + std::size_t{start} * Dma::page_size;
}

bool Arena::release(void* p, std::size_t size) noexcept {
  const auto offset = reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(base_);
  if (offset >= size_ || offset % Dma::page_size != 0 || size == 0 || size > size_) return false;
  const auto start = static_cast<Page>(offset / Dma::page_size);
  const auto pages = static_cast<Page>(up_to_page(size) / Dma::page_size);
  const std::lock_guard lock(mutex_);
  if (state_[start].pages != pages) return false;
  give(start, pages);
  return true;
}

bool Arena::allocated(const void* p, std::size_t size) const noexcept {
  const auto offset = reinterpret_cast<std::uintptr_t>(p) - reinterpret_cast<std::uintptr_t>(base_);
  if (size == 0 || offset > size_ || size > size_ - offset) return false;
  const std::lock_guard lock(mutex_);
  for (std::size_t page = offset / Dma::page_size; page * Dma::page_size < offset + size; page++) {
    if (state_[page].used == 0) return false;
  }
  return true;
}

std::size_t Arena::free_bytes() const noexcept {
  const std::lock_guard lock(mutex_);
  return free_pages_ * Dma::page_size;
}

std::size_t Arena::largest_free() const noexcept {
  const std::lock_guard lock(mutex_);
  return root_ == null ? 0 : std::size_t{nodes_[root_].longest} * Dma::page_size;
}

// The highest page below `node` at which the request fits, or null.
Arena::Page Arena::find(std::uint32_t node, const Request& request) const noexcept {
  if (node == null || nodes_[node].longest < request.pages) return null;
  const Node& here = nodes_[node];
  if (bus_of(here.start) <= request.last) {
    const Page right = find(here.right, request);
    if (right != null) return right;
    const Page middle = fit(here, request);
    if (middle != null) return middle;
  }
  return bus_of(here.start) > request.first ? find(here.left, request) : null;
}

Arena::Page Arena::fit(const Node& node, const Request& request) const noexcept {
  const std::uint64_t first = std::max(bus_of(node.start), request.first);
  const std::uint64_t last =
      std::min(bus_of(node.start) + (std::uint64_t{node.pages} * Dma::page_size - 1), request.last);
  if (last < first || last - first < request.size - 1) return null;
  std::uint64_t start = down(last - (request.size - 1), request.alignment);
  if (request.boundary != 0) {
    const std::uint64_t border = down(start + (request.size - 1), request.boundary);
    if (start < border) {  // crosses: the highest place that ends at the border
      if (border < request.size) return null;
      start = down(border - request.size, request.alignment);
    }
  }
  if (start < first) return null;
  return static_cast<Page>((start - bus_) / Dma::page_size);
}

void Arena::take(Page start, Page pages) noexcept {
  const Node node = remove(nodes_[at_or_before(start)].start);
  if (node.start < start) insert(node.start, start - node.start);
  const Page end = start + pages;
  if (end < node.start + node.pages) insert(end, node.start + node.pages - end);
  state_[start].pages = pages;
  allocations_++;
  free_pages_ -= pages;
}

void Arena::give(Page start, Page pages) noexcept {
  poison(base_ + std::size_t{start} * Dma::page_size, std::size_t{pages} * Dma::page_size);
  state_[start].pages = 0;
  for (Page page = start; page < start + pages; page++) state_[page].used = 0;
  allocations_--;
  free_pages_ += pages;
  Page low = start;
  Page end = start + pages;
  if (const auto before = at_or_before(start);
      before != null && nodes_[before].start + nodes_[before].pages == start) {
    low = remove(nodes_[before].start).start;
  }
  if (const auto after = at_or_before(end); after != null && nodes_[after].start == end) {
    end += remove(end).pages;
  }
  insert(low, end - low);
}

// Marks pages used and clears those that somebody had before.
void Arena::zero(Page start, Page pages) noexcept {
  unpoison(base_ + std::size_t{start} * Dma::page_size, std::size_t{pages} * Dma::page_size);
  for (Page page = start; page < start + pages; page++) {
    if (state_[page].dirty != 0) {
      std::memset(base_ + std::size_t{page} * Dma::page_size, 0, Dma::page_size);
    }
    state_[page].used = 1;
    state_[page].dirty = 1;
  }
}

void Arena::insert(Page start, Page pages) noexcept {
  std::uint32_t index = 0;
  const Node node{start, pages, pages, scramble(start), null, null};
  if (spare_.empty()) {
    index = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back(node);
  } else {
    index = spare_.back();
    spare_.pop_back();
    nodes_[index] = node;
  }
  std::uint32_t low = null;
  std::uint32_t high = null;
  split(root_, start, low, high);
  root_ = merge(merge(low, index), high);
}

// Takes the range that starts at `start` out of the tree; it is there.
Arena::Node Arena::remove(Page start) noexcept {
  std::uint32_t low = null;
  std::uint32_t middle = null;
  std::uint32_t high = null;
  split(root_, start, low, high);
  split(high, start + 1, middle, high);
  root_ = merge(low, high);
  spare_.push_back(middle);
  return nodes_[middle];
}

// The free range with the highest start not above `page`.
std::uint32_t Arena::at_or_before(Page page) const noexcept {
  std::uint32_t best = null;
  for (std::uint32_t node = root_; node != null;) {
    if (nodes_[node].start <= page) {
      best = node;
      node = nodes_[node].right;
    } else {
      node = nodes_[node].left;
    }
  }
  return best;
}

void Arena::split(std::uint32_t node, Page at, std::uint32_t& low, std::uint32_t& high) noexcept {
  if (node == null) {
    low = high = null;
  } else if (nodes_[node].start < at) {
    std::uint32_t right = null;
    split(nodes_[node].right, at, right, high);
    nodes_[node].right = right;
    low = node;
    update(node);
  } else {
    std::uint32_t left = null;
    split(nodes_[node].left, at, low, left);
    nodes_[node].left = left;
    high = node;
    update(node);
  }
}

std::uint32_t Arena::merge(std::uint32_t low, std::uint32_t high) noexcept {
  if (low == null) return high;
  if (high == null) return low;
  if (nodes_[low].priority > nodes_[high].priority) {
    nodes_[low].right = merge(nodes_[low].right, high);
    update(low);
    return low;
  }
  nodes_[high].left = merge(low, nodes_[high].left);
  update(high);
  return high;
}

void Arena::update(std::uint32_t node) noexcept {
  Node& n = nodes_[node];
  n.longest = n.pages;
  if (n.left != null) n.longest = std::max(n.longest, nodes_[n.left].longest);
  if (n.right != null) n.longest = std::max(n.longest, nodes_[n.right].longest);
}

ArenaDma::Memory::Memory(const Options& options) {
  if (options.size == 0 || options.reserved % page_size != 0 ||
      options.reserved > SIZE_MAX - page_size - options.size) {
    throw Error(EINVAL, fmt::format("DMA arena: {} bytes after {} reserved: bad sizes",
                                    options.size, options.reserved));
  }
  size = up_to_page(options.size) + options.reserved;
  if (options.backing == Backing::anonymous) {
    base = static_cast<std::byte*>(map_sparse(size, MAP_PRIVATE | MAP_ANONYMOUS, -1));
    return;
  }
  fd = os::memory_file("pupci-arena").release();
  if (fd < 0 || ftruncate(fd, static_cast<off_t>(size)) != 0) {
    const int error = errno;
    if (fd >= 0) close(fd);
    throw Error(error, fmt::format("DMA arena: cannot make a memory file of {} MiB: {}", size >> 20,
                                   std::strerror(error)));
  }
  try {
    base = static_cast<std::byte*>(map_sparse(size, MAP_SHARED, fd));
  } catch (...) {
    close(fd);
    throw;
  }
}

ArenaDma::Memory::~Memory() {
  if (base != nullptr) munmap(base, size);
  if (fd >= 0) close(fd);
}

ArenaDma::ArenaDma(const Options& options)
    : memory_(options),
      arena_(memory_.base + options.reserved, memory_.size - options.reserved,
             options.bus + options.reserved) {
  set_arena(memory_.base + options.reserved, memory_.size - options.reserved,
            options.bus + options.reserved);
}

std::uint64_t ArenaDma::arena_fd_offset() const noexcept {
  return memory_.base == nullptr ? 0 : static_cast<std::uint64_t>(arena_base() - memory_.base);
}

ArenaDma::ArenaDma(std::byte* base, std::size_t size, std::uint64_t bus) : arena_(base, size, bus) {
  set_arena(base, size, bus);
}

ArenaDma::~ArenaDma() = default;

void* ArenaDma::allocate(std::size_t size, const DmaConstraints& constraints) noexcept {
  return arena_.allocate(size, constraints);
}

void ArenaDma::release(void* p, std::size_t size) noexcept {
  if (arena_.release(p, size)) return;
  std::fprintf(stderr,
               "pupci: dma: release of %zu bytes at %p ignored: not allocated, or with another "
               "size\n",
               size, p);
}

}  // namespace pupci
