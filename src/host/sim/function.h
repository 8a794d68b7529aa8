// SPDX-License-Identifier: BSD-2-Clause
// A model as a pupci::Function.
#pragma once

#include <memory>
#include <vector>

#include "host/sim/interrupt.h"
#include "host/sim/topology.h"
#include "pupci/function.h"

namespace pupci::sim {

class SimFunction final : public Function {
 public:
  SimFunction(std::shared_ptr<Topology> topology, const Address& address,
              std::shared_ptr<Model> model, std::shared_ptr<Line> line);
  ~SimFunction() override;

  [[nodiscard]] unsigned config_size() const noexcept override;
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
  std::shared_ptr<Topology> topology_;
  std::shared_ptr<Model> model_;
  std::shared_ptr<Line> line_;
};

}  // namespace pupci::sim
