// SPDX-License-Identifier: BSD-2-Clause
// One emulated function.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "host/enumerate.h"
#include "host/qemu/machine.h"
#include "host/qemu/message.h"
#include "pupci/function.h"

namespace pupci::qemu {

class QemuFunction final : public Function {
 public:
  struct Place {
    EnumeratedFunction self;
    std::optional<Framebuffer> framebuffer;
    bool alone_on_bus = false;  ///< no bridge, and nothing else that a reset of its bus would reset
  };
  QemuFunction(std::shared_ptr<Machine> machine, Place place);
  ~QemuFunction() override;

  [[nodiscard]] unsigned config_size() const noexcept override { return config_size_; }
  std::uint32_t config_read(unsigned offset, unsigned width) noexcept override;
  void config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept override;
  [[nodiscard]] std::vector<Bar> bars() override;
  [[nodiscard]] std::optional<Framebuffer> framebuffer() override { return place_.framebuffer; }
  std::unique_ptr<Region> map(unsigned index, std::uint64_t offset, std::uint64_t size,
                              MapMode mode) override;
  [[nodiscard]] unsigned interrupt_count(InterruptType type) override;
  std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType type,
                                                            unsigned count) override;
  void disable_interrupts() noexcept override;
  void reset() override;

 private:
  enum class ResetWay : std::uint8_t { express, advanced_features, bus };
  using Messages = std::vector<std::shared_ptr<Message>>;

  [[nodiscard]] std::uint64_t bar_address(const Bar& bar) noexcept;
  [[nodiscard]] bool is_plain_display() noexcept;
  void set_command(unsigned set, unsigned clear) noexcept;
  std::shared_ptr<const void> lease(unsigned first, unsigned count) const;
  Messages enable_msi(unsigned count);
  Messages enable_msix(unsigned count);
  [[nodiscard]] std::uint64_t msix_table();
  void disable_locked() noexcept;
  ResetWay reset_way();
  void reset_bus();

  std::shared_ptr<Machine> machine_;
  std::shared_ptr<Qtest> transport_;
  Place place_;
  std::uint64_t config_;  // where its configuration space is
  unsigned config_size_;
  unsigned msi_ = 0;  // offsets of capabilities, or 0
  unsigned msix_ = 0;
  unsigned express_ = 0;
  unsigned af_ = 0;

  std::mutex mutex_;
  std::optional<InterruptType> enabled_;
  Messages messages_;
};

}  // namespace pupci::qemu
