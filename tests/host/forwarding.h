// SPDX-License-Identifier: BSD-2-Clause
// A bus in front of another, and functions in front of its functions, for tests that change one
// thing of them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "pupci/bus.h"

namespace pupci::test {

class ForwardingFunction : public Function {
 public:
  explicit ForwardingFunction(std::shared_ptr<Function> inner)
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
  [[nodiscard]] std::optional<Framebuffer> framebuffer() override { return inner_->framebuffer(); }
  [[nodiscard]] unsigned interrupt_count(InterruptType type) override {
    return inner_->interrupt_count(type);
  }
  std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType type,
                                                            unsigned count) override {
    return inner_->enable_interrupts(type, count);
  }
  void disable_interrupts() noexcept override { inner_->disable_interrupts(); }
  void reset() override { inner_->reset(); }

 protected:
  [[nodiscard]] Function& inner() const noexcept { return *inner_; }

 private:
  std::shared_ptr<Function> inner_;
};

class ForwardingBus : public Bus {
 public:
  explicit ForwardingBus(std::shared_ptr<Bus> inner) : inner_(std::move(inner)) {}

  [[nodiscard]] std::string name() const override { return inner_->name(); }
  [[nodiscard]] std::vector<Address> functions() override { return inner_->functions(); }
  std::shared_ptr<Function> function(const Address& address) override {
    const std::scoped_lock lock(mutex_);
    auto known = functions_[address].lock();
    if (known == nullptr) {
      known = wrap(inner_->function(address));
      functions_[address] = known;
    }
    return known;
  }
  Dma& dma() noexcept override { return inner_->dma(); }
  std::unique_ptr<Region> map(Space space, std::uint64_t bus_address, std::uint64_t size,
                              MapMode mode) override {
    return inner_->map(space, bus_address, size, mode);
  }
  [[nodiscard]] int failure_fd() const noexcept override { return inner_->failure_fd(); }
  [[nodiscard]] std::string failure() const override { return inner_->failure(); }
  [[nodiscard]] int notice_fd() const noexcept override { return inner_->notice_fd(); }
  std::optional<Notice> take_notice() override { return inner_->take_notice(); }

 protected:
  // What stands for a function of the inner bus; called once while anyone holds it.
  virtual std::shared_ptr<Function> wrap(std::shared_ptr<Function> function) = 0;
  [[nodiscard]] Bus& inner() const noexcept { return *inner_; }

 private:
  std::shared_ptr<Bus> inner_;
  std::mutex mutex_;
  std::map<Address, std::weak_ptr<Function>> functions_;
};

}  // namespace pupci::test
