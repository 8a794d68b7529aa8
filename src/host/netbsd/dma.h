// SPDX-License-Identifier: BSD-2-Clause
// DMA memory of a NetBSD system: pages that its kernel allocates, and ours that it pins.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "host/arena.h"
#include "host/netbsd/node.h"
#include "host/netbsd/region.h"

namespace pupci::netbsd {

/// The arena is one allocation of one function's, whose bus addresses are those of the machine's
/// memory, so that every function reaches it. Thread-safe.
class NodeDma final : public ArenaDma {
 public:
  /// The kernel has this memory whole in the machine's, wired: more than drivers need is unkind.
  static constexpr std::size_t most = std::size_t{64} << 20;
  static constexpr std::size_t enough = std::size_t{16} << 20;
  static constexpr std::size_t least = std::size_t{1} << 20;

  /// At most `size` bytes, less where the kernel has no such piece. Throws Error.
  static std::unique_ptr<Dma> make(const std::shared_ptr<Node>& node, std::size_t size);

  NodeDma(std::shared_ptr<Node> node, const pupci_dma_alloc& memory, Mapping mapping);
  ~NodeDma() override;

  [[nodiscard]] bool can_map() const noexcept override { return can_pin_; }
  std::optional<std::uint64_t> map(void* p, std::size_t size,
                                   const DmaConstraints& constraints) noexcept override;
  void unmap(std::uint64_t bus, std::size_t size) noexcept override;

 private:
  struct Pin {
    std::uint32_t id = 0;
    std::uint64_t bus = 0;
  };
  int pin(void* p, std::size_t size, Pin& made) noexcept;
  void release_pin(const Pin& made) noexcept;
  int pin_in_place(void* p, std::size_t size, Pin& made) noexcept;
  [[nodiscard]] bool try_pinning() noexcept;

  std::shared_ptr<Node> node_;
  std::uint32_t id_;
  std::optional<Mapping> mapping_;
  bool can_pin_ = false;
  std::mutex mutex_;
  std::multimap<std::uint64_t, std::uint32_t> pins_;  // id by bus address
};

/// Memory for a process that no function reaches: without the kernel's module there is no DMA.
/// `why` is told once, when a driver asks for memory within a device's reach.
std::unique_ptr<Dma> no_dma(std::size_t size, std::string why);

}  // namespace pupci::netbsd
