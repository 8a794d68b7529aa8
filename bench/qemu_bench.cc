// SPDX-License-Identifier: BSD-2-Clause
// Accesses on the qemu host: posted writes beside waited ones, ours and those of a plain client of
// the same protocol (ours spin for the answer before they sleep), blocks beside single reads; and
// an interrupt beside a bare poll() and read() on the same descriptor.
#include <poll.h>
#include <unistd.h>

#include <vector>

#include "bare_qtest.h"
#include "pupci/bus.h"
#include "ratio.h"

namespace {

using namespace pupci;

struct Edu {
  Edu() {
    BusOptions options;
    options.arguments = {"-device", "edu"};
    bus = open_bus("qemu", options);
    for (const Address& address : bus->functions()) {
      function = bus->function(address);
      if (function->config_read(0, 4) == 0x11e81234) break;
    }
    function->config_write(4, 2, 6);
    registers = function->map(0, 0, 0x100000);
    vector = function->enable_interrupts(InterruptType::msi, 1).at(0);
    vector->unmask();
  }
  std::shared_ptr<Bus> bus;
  std::shared_ptr<Function> function;
  std::unique_ptr<Region> registers;
  std::shared_ptr<Interrupt> vector;
};

Edu& edu() {
  static Edu instance;
  return instance;
}

constexpr unsigned liveness = 4;
constexpr int writes = 10000;

void posted_writes_10000(benchmark::State& state) {
  Region& registers = *edu().registers;
  for (auto _ : state) {
    for (unsigned i = 0; i < writes; i++) registers.write(liveness, 4, i);
    registers.flush();
  }
}
BENCHMARK(posted_writes_10000)->UseRealTime()->Unit(benchmark::kMillisecond)->Repetitions(3);

void waited_writes_10000(benchmark::State& state) {
  Region& registers = *edu().registers;
  for (auto _ : state) {
    for (unsigned i = 0; i < writes; i++) {
      registers.write(liveness, 4, i);
      registers.flush();
    }
  }
}
BENCHMARK(waited_writes_10000)->UseRealTime()->Unit(benchmark::kMillisecond)->Repetitions(3);

void plain_writes_10000(benchmark::State& state) {
  bench::BareQtest plain;
  for (auto _ : state) {
    for (unsigned i = 0; i < writes; i++) plain.write(liveness, i);
  }
}
BENCHMARK(plain_writes_10000)->UseRealTime()->Unit(benchmark::kMillisecond)->Repetitions(3);

void block_of_1024_reads(benchmark::State& state) {
  std::vector<std::uint32_t> block(1024);
  for (auto _ : state) {
    edu().registers->read_block(liveness, 4, 0, block.data(), block.size());
  }
}
BENCHMARK(block_of_1024_reads)->UseRealTime()->Repetitions(3);

void single_reads_1024(benchmark::State& state) {
  for (auto _ : state) {
    for (unsigned i = 0; i < 1024; i++) {
      benchmark::DoNotOptimize(edu().registers->read(liveness, 4));
    }
  }
}
BENCHMARK(single_reads_1024)->UseRealTime()->Repetitions(3);

void ring() {
  edu().registers->write(0x60, 4, 1);
}

void message_by_take(benchmark::State& state) {
  Interrupt& vector = *edu().vector;
  for (auto _ : state) {
    ring();
    pollfd one{vector.fd(), POLLIN, 0};
    poll(&one, 1, -1);
    benchmark::DoNotOptimize(vector.take());
    vector.acknowledge();
  }
}
BENCHMARK(message_by_take)->UseRealTime()->Repetitions(3);

}  // namespace

int main(int argc, char** argv) {
  return pupci::bench::run(argc, argv,
                           {{"plain_writes_10000", "posted_writes_10000"},
                            {"waited_writes_10000", "posted_writes_10000"},
                            {"single_reads_1024", "block_of_1024_reads"}});
}
