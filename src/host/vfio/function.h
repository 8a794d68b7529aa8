// SPDX-License-Identifier: BSD-2-Clause
// A function that VFIO gives us, and the bridges above, which the kernel keeps.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/vfio/device.h"
#include "host/vfio/interrupt.h"
#include "host/vfio/iommu.h"
#include "host/vfio/sysfs.h"
#include "pupci/function.h"

namespace pupci::vfio {

class VfioFunction final : public Function {
 public:
  /// `iommu` and the DMA memory must outlive it.
  /// `lines_by_eventfd` as Line has it.
  VfioFunction(SysfsFunction place, std::shared_ptr<Device> device, std::shared_ptr<Iommu> iommu,
               bool lines_by_eventfd);
  ~VfioFunction() override;

  [[nodiscard]] unsigned config_size() const noexcept override { return config_size_; }
  std::uint32_t config_read(unsigned offset, unsigned width) noexcept override;
  void config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept override;
  [[nodiscard]] std::vector<Bar> bars() override;
  std::unique_ptr<Region> map(unsigned index, std::uint64_t offset, std::uint64_t size,
                              MapMode mode) override;
  [[nodiscard]] unsigned interrupt_count(InterruptType type) override;
  std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType type,
                                                            unsigned count) override;
  void disable_interrupts() noexcept override;
  void reset() override;

 private:
  [[nodiscard]] bool in_config(unsigned offset, unsigned width) const noexcept;
  [[nodiscard]] Stretch guarded(unsigned bar);
  [[nodiscard]] std::string combining_file(const Bar& bar, MapMode mode);
  [[nodiscard]] std::string offer();
  int enable_locked(InterruptType type, const std::vector<std::shared_ptr<Source>>& sources);
  void disable_locked() noexcept;
  void set_command(unsigned set, unsigned clear) noexcept;

  SysfsFunction place_;
  std::shared_ptr<Device> device_;
  std::shared_ptr<Iommu> iommu_;
  bool lines_by_eventfd_;
  std::uint64_t config_ = 0;  // the descriptor's offset of configuration space
  unsigned config_size_ = 0;
  std::vector<Bar> bars_;  // as sized at the start

  std::mutex mutex_;
  std::array<std::optional<bool>, 6> combined_;  // by BAR: whether its mappings combine writes
  std::optional<InterruptType> enabled_;
  std::vector<std::weak_ptr<Source>> sources_;
  std::shared_ptr<AddedVectors> added_;  // null where vectors are enabled all at once
};

/// Configuration space through sysfs, to be read: of it, those who are not root see the header.
class BridgeFunction final : public Function {
 public:
  explicit BridgeFunction(const SysfsFunction& place);

  [[nodiscard]] unsigned config_size() const noexcept override { return config_size_; }
  std::uint32_t config_read(unsigned offset, unsigned width) noexcept override;
  void config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept override;
  [[nodiscard]] std::vector<Bar> bars() override { return {}; }
  std::unique_ptr<Region> map(unsigned index, std::uint64_t offset, std::uint64_t size,
                              MapMode mode) override;
  [[nodiscard]] unsigned interrupt_count(InterruptType) override { return 0; }
  std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType type,
                                                            unsigned count) override;
  void disable_interrupts() noexcept override {}
  void reset() override;

 private:
  Fd file_;
  unsigned config_size_ = 256;
  bool header_only_ = true;
};

}  // namespace pupci::vfio
