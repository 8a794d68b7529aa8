// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/kernel/trace_bus.h"

#include <fmt/core.h>

#include <atomic>
#include <cerrno>
#include <map>
#include <system_error>
#include <utility>

#include "host/forwarding.h"
#include "pupci/error.h"

namespace pupci::netbsd {
namespace {

constexpr unsigned command_register = 4;
constexpr std::uint32_t master_enable = 4;
constexpr std::uint32_t intx_disable = 0x400;

class TraceDma : public Dma {
 public:
  TraceDma(Dma& inner, std::shared_ptr<Trace> trace) : inner_(inner), trace_(std::move(trace)) {
    set_arena(inner.arena_base(), inner.arena_size(), inner.arena_bus());
  }
  void* allocate(std::size_t size, const DmaConstraints& constraints) noexcept override {
    void* const p = inner_.allocate(size, constraints);
    if (p != nullptr) tell("alloc", p, size);
    return p;
  }
  void release(void* p, std::size_t size) noexcept override {
    tell("free", p, size);
    inner_.release(p, size);
  }
  [[nodiscard]] int arena_fd() const noexcept override { return inner_.arena_fd(); }
  [[nodiscard]] std::uint64_t arena_fd_offset() const noexcept override {
    return inner_.arena_fd_offset();
  }
  [[nodiscard]] bool can_map() const noexcept override { return inner_.can_map(); }
  std::optional<std::uint64_t> map(void* p, std::size_t size,
                                   const DmaConstraints& constraints) noexcept override {
    return inner_.map(p, size, constraints);
  }
  void unmap(std::uint64_t bus, std::size_t size) noexcept override { inner_.unmap(bus, size); }

 private:
  void tell(const char* what, const void* p, std::size_t size) noexcept {
    trace_->line(fmt::format("{} {:#x} {:#x}", what, to_bus(p), size));
  }
  Dma& inner_;
  std::shared_ptr<Trace> trace_;
};

class TraceInterrupt : public Interrupt {
 public:
  TraceInterrupt(std::shared_ptr<Interrupt> inner, std::string name, std::shared_ptr<Trace> trace)
      : Interrupt(inner->type(), inner->number()),
        inner_(std::move(inner)),
        name_(std::move(name)),
        trace_(std::move(trace)) {}

  [[nodiscard]] int fd() const noexcept override { return inner_->fd(); }
  std::uint64_t take() noexcept override { return inner_->take(); }
  void acknowledge() noexcept override { inner_->acknowledge(); }
  void mask() noexcept override {
    inner_->mask();
    trace_->line("masked " + name_);
  }
  void unmask() noexcept override {
    trace_->line("unmasked " + name_);
    inner_->unmask();
  }

 private:
  std::shared_ptr<Interrupt> inner_;
  std::string name_;
  std::shared_ptr<Trace> trace_;
};

// Functions that share a line share its object, here as below.
class TracedInterrupts {
 public:
  explicit TracedInterrupts(std::shared_ptr<Trace> trace) : trace_(std::move(trace)) {}

  std::shared_ptr<Interrupt> wrap(const std::shared_ptr<Interrupt>& inner,
                                  const std::string& function) {
    const std::scoped_lock lock(mutex_);
    auto known = known_[inner.get()].lock();
    if (known == nullptr) {
      const bool line = inner->type() == InterruptType::intx;
      known = std::make_shared<TraceInterrupt>(
          inner, fmt::format("{} {}", line ? "line" : function, inner->number()), trace_);
      known_[inner.get()] = known;
    }
    return known;
  }

 private:
  std::shared_ptr<Trace> trace_;
  std::mutex mutex_;
  std::map<const Interrupt*, std::weak_ptr<Interrupt>> known_;
};

class TraceFunction : public test::ForwardingFunction {
 public:
  TraceFunction(std::shared_ptr<Function> function, std::shared_ptr<Trace> trace,
                std::shared_ptr<TracedInterrupts> interrupts)
      : ForwardingFunction(std::move(function)),
        trace_(std::move(trace)),
        interrupts_(std::move(interrupts)),
        name_(to_string(address())) {}

  void config_write(unsigned offset, unsigned width, std::uint32_t value) noexcept override {
    if (offset == command_register && width >= 2) {
      const std::uint32_t changed = inner().config_read(command_register, 2) ^ value;
      if ((changed & master_enable) != 0) tell("master", (value & master_enable) != 0);
      tell_intx((value & intx_disable) == 0);
    }
    inner().config_write(offset, width, value);
  }
  std::vector<std::shared_ptr<Interrupt>> enable_interrupts(InterruptType type,
                                                            unsigned count) override {
    trace_->line(fmt::format("interrupts on {} {} {}", name_, to_string(type), count));
    auto all = inner().enable_interrupts(type, count);
    for (auto& each : all) each = interrupts_->wrap(each, name_);
    look_at_intx();
    return all;
  }
  void disable_interrupts() noexcept override {
    inner().disable_interrupts();
    look_at_intx();
    trace_->line(fmt::format("interrupts off {}", name_));
  }
  void reset() override {
    trace_->line(fmt::format("reset {}", name_));
    inner().reset();
  }

 private:
  void tell(const char* what, bool on) {
    trace_->line(fmt::format("{} {} {}", what, on ? "on" : "off", name_));
  }
  void tell_intx(bool on) {
    if (intx_.exchange(on) != on) tell("intx", on);
  }
  // The host has a say in that bit too.
  void look_at_intx() { tell_intx((inner().config_read(command_register, 2) & intx_disable) == 0); }

  std::shared_ptr<Trace> trace_;
  std::shared_ptr<TracedInterrupts> interrupts_;
  std::string name_;
  std::atomic<bool> intx_{true};
};

class TraceBus : public test::ForwardingBus {
 public:
  TraceBus(std::shared_ptr<Bus> bus, std::shared_ptr<Trace> trace)
      : ForwardingBus(std::move(bus)),
        trace_(std::move(trace)),
        interrupts_(std::make_shared<TracedInterrupts>(trace_)),
        dma_(inner().dma(), trace_) {}

  Dma& dma() noexcept override { return dma_; }

 private:
  std::shared_ptr<Function> wrap(std::shared_ptr<Function> function) override {
    return std::make_shared<TraceFunction>(std::move(function), trace_, interrupts_);
  }

  std::shared_ptr<Trace> trace_;
  std::shared_ptr<TracedInterrupts> interrupts_;
  TraceDma dma_;
};

}  // namespace

Trace::Trace(const std::string& path) : file_(std::fopen(path.c_str(), "we")) {
  if (file_ == nullptr) {
    throw Error(errno, fmt::format("{}: {}", path, std::generic_category().message(errno)));
  }
}

Trace::~Trace() {
  std::fclose(file_);
}

void Trace::line(const std::string& text) noexcept {
  const std::scoped_lock lock(mutex_);
  std::fputs((text + "\n").c_str(), file_);
  std::fflush(file_);
}

std::shared_ptr<Bus> trace_bus(std::shared_ptr<Bus> bus, std::shared_ptr<Trace> trace) {
  return std::make_shared<TraceBus>(std::move(bus), std::move(trace));
}

}  // namespace pupci::netbsd
