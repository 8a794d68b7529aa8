// SPDX-License-Identifier: BSD-2-Clause
// From a device's interrupt to a driver's handler, through pci_intr_establish(9), beside a bare
// poll() and read() loop on the same descriptor that does the same to the device; and how long 250
// functions take to attach.
#include <memory>
#include <string>

#include "edu_interrupt.h"
#include "kern/console.h"

namespace {

using namespace pupci;
using namespace pupci::bench;

std::shared_ptr<Bus> open(const char* host) {
  BusOptions options;
  if (std::string(host) == "qemu") options.arguments = {"-device", "edu"};
  return open_bus(host, options);
}

void bare_interrupt(benchmark::State& state, const char* host) {
  const auto bus = open(host);
  const auto function = edu_of(*bus);
  function->config_write(4, 2, 6);
  const auto registers = function->map(0, 0, 4096);
  const auto interrupt = function->enable_interrupts(InterruptType::msi, 1).at(0);
  interrupt->unmask();
  const BareLoop loop(interrupt->fd(), [&] {
    interrupt->take();
    registers->write(edu::acknowledge, 4, registers->read(edu::status, 4));
  });
  rounds(state, [&] { registers->write(edu::raise, 4, 0x10000); }, loop.count);
}

void driver_sim(benchmark::State& state) {
  driver_interrupt(state, open("sim:edu"), InterruptType::msi);
}
void bare_sim(benchmark::State& state) {
  bare_interrupt(state, "sim:edu");
}
void driver_qemu(benchmark::State& state) {
  driver_interrupt(state, open("qemu"), InterruptType::msi);
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
