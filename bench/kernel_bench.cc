// SPDX-License-Identifier: BSD-2-Clause
// From a device's interrupt to a driver's handler, through pci_intr_establish(9), beside a bare
// poll() and read() loop on the same descriptor that does the same to the device; and how long 250
// functions take to attach.
#include <poll.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "kern/console.h"
#include "kern/kernel.h"
#include "pupci/bus.h"
#include "ratio.h"

namespace {

using namespace pupci;

constexpr std::uint64_t status = 0x24;
constexpr std::uint64_t raise_register = 0x60;
constexpr std::uint64_t acknowledge = 0x64;

std::shared_ptr<Bus> open(const char* host) {
  BusOptions options;
  if (std::string(host) == "qemu") options.arguments = {"-device", "edu"};
  return open_bus(host, options);
}

std::shared_ptr<Function> edu_of(Bus& bus) {
  for (const Address& address : bus.functions()) {
    auto function = bus.function(address);
    if (function->config_read(0, 4) == 0x11e81234) return function;
  }
  throw Error(ENODEV, "no edu");
}

// Interrupts, one after the other, until the handler has counted each.
void rounds(benchmark::State& state, Region& registers, const std::atomic<unsigned>& count) {
  unsigned expected = count;
  for (auto _ : state) {
    registers.write(raise_register, 4, 0x10000);
    ++expected;
    while (count.load(std::memory_order_acquire) != expected) std::this_thread::yield();
  }
}

void driver_interrupt(benchmark::State& state, const char* host) {
  const auto bus = open(host);
  std::atomic<unsigned> count = 0;
  kern::KernelOptions options;
  options.properties = {"intrbench0:count=u64:" +
                        std::to_string(reinterpret_cast<std::uintptr_t>(&count))};
  kern::Kernel kernel(bus, options);
  kernel.load(PUPCI_BENCH_DRIVER_DIR "/intrbench.so");
  kernel.attach_all();
  const auto registers = edu_of(*bus)->map(0, 0, 4096);
  rounds(state, *registers, count);
}

void bare_interrupt(benchmark::State& state, const char* host) {
  const auto bus = open(host);
  const auto function = edu_of(*bus);
  function->config_write(4, 2, 6);
  const auto registers = function->map(0, 0, 4096);
  const auto interrupt = function->enable_interrupts(InterruptType::msi, 1).at(0);
  interrupt->unmask();
  std::atomic<unsigned> count = 0;
  std::atomic<bool> stop = false;
  std::thread loop([&] {
    while (!stop) {
      pollfd wait{interrupt->fd(), POLLIN, 0};
      if (poll(&wait, 1, 100) <= 0) continue;
      interrupt->take();
      registers->write(acknowledge, 4, registers->read(status, 4));
      count.fetch_add(1, std::memory_order_release);
    }
  });
  rounds(state, *registers, count);
  stop = true;
  loop.join();
}

void driver_sim(benchmark::State& state) {
  driver_interrupt(state, "sim:edu");
}
void bare_sim(benchmark::State& state) {
  bare_interrupt(state, "sim:edu");
}
void driver_qemu(benchmark::State& state) {
  driver_interrupt(state, "qemu");
}
void bare_qemu(benchmark::State& state) {
  bare_interrupt(state, "qemu");
}
BENCHMARK(driver_sim)->UseRealTime()->Repetitions(5);
BENCHMARK(bare_sim)->UseRealTime()->Repetitions(5);
BENCHMARK(driver_qemu)->UseRealTime()->Repetitions(5);
BENCHMARK(bare_qemu)->UseRealTime()->Repetitions(5);

void attach_250(benchmark::State& state) {
  for (auto _ : state) {
    state.PauseTiming();
    auto kernel = std::make_unique<kern::Kernel>(open("sim:edu*250"), kern::KernelOptions{});
    kernel->load(PUPCI_DRIVER_DIR "/edu.so");
    state.ResumeTiming();
    if (kernel->attach_all() != 250) state.SkipWithError("not all attached");
    state.PauseTiming();
    kernel.reset();
    state.ResumeTiming();
  }
}
BENCHMARK(attach_250)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

int main(int argc, char** argv) {
  kern::set_console([](std::string_view) {});
  return bench::run(argc, argv, {{"driver_sim", "bare_sim"}, {"driver_qemu", "bare_qemu"}});
}
