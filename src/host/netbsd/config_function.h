// SPDX-License-Identifier: BSD-2-Clause
// A function by the node of its bus, pci(4): configuration space, and BARs by mmap(2) for who
// polls. Interrupts and DMA take the kernel's module.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "host/netbsd/bus_node.h"
#include "pupci/function.h"

namespace pupci::netbsd {

class ConfigFunction final : public Function {
 public:
  /// `holder`: what has it, "wm0", or "pupci0" for another process; it is only looked at then, as
  /// bridges are. Sizes its BARs otherwise.
  ConfigFunction(const Address& address, std::shared_ptr<BusNode> bus, std::string holder);

  [[nodiscard]] unsigned config_size() const noexcept override { return config_size_; }
  std::uint32_t config_read(unsigned offset, unsigned width) noexcept override;
  void config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept override;
  [[nodiscard]] std::vector<Bar> bars() override;
  std::unique_ptr<Region> map(unsigned index, std::uint64_t offset, std::uint64_t size,
                              MapMode mode) override;
  [[nodiscard]] unsigned interrupt_count(InterruptType type) override;
  std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType type,
                                                            unsigned count) override;
  void disable_interrupts() noexcept override {}
  void reset() override;

 private:
  [[nodiscard]] bool in_config(unsigned offset, unsigned width) const noexcept;
  [[nodiscard]] std::string why_not() const;

  std::shared_ptr<BusNode> bus_;
  std::string holder_;
  bool bridge_ = false;
  bool ours_ = false;  // to write to
  unsigned config_size_ = 256;
  std::vector<Bar> bars_;
};

}  // namespace pupci::netbsd
