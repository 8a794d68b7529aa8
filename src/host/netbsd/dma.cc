// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/dma.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <new>
#include <utility>

#include "host/dma_limits.h"
#include "host/netbsd/obstacle.h"
#include "pupci/error.h"

namespace pupci::netbsd {
namespace {

// What devices reach, the least first: an arena within all of it serves all of them.
constexpr std::uint64_t reaches[] = {0x0fffffff, 0x3fffffff, UINT32_MAX, UINT64_MAX};

[[noreturn]] void no_memory(const Node& node, int error) {
  const std::string remedy = error == ENOMEM ? "; the machine's memory is in pieces, or the limit "
                                               "is reached: restart it, or sysctl -w "
                                               "hw.pupci.dma_limit=BYTES"
                                             : "";
  throw Error(error, fmt::format("{}: no {} KiB of memory in one piece for DMA: {}{}", node.name(),
                                 NodeDma::least / 1024, why_not_mapped(error), remedy));
}

// The largest piece of at least `least` bytes; 0, or an errno.
int request_piece(const Node& node, std::size_t most, std::size_t least, std::uint64_t highest,
                  pupci_dma_alloc& request) {
  int error = ENOMEM;
  for (std::size_t size = most; size >= least; size /= 2) {
    request = {};
    request.size = size;
    request.highest = highest;
    error = node.request(PUPCI_IOC_DMA_ALLOC, &request);
    if (error == 0) return 0;
    if (error == EPERM || error == EBADF || error == ENXIO) no_memory(node, error);
  }
  return error;
}

// That all devices reach it is worth more than much of it, where it is enough for most drivers.
pupci_dma_alloc request_memory(const Node& node, std::size_t wanted) {
  pupci_dma_alloc request{};
  const std::size_t enough = std::min(wanted, NodeDma::enough);
  for (const std::uint64_t highest : reaches) {
    if (request_piece(node, wanted, enough, highest, request) == 0) return request;
  }
  int error = ENOMEM;
  for (std::size_t size = enough / 2; size >= NodeDma::least; size /= 2) {
    for (const std::uint64_t highest : reaches) {
      error = request_piece(node, size, size, highest, request);
      if (error == 0) return request;
    }
  }
  no_memory(node, error);
}

// Far above what any bus has: that no device reaches it, drivers are told by their own limits.
constexpr std::uint64_t nowhere = std::uint64_t{1} << 62;

class NoDma final : public ArenaDma {
 public:
  NoDma(std::size_t size, std::string why)
      : ArenaDma(Options{size, nowhere, 0, Backing::anonymous}), why_(std::move(why)) {}

  void* allocate(std::size_t size, const DmaConstraints& constraints) noexcept override {
    if (constraints.highest < nowhere && !told_.exchange(true)) {
      std::fprintf(stderr, "pupci: %s\n", why_.c_str());
    }
    return ArenaDma::allocate(size, constraints);
  }

 private:
  std::string why_;
  std::atomic<bool> told_{false};
};

}  // namespace

std::unique_ptr<Dma> NodeDma::make(const std::shared_ptr<Node>& node, std::size_t size) {
  const std::size_t wanted = std::clamp(std::bit_floor(size), least, most);
  const pupci_dma_alloc memory = request_memory(*node, wanted);
  Mapping mapping(node->shared_system(), node->fd(), memory.mmap_offset, memory.size);
  if (mapping.base() == nullptr) {
    const int error = errno;
    std::uint32_t id = memory.id;
    node->request(PUPCI_IOC_DMA_RELEASE, &id);
    throw Error(error, fmt::format("{}: DMA memory cannot be mapped: {}", node->name(),
                                   why_not_mapped(error)));
  }
  return std::make_unique<NodeDma>(node, memory, std::move(mapping));
}

NodeDma::NodeDma(std::shared_ptr<Node> node, const pupci_dma_alloc& memory, Mapping mapping)
    : ArenaDma(mapping.base(), memory.size, memory.address),
      node_(std::move(node)),
      id_(memory.id),
      mapping_(std::move(mapping)),
      can_pin_(try_pinning()) {}

NodeDma::~NodeDma() {
  for (const auto& [bus, id] : pins_) release_pin({id, bus});
  mapping_.reset();
  node_->request(PUPCI_IOC_DMA_RELEASE, &id_);
}

int NodeDma::pin(void* p, std::size_t size, Pin& made) noexcept {
  pupci_segment segment{};
  pupci_dma_pin request{};
  request.data = reinterpret_cast<std::uintptr_t>(p);
  request.size = size;
  request.highest = UINT64_MAX;
  request.segments = reinterpret_cast<std::uintptr_t>(&segment);
  request.nsegments = 1;
  request.flags = PUPCI_PIN_READ | PUPCI_PIN_WRITE;
  const int error = node_->request(PUPCI_IOC_DMA_PIN, &request);
  if (error == EFBIG) return ERANGE;  // it lies in several pieces
  if (error != 0) return error;
  made = {request.id, segment.address};
  return 0;
}

void NodeDma::release_pin(const Pin& made) noexcept {
  std::uint32_t id = made.id;
  node_->request(PUPCI_IOC_DMA_RELEASE, &id);
}

// The kernel may let the function reach a copy, which only it can bring up to date. Two pins of one
// page tell: of copies there are two.
int NodeDma::pin_in_place(void* p, std::size_t size, Pin& made) noexcept {
  if (const int error = pin(p, size, made)) return error;
  Pin again;
  int error = pin(p, size, again);
  if (error == 0) {
    release_pin(again);
    if (again.bus == made.bus) return 0;
    error = ERANGE;
  }
  release_pin(made);
  return error;
}

bool NodeDma::try_pinning() noexcept {
  alignas(page_size) std::byte memory[page_size];
  Pin made;
  if (pin_in_place(memory, sizeof memory, made) != 0) return false;
  release_pin(made);
  return true;
}

std::optional<std::uint64_t> NodeDma::map(void* p, std::size_t size,
                                          const DmaConstraints& constraints) noexcept {
  if (!can_pin_) {
    errno = ENOTSUP;
    return std::nullopt;
  }
  Pin made;
  int error = satisfiable(constraints, size) ? pin_in_place(p, size, made) : ERANGE;
  if (error == 0) {
    if (!satisfied(constraints, made.bus, size)) {
      release_pin(made);
      error = ERANGE;
    }
  }
  if (error != 0) {
    errno = error;
    return std::nullopt;
  }
  try {
    const std::scoped_lock lock(mutex_);
    pins_.emplace(made.bus, made.id);
  } catch (const std::bad_alloc&) {
    release_pin(made);
    errno = ENOMEM;
    return std::nullopt;
  }
  return made.bus;
}

void NodeDma::unmap(std::uint64_t bus, std::size_t /*size*/) noexcept {
  std::uint32_t id = 0;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = pins_.find(bus);
    if (found == pins_.end()) return;
    id = found->second;
    pins_.erase(found);
  }
  release_pin({id, bus});
}

std::unique_ptr<Dma> no_dma(std::size_t size, std::string why) {
  return std::make_unique<NoDma>(size, std::move(why));
}

}  // namespace pupci::netbsd
