// SPDX-License-Identifier: BSD-2-Clause
// What the conformance suite's cases share.
#include "host/conformance.h"

#include <poll.h>

#include <chrono>
#include <thread>

#include "pupci/pci_config.h"

namespace pupci::conformance {
namespace {

constexpr int patience_ms = 20000;

bool poll_fd(int fd, int ms) {
  pollfd wait{fd, POLLIN, 0};
  return poll(&wait, 1, ms) == 1 && (wait.revents & POLLIN) != 0;
}

}  // namespace

Edu::Edu(std::shared_ptr<Function> which)
    : function(std::move(which)), bar(function->map(0, 0, bar_size)) {
  const std::uint32_t command = function->config_read(pci::command, 2);
  function->config_write(pci::command, 2,
                         command | pci::command_bit::memory | pci::command_bit::master);
}

std::uint32_t Edu::read(unsigned offset) const {
  return static_cast<std::uint32_t>(bar->read(offset, 4));
}

void Edu::raise(std::uint32_t cause) const {
  write(irq_raise, cause);
  read(irq_status);
}

void Edu::acknowledge(std::uint32_t cause) const {
  write(irq_acknowledge, cause);
  read(irq_status);
}

void Edu::transfer(std::uint64_t from, std::uint64_t to, std::uint64_t size,
                   unsigned command) const {
  bar->write(dma_source, 8, from);
  bar->write(dma_destination, 8, to);
  bar->write(dma_count, 8, size);
  bar->write(dma_command, 8, command);
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
  while ((bar->read(dma_command, 8) & 1) != 0) {
    ASSERT_LT(std::chrono::steady_clock::now(), end) << "DMA does not end";
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void Edu::to_device(std::uint64_t from, std::uint64_t offset, std::uint64_t size) const {
  transfer(from, buffer + offset, size, 1);
}

void Edu::from_device(std::uint64_t offset, std::uint64_t to, std::uint64_t size) const {
  transfer(buffer + offset, to, size, 3);
}

std::shared_ptr<Interrupt> Edu::enable(InterruptType type) const {
  return function->enable_interrupts(type, 1).at(0);
}

std::unique_ptr<Region> Conformance::scratch() const {
  const Scratch& where = board_.scratch;
  return function(where.function)->map(where.bar, where.offset, where.size);
}

// It has four vectors, and a register for tests that sends the message of one.
Sender rocker(const Address& address) {
  constexpr unsigned test_irq = 0x20;
  Sender sender;
  sender.function = address;
  sender.vectors = 4;
  sender.size = 0x2000;
  sender.prepare = [](Region&) {};
  sender.send = [](Region& bar, unsigned vector) { bar.write(test_irq, 4, vector); };
  return sender;
}

bool readable(const Interrupt& interrupt) {
  return poll_fd(interrupt.fd(), patience_ms);
}
bool readable_soon(const Interrupt& interrupt) {
  return poll_fd(interrupt.fd(), 200);
}
bool readable_now(const Interrupt& interrupt) {
  return poll_fd(interrupt.fd(), 0);
}

std::uint64_t take(Interrupt& interrupt, std::uint64_t count) {
  std::uint64_t taken = 0;
  while (taken < count && readable(interrupt)) taken += interrupt.take();
  return taken;
}

int error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_STRNE(error.what(), "");
    return error.errnum();
  }
  return 0;
}

}  // namespace pupci::conformance
