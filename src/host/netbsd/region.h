// SPDX-License-Identifier: BSD-2-Clause
// BARs of functions of a NetBSD system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "host/netbsd/node.h"
#include "pupci/region.h"

namespace pupci::netbsd {

/// Pages of a descriptor, mapped.
class Mapping {
 public:
  /// `offset` need not be a multiple of the page. base() is null when the kernel refuses, with
  /// errno set.
  Mapping(std::shared_ptr<System> system, int fd, std::uint64_t offset,
          std::uint64_t size) noexcept;
  ~Mapping();
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&&) = delete;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  /// Of the byte at `offset`.
  [[nodiscard]] std::byte* base() const noexcept { return base_; }

 private:
  std::shared_ptr<System> system_;
  void* pages_ = nullptr;
  std::size_t size_ = 0;
  std::byte* base_ = nullptr;
};

/// Which part of which BAR.
struct BarPart {
  unsigned bar = 0;
  Space space = Space::memory;
  std::uint64_t bus_address = 0;  ///< of the part's first byte
  std::uint64_t offset = 0;       ///< in the BAR
  std::uint64_t size = 0;
};

/// Loads and stores; `keep` lives as long as it.
std::unique_ptr<Region> direct_region(const BarPart& part, Mapping mapping,
                                      std::shared_ptr<const void> keep);
/// Requests to the node, for what is not mapped.
std::unique_ptr<Region> trapped_region(const BarPart& part, std::shared_ptr<Node> node);

}  // namespace pupci::netbsd
