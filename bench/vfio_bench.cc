// SPDX-License-Identifier: BSD-2-Clause
// The vfio host beside VFIO's own calls, on an edu function that is bound to vfio-pci and whose
// address PUPCI_BENCH_VFIO names: accesses to registers, from interrupt to handler, mapping memory
// for DMA, and the time until a driver is attached. PUPCI_BENCH_UIO names another edu, which a
// driver of the kernel's gets, so that its interrupts can be seen beside ours. In a guest:
//
//   tests/guest/run --device edu,addr=2 --vfio 0000:00:02.0 --env PUPCI_BENCH_VFIO=0000:00:02.0
//       --device edu,addr=3 --module uio_pci_generic --env PUPCI_BENCH_UIO=0000:00:03.0
//       --file build/drivers --file build/bench/driver --file build/bin/pupci
//       -- build/bin/vfio_bench
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "bare_uio.h"
#include "bare_vfio.h"
#include "edu_interrupt.h"
#include "kern/console.h"

namespace {

using namespace pupci;
using namespace pupci::bench;

std::string address() {
  const char* name = std::getenv("PUPCI_BENCH_VFIO");
  return name == nullptr ? "" : name;
}

std::shared_ptr<Bus> open(const std::string& more = "") {
  return open_bus("vfio:" + address() + more);
}

void read_ours(benchmark::State& state) {
  const auto bus = open();
  const auto function = edu_of(*bus);
  function->config_write(4, 2, 6);
  const auto registers = function->map(0, 0, 4096);
  for (auto _ : state) benchmark::DoNotOptimize(registers->read(4, 4));
}
void read_bare(benchmark::State& state) {
  const BareVfio bare(address());
  for (auto _ : state) benchmark::DoNotOptimize(bare.registers[1]);
}
void write_ours(benchmark::State& state) {
  const auto bus = open();
  const auto function = edu_of(*bus);
  function->config_write(4, 2, 6);
  const auto registers = function->map(0, 0, 4096);
  for (auto _ : state) registers->write(4, 4, 1);
}
void write_bare(benchmark::State& state) {
  const BareVfio bare(address());
  for (auto _ : state) bare.registers[1] = 1;
}
BENCHMARK(read_ours)->UseRealTime()->Repetitions(3);
BENCHMARK(read_bare)->UseRealTime()->Repetitions(3);
BENCHMARK(write_ours)->UseRealTime()->Repetitions(3);
BENCHMARK(write_bare)->UseRealTime()->Repetitions(3);

void interrupt_ours(benchmark::State& state) {
  driver_interrupt(state, open(), InterruptType::msi);
}
void interrupt_bare(benchmark::State& state) {
  const BareVfio bare(address());
  const int event = bare.enable_msi();
  const BareLoop loop(event, [&] {
    std::uint64_t count = 0;
    if (::read(event, &count, sizeof count) != sizeof count) return;
    bare.registers[edu::acknowledge / 4] = bare.registers[edu::status / 4];
  });
  rounds(state, [&] { bare.registers[edu::raise / 4] = 0x10000; }, loop.count);
}
BENCHMARK(interrupt_ours)->UseRealTime()->Repetitions(5);
BENCHMARK(interrupt_bare)->UseRealTime()->Repetitions(5);

// By INTx, as uio_pci_generic has it.
void line_ours(benchmark::State& state) {
  driver_interrupt(state, open(), InterruptType::intx);
}
void line_kernel(benchmark::State& state) {
  const char* name = std::getenv("PUPCI_BENCH_UIO");
  if (name == nullptr) {
    state.SkipWithError("PUPCI_BENCH_UIO names no function");
    return;
  }
  const BareUio bare(name);
  const auto raise = [&] { bare.registers[edu::raise / 4] = 0x10000; };
  UioLoop loop(
      bare, [&] { bare.registers[edu::acknowledge / 4] = bare.registers[edu::status / 4]; }, raise);
  rounds(state, raise, loop.count);
}
BENCHMARK(line_ours)->UseRealTime()->Repetitions(5);
BENCHMARK(line_kernel)->UseRealTime()->Repetitions(5);

void line_eventfd(benchmark::State& state) {
  driver_interrupt(state, open(",intx=eventfd"), InterruptType::intx);
}
BENCHMARK(line_eventfd)->UseRealTime()->Repetitions(5);

// The end of a line's service, by the one and the other.
void acknowledge(benchmark::State& state, const char* how) {
  const auto bus = open(how);
  const auto function = edu_of(*bus);
  const auto line = function->enable_interrupts(InterruptType::intx, 1).at(0);
  line->unmask();
  for (auto _ : state) line->acknowledge();
}
void acknowledge_call(benchmark::State& state) {
  acknowledge(state, ",intx=call");
}
void acknowledge_eventfd(benchmark::State& state) {
  acknowledge(state, ",intx=eventfd");
}
BENCHMARK(acknowledge_call)->UseRealTime()->Repetitions(3);
BENCHMARK(acknowledge_eventfd)->UseRealTime()->Repetitions(3);

struct Memory {
  explicit Memory(std::size_t bytes) : size(bytes) {
    at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
                -1, 0);
  }
  ~Memory() { ::munmap(at, size); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  std::size_t size;
  void* at;
};

template <std::size_t size>
void map_ours(benchmark::State& state) {
  const auto bus = open();
  const Memory memory(size);
  for (auto _ : state) {
    const auto iova = bus->dma().map(memory.at, size, {});
    if (!iova) state.SkipWithError("not mapped");
    bus->dma().unmap(*iova, size);
  }
}
template <std::size_t size>
void map_bare(benchmark::State& state) {
  const BareVfio bare(address());
  const Memory memory(size);
  constexpr std::uint64_t iova = 0x100000;
  for (auto _ : state) {
    bare.map(memory.at, iova, size);
    bare.unmap(iova, size);
  }
}
void map_4k_ours(benchmark::State& state) {
  map_ours<4096>(state);
}
void map_4k_bare(benchmark::State& state) {
  map_bare<4096>(state);
}
void map_64k_ours(benchmark::State& state) {
  map_ours<65536>(state);
}
void map_64k_bare(benchmark::State& state) {
  map_bare<65536>(state);
}
void map_2m_ours(benchmark::State& state) {
  map_ours<2097152>(state);
}
void map_2m_bare(benchmark::State& state) {
  map_bare<2097152>(state);
}
BENCHMARK(map_4k_ours)->UseRealTime()->Repetitions(5);
BENCHMARK(map_4k_bare)->UseRealTime()->Repetitions(5);
BENCHMARK(map_64k_ours)->UseRealTime()->Repetitions(5);
BENCHMARK(map_64k_bare)->UseRealTime()->Repetitions(5);
BENCHMARK(map_2m_ours)->UseRealTime()->Repetitions(5);
BENCHMARK(map_2m_bare)->UseRealTime()->Repetitions(5);

// The bus address of arena memory is arithmetic.
void arena_address(benchmark::State& state) {
  const auto bus = open();
  void* p = bus->dma().allocate(4096);
  for (auto _ : state) benchmark::DoNotOptimize(bus->dma().to_bus(p));
  bus->dma().release(p, 4096);
}
BENCHMARK(arena_address)->UseRealTime();

// From exec(2) to the driver's last word in its attach function.
void exec_to_attached(benchmark::State& state) {
  const std::string command = std::string(PUPCI_BINARY " run --host vfio:") + address() +
                              " " PUPCI_DRIVER_DIR "/edu.so --for 0 2>&1";
  for (auto _ : state) {
    FILE* run = ::popen(command.c_str(), "re");
    std::array<char, 512> line{};
    bool attached = false;
    while (!attached && std::fgets(line.data(), line.size(), run) != nullptr) {
      attached = std::strstr(line.data(), "edu0: interrupting") != nullptr;
    }
    state.PauseTiming();
    while (std::fgets(line.data(), line.size(), run) != nullptr) continue;
    ::pclose(run);
    if (!attached) state.SkipWithError("not attached");
    state.ResumeTiming();
  }
}
BENCHMARK(exec_to_attached)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
  if (address().empty()) {
    std::fputs("vfio_bench: PUPCI_BENCH_VFIO names no function; see the source\n", stderr);
    return 1;
  }
  kern::set_console([](std::string_view) {});
  return bench::run(argc, argv,
                    {{"read_ours", "read_bare"},
                     {"write_ours", "write_bare"},
                     {"interrupt_ours", "interrupt_bare"},
                     {"line_ours", "line_kernel"},
                     {"line_eventfd", "line_ours"},
                     {"acknowledge_eventfd", "acknowledge_call"},
                     {"map_4k_ours", "map_4k_bare"},
                     {"map_64k_ours", "map_64k_bare"},
                     {"map_2m_ours", "map_2m_bare"}});
}
