// SPDX-License-Identifier: BSD-2-Clause
// bus_space(9) beside the bare volatile access, bus_dma(9) of arena memory beside nothing. The
// ratios and the limits that they must keep stand at the end.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "host/arena.h"
#include "kern/bus_dma.h"
#include "kern/bus_space.h"

namespace {

using namespace pupci;
using namespace pupci::kern;

// Plain memory in place of a BAR: what the accessor adds shows best beside a cheap access.
class MemoryRegion final : public Region {
 public:
  explicit MemoryRegion(std::vector<std::uint32_t>& memory)
      : Region(Space::memory, 0x1000, memory.size() * 4, memory.data()), memory_(memory) {}
  std::uint64_t read(std::uint64_t offset, unsigned) noexcept override {
    return memory_[offset / 4];
  }
  void write(std::uint64_t offset, unsigned, std::uint64_t value) noexcept override {
    memory_[offset / 4] = static_cast<std::uint32_t>(value);
  }

 private:
  std::vector<std::uint32_t>& memory_;
};

struct Mapped {
  Mapped() {
    if (bus_space_enter(std::make_unique<MemoryRegion>(memory), 0, nullptr, &handle) != 0) {
      std::abort();
    }
    // The optimiser must not know that the handle is direct.
    benchmark::DoNotOptimize(handle);
  }
  ~Mapped() { bus_space_unmap(tag, handle, memory.size() * 4); }
  Mapped(const Mapped&) = delete;
  Mapped& operator=(const Mapped&) = delete;

  std::vector<std::uint32_t> memory = std::vector<std::uint32_t>(1024);
  bus_space_tag_t tag = bus_space_tag(Space::memory);
  bus_space_handle_t handle = 0;
};

void raw_read(benchmark::State& state) {
  const Mapped bar;
  for (auto _ : state) {
    for (bus_size_t o = 0; o < 4096; o += 4) {
      benchmark::DoNotOptimize(*reinterpret_cast<volatile std::uint32_t*>(bar.handle + o));
    }
  }
  state.SetItemsProcessed(state.iterations() * 1024);
}

void bus_read(benchmark::State& state) {
  const Mapped bar;
  for (auto _ : state) {
    for (bus_size_t o = 0; o < 4096; o += 4) {
      benchmark::DoNotOptimize(bus_space_read_4(bar.tag, bar.handle, o));
    }
  }
  state.SetItemsProcessed(state.iterations() * 1024);
}

void raw_write(benchmark::State& state) {
  const Mapped bar;
  for (auto _ : state) {
    for (bus_size_t o = 0; o < 4096; o += 4) {
      *reinterpret_cast<volatile std::uint32_t*>(bar.handle + o) = static_cast<std::uint32_t>(o);
    }
  }
  state.SetItemsProcessed(state.iterations() * 1024);
}

void bus_write(benchmark::State& state) {
  const Mapped bar;
  for (auto _ : state) {
    for (bus_size_t o = 0; o < 4096; o += 4) {
      bus_space_write_4(bar.tag, bar.handle, o, static_cast<std::uint32_t>(o));
    }
  }
  state.SetItemsProcessed(state.iterations() * 1024);
}

constexpr bus_size_t packet = 2048;

void dma_nothing(benchmark::State& state) {
  std::vector<std::byte> buffer(packet);
  for (auto _ : state) benchmark::DoNotOptimize(buffer.data());
}

void dma_load_sync_unload(benchmark::State& state) {
  ArenaDma dma({.size = std::size_t{16} << 20});
  const bus_dma_tag_t tag = dma_tag_create(dma, 0, UINT32_MAX);
  void* buffer = dma.allocate(packet);
  bus_dmamap_t map = nullptr;
  if (bus_dmamap_create(tag, packet, 1, packet, 0, BUS_DMA_NOWAIT, &map) != 0) std::abort();
  for (auto _ : state) {
    benchmark::DoNotOptimize(bus_dmamap_load(tag, map, buffer, packet, nullptr, BUS_DMA_NOWAIT));
    bus_dmamap_sync(tag, map, 0, packet, BUS_DMASYNC_PREWRITE);
    benchmark::DoNotOptimize(map->dm_segs[0].ds_addr);
    bus_dmamap_unload(tag, map);
  }
  bus_dmamap_destroy(tag, map);
  dma.release(buffer, packet);
  dma_tag_delete(tag);
}

void dma_bounced(benchmark::State& state) {
  ArenaDma dma({.size = std::size_t{16} << 20});
  const bus_dma_tag_t tag = dma_tag_create(dma, 0, UINT32_MAX);
  std::vector<std::byte> buffer(packet);
  bus_dmamap_t map = nullptr;
  if (bus_dmamap_create(tag, packet, 1, packet, 0, BUS_DMA_ALLOCNOW, &map) != 0) std::abort();
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        bus_dmamap_load(tag, map, buffer.data(), packet, nullptr, BUS_DMA_NOWAIT));
    bus_dmamap_sync(tag, map, 0, packet, BUS_DMASYNC_PREWRITE);
    bus_dmamap_unload(tag, map);
  }
  bus_dmamap_destroy(tag, map);
  dma_tag_delete(tag);
}

BENCHMARK(raw_read);
BENCHMARK(bus_read);
BENCHMARK(raw_write);
BENCHMARK(bus_write);
BENCHMARK(dma_nothing);
BENCHMARK(dma_load_sync_unload);
BENCHMARK(dma_bounced);

// Keeps the times, so that they can be set beside one another.
class Collect : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Iteration)
        times_[run.benchmark_name()] = run.GetAdjustedCPUTime();
    }
    ConsoleReporter::ReportRuns(runs);
  }
  [[nodiscard]] double time(const char* name) const {
    const auto it = times_.find(name);
    return it == times_.end() ? 0 : it->second;
  }

 private:
  std::map<std::string, double> times_;
};

void compare(const Collect& all, const char* name, const char* beside) {
  if (all.time(name) == 0 || all.time(beside) == 0) return;
  fmt::print("{:<24} beside {:<12} {:6.2f} times\n", name, beside,
             all.time(name) / all.time(beside));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  Collect all;
  benchmark::RunSpecifiedBenchmarks(&all);
  fmt::print("\n");
  compare(all, "bus_read", "raw_read");
  compare(all, "bus_write", "raw_write");
  compare(all, "dma_bounced", "dma_load_sync_unload");
  if (const double ns = all.time("dma_load_sync_unload"); ns != 0) {
    fmt::print("load, sync and unload of {} bytes: {:.1f} ns (limit 60)\n", packet, ns);
  }
  return 0;
}
