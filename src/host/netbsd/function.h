// SPDX-License-Identifier: BSD-2-Clause
// A function by its own node of pupci(4): everything.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "host/netbsd/interrupt.h"
#include "host/netbsd/node.h"
#include "pupci/function.h"

namespace pupci::netbsd {

class NodeFunction final : public Function {
 public:
  explicit NodeFunction(std::shared_ptr<Node> node);
  ~NodeFunction() override;

  [[nodiscard]] unsigned config_size() const noexcept override { return node_->info().config_size; }
  std::uint32_t config_read(unsigned offset, unsigned width) noexcept override;
  void config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept override;
  [[nodiscard]] std::vector<Bar> bars() override { return bars_; }
  std::unique_ptr<Region> map(unsigned index, std::uint64_t offset, std::uint64_t size,
                              MapMode mode) override;
  [[nodiscard]] unsigned interrupt_count(InterruptType type) override;
  std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType type,
                                                            unsigned count) override;
  void disable_interrupts() noexcept override;
  void reset() override;

 private:
  std::shared_ptr<Source> establish(InterruptType type, unsigned vector, int& error);
  [[nodiscard]] bool fill_in_program(pupci_intr_establish& request);
  void disable_locked() noexcept;

  std::shared_ptr<Node> node_;
  std::vector<Bar> bars_;
  std::atomic<int> line_{-1};  // what was written to the register of the interrupt line

  std::mutex mutex_;
  bool enabled_ = false;
  std::vector<std::shared_ptr<Source>> sources_;
};

}  // namespace pupci::netbsd
