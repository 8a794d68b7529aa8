// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/region.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "host/direct_access.h"

namespace pupci::netbsd {
namespace {

// Of this machine, which a kernel in another process shares.
std::uint64_t page_size() noexcept {
  return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

class DirectRegion final : public Region {
 public:
  DirectRegion(const BarPart& part, Mapping mapping, std::shared_ptr<const void> keep)
      : Region(part.space, part.bus_address, part.size, mapping.base()),
        keep_(std::move(keep)),
        mapping_(std::move(mapping)) {}

  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return all_ones(width);
    return load_direct(mapping_.base() + offset, width);
  }
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return;
    store_direct(mapping_.base() + offset, width, value);
  }

 private:
  std::shared_ptr<const void> keep_;
  Mapping mapping_;
};

class TrappedRegion final : public Region {
 public:
  TrappedRegion(const BarPart& part, std::shared_ptr<Node> node)
      : Region(part.space, part.bus_address, part.size, nullptr),
        node_(std::move(node)),
        bar_(part.bar),
        offset_(part.offset),
        widest_(part.space == Space::io ? 4 : 8) {}

  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return all_ones(width);
    std::uint64_t value = 0;
    const unsigned step = step_of(offset, width);
    for (unsigned done = 0; done < width; done += step) {
      pupci_access access{bar_, step, offset_ + offset + done, 0};
      if (node_->request(PUPCI_IOC_READ, &access) != 0) return all_ones(width);
      value |= access.value << (8 * done);
    }
    return value;
  }

  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return;
    const unsigned step = step_of(offset, width);
    for (unsigned done = 0; done < width; done += step) {
      pupci_access access{bar_, step, offset_ + offset + done,
                          (value >> (8 * done)) & all_ones(step)};
      if (node_->request(PUPCI_IOC_WRITE, &access) != 0) return;
    }
  }

  void read_block(std::uint64_t offset, unsigned width, unsigned step, void* to,
                  std::size_t count) noexcept override {
    if (!is_block(offset, width, step, count)) {
      return Region::read_block(offset, width, step, to, count);
    }
    auto* bytes = static_cast<std::byte*>(to);
    // What is not answered reads as ones.
    std::memset(to, 0xff, count * width);
    block(offset, width, step, bytes, count, 0);
  }

  void write_block(std::uint64_t offset, unsigned width, unsigned step, const void* from,
                   std::size_t count) noexcept override {
    if (!is_block(offset, width, step, count)) {
      return Region::write_block(offset, width, step, from, count);
    }
    // Which way the bytes go, the request says.
    auto* bytes = static_cast<std::byte*>(const_cast<void*>(from));
    block(offset, width, step, bytes, count, PUPCI_BLOCK_WRITE);
  }

 private:
  // The kernel takes aligned accesses, as most devices do.
  [[nodiscard]] unsigned step_of(std::uint64_t offset, unsigned width) const noexcept {
    unsigned step = std::min(width, widest_);
    while ((offset_ + offset) % step != 0) step /= 2;
    return step;
  }

  [[nodiscard]] bool is_block(std::uint64_t offset, unsigned width, unsigned step,
                              std::size_t count) const noexcept {
    return count > 1 && good_width(width) && step_of(offset, width) == width &&
           (step == 0 || step == width) && count <= SIZE_MAX / width &&
           in_bounds(offset, step == 0 ? width : count * width);
  }

  void block(std::uint64_t offset, unsigned width, unsigned step, std::byte* bytes,
             std::size_t count, std::uint32_t flags) noexcept {
    pupci_block request{};
    request.bar = bar_;
    request.width = width;
    request.flags = flags | (step == 0 ? PUPCI_BLOCK_FIFO : 0U);
    while (count > 0) {
      const std::size_t items = std::min<std::size_t>(count, PUPCI_BLOCK_MAX / width);
      request.offset = offset_ + offset;
      request.count = static_cast<std::uint32_t>(items);
      request.data = reinterpret_cast<std::uintptr_t>(bytes);
      if (node_->request(PUPCI_IOC_BLOCK, &request) != 0) return;
      count -= items;
      bytes += items * width;
      offset += items * step;
    }
  }

  std::shared_ptr<Node> node_;
  unsigned bar_;
  std::uint64_t offset_;  // in the BAR
  unsigned widest_;
};

}  // namespace

Mapping::Mapping(std::shared_ptr<System> system, int fd, std::uint64_t offset,
                 std::uint64_t size) noexcept
    : system_(std::move(system)) {
  const std::uint64_t page = page_size();
  const std::uint64_t head = offset % page;
  size_ = (head + size + page - 1) / page * page;
  pages_ =
      system_->mmap(fd, size_, PROT_READ | PROT_WRITE, static_cast<std::int64_t>(offset - head));
  if (pages_ != nullptr) base_ = static_cast<std::byte*>(pages_) + head;
}

Mapping::~Mapping() {
  if (pages_ != nullptr) system_->munmap(pages_, size_);
}

Mapping::Mapping(Mapping&& other) noexcept
    : system_(std::move(other.system_)),
      pages_(std::exchange(other.pages_, nullptr)),
      size_(other.size_),
      base_(std::exchange(other.base_, nullptr)) {}

std::unique_ptr<Region> direct_region(const BarPart& part, Mapping mapping,
                                      std::shared_ptr<const void> keep) {
  return std::make_unique<DirectRegion>(part, std::move(mapping), std::move(keep));
}

std::unique_ptr<Region> trapped_region(const BarPart& part, std::shared_ptr<Node> node) {
  return std::make_unique<TrappedRegion>(part, std::move(node));
}

}  // namespace pupci::netbsd
