// SPDX-License-Identifier: BSD-2-Clause
// The descriptor of one function: the calls of VFIO's device interface, <linux/vfio.h>.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "host/fd.h"
#include "pupci/interrupt.h"

namespace pupci::vfio {

/// A part of a region's bytes: [begin, end).
struct Stretch {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct RegionInfo {
  std::uint64_t size = 0;    ///< 0: there is none
  std::uint64_t offset = 0;  ///< of its first byte, for pread(2), pwrite(2) and mmap(2)
  /// What mmap(2) takes, whole pages, in order; empty if it takes nothing.
  std::vector<Stretch> mappable;
};

/// Thread-safe.
class Device {
 public:
  /// `name` as in messages. Throws Error when this is not a PCI function's descriptor.
  Device(std::string name, Fd fd);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// By VFIO's index of regions (VFIO_PCI_BAR0_REGION_INDEX...).
  [[nodiscard]] RegionInfo region(unsigned index) const;
  /// How many interrupts an index of VFIO's has; none where the kernel does not know the index.
  [[nodiscard]] unsigned irqs(unsigned index) const noexcept;
  /// Whether more of an index can be enabled while some are: kernels since 6.5, for MSI-X.
  [[nodiscard]] bool irqs_grow(unsigned index) const noexcept;

  /// Whether the answer is complete; `offset` as for pread(2).
  bool read(std::uint64_t offset, void* to, std::size_t size) const noexcept;
  bool write(std::uint64_t offset, const void* from, std::size_t size) const noexcept;

  /// Enables interrupts 0..n-1 of an index, to be signalled on these eventfds. 0 or an errno value.
  int enable_irqs(unsigned index, const std::vector<int>& eventfds) const noexcept;
  /// Has one interrupt of an enabled index signalled on this eventfd, or given up: -1. 0 or an
  /// errno value: ENOSPC when the machine has no vectors left.
  int set_irq(unsigned index, unsigned number, int eventfd) const noexcept;
  void disable_irqs(unsigned index) const noexcept;
  void mask_intx(bool masked) const noexcept;
  /// Has the kernel unmask INTx when this eventfd is written to; -1: no more. The write unmasks,
  /// but where the level is still asserted the kernel signals that from a thread, at a time of its
  /// own; -1 returns when it has. Whether the kernel does it.
  bool unmask_intx_by(int eventfd) const noexcept;

  /// Of this function alone. 0 or an errno value: ENOTSUP when it has no way.
  [[nodiscard]] int reset() const noexcept;
  /// Of its bus, if nothing else is on that. `proof` as Iommu::proof().
  [[nodiscard]] int reset_bus(const std::vector<int>& proof) const;

 private:
  struct Irqs {
    unsigned index;
    unsigned start;
    unsigned count;
  };
  int set_irqs(const Irqs& which, unsigned flags, const int* eventfds) const noexcept;

  std::string name_;
  Fd fd_;
  bool resettable_ = false;
};

/// VFIO's index of the interrupts of a type.
unsigned irq_index(InterruptType type) noexcept;

}  // namespace pupci::vfio
