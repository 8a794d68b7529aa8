// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/lines_only.h"

#include <map>
#include <utility>

namespace pupci::netbsd::test {
namespace {

// A function that offers no messages.
class LineOnly final : public Function {
 public:
  explicit LineOnly(std::shared_ptr<Function> inner)
      : Function(inner->address()), inner_(std::move(inner)) {}
  [[nodiscard]] unsigned config_size() const noexcept override { return inner_->config_size(); }
  std::uint32_t config_read(unsigned offset, unsigned width) noexcept override {
    return inner_->config_read(offset, width);
  }
  void config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept override {
    inner_->config_write(offset, width, value);
  }
  [[nodiscard]] std::vector<Bar> bars() override { return inner_->bars(); }
  std::unique_ptr<Region> map(unsigned index, std::uint64_t offset, std::uint64_t size,
                              MapMode mode) override {
    return inner_->map(index, offset, size, mode);
  }
  [[nodiscard]] unsigned interrupt_count(InterruptType type) override {
    return type == InterruptType::intx ? inner_->interrupt_count(type) : 0;
  }
  std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType type,
                                                            unsigned count) override {
    return inner_->enable_interrupts(type, count);
  }
  void disable_interrupts() noexcept override { inner_->disable_interrupts(); }
  void reset() override { inner_->reset(); }

 private:
  std::shared_ptr<Function> inner_;
};

class LinesOnly final : public Bus {
 public:
  explicit LinesOnly(std::shared_ptr<Bus> inner) : inner_(std::move(inner)) {}
  [[nodiscard]] std::string name() const override { return inner_->name(); }
  [[nodiscard]] std::vector<Address> functions() override { return inner_->functions(); }
  std::shared_ptr<Function> function(const Address& address) override {
    auto& made = functions_[address];
    if (made == nullptr) made = std::make_shared<LineOnly>(inner_->function(address));
    return made;
  }
  Dma& dma() noexcept override { return inner_->dma(); }

 private:
  std::shared_ptr<Bus> inner_;
  std::map<Address, std::shared_ptr<Function>> functions_;
};

}  // namespace

std::shared_ptr<Bus> lines_only(std::shared_ptr<Bus> bus) {
  return std::make_shared<LinesOnly>(std::move(bus));
}

}  // namespace pupci::netbsd::test
