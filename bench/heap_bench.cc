// SPDX-License-Identifier: BSD-2-Clause
// Kernel memory beside malloc of the C library.
#include <array>
#include <cstddef>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "netbsd/sys/kmem.h"
#include "netbsd/sys/malloc.h"
#include "netbsd/sys/pool.h"
#include "ratio.h"

namespace {

struct Libc {
  static void* allocate(std::size_t size) { return std::malloc(size); }  // NOLINT
  static void release(void* p, std::size_t) { std::free(p); }            // NOLINT
};

struct Kmem {
  static void* allocate(std::size_t size) { return kmem_alloc(size, KM_SLEEP); }
  static void release(void* p, std::size_t size) { kmem_free(p, size); }
};

struct Malloc {
  static void* allocate(std::size_t size) { return kern_malloc(size, M_DEVBUF, M_WAITOK); }
  static void release(void* p, std::size_t) { kern_free(p, M_DEVBUF); }
};

// One object, again and again.
template <typename Allocator>
void pair(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    void* p = Allocator::allocate(size);
    benchmark::DoNotOptimize(p);
    Allocator::release(p, size);
  }
}

// A driver at work: many objects of many sizes, freed in another order.
template <typename Allocator>
void mixed(benchmark::State& state) {
  constexpr std::size_t live = 1024;
  std::mt19937 random(1);
  std::vector<std::size_t> sizes(live * 4);
  std::vector<std::size_t> places(live * 4);
  for (std::size_t& size : sizes) size = 16 + random() % 2000;
  for (std::size_t& place : places) place = random() % live;
  struct Object {
    void* p;
    std::size_t size;
  };
  std::array<Object, live> objects{};
  std::size_t i = 0;
  for (auto _ : state) {
    Object& object = objects[places[i]];
    if (object.p != nullptr) Allocator::release(object.p, object.size);
    object = {Allocator::allocate(sizes[i]), sizes[i]};
    i = (i + 1) % sizes.size();
  }
  for (const Object& object : objects) {
    if (object.p != nullptr) Allocator::release(object.p, object.size);
  }
}

void cache_get_put(benchmark::State& state) {
  static pool_cache_t cache = pool_cache_init(static_cast<std::size_t>(state.range(0)), 0, 0, 0,
                                              "bench", nullptr, 0, nullptr, nullptr, nullptr);
  for (auto _ : state) {
    void* p = pool_cache_get(cache, PR_NOWAIT);
    benchmark::DoNotOptimize(p);
    pool_cache_put(cache, p);
  }
}

void pool_get_put(benchmark::State& state) {
  struct pool items{};
  pool_init(&items, static_cast<std::size_t>(state.range(0)), 0, 0, 0, "bench", nullptr, 0);
  for (auto _ : state) {
    void* p = pool_get(&items, PR_NOWAIT);
    benchmark::DoNotOptimize(p);
    pool_put(&items, p);
  }
  pool_destroy(&items);
}

BENCHMARK(pair<Libc>)->Name("libc_pair")->Arg(256);
BENCHMARK(pair<Kmem>)->Name("kmem_pair")->Arg(256);
BENCHMARK(pair<Malloc>)->Name("malloc9_pair")->Arg(256);
BENCHMARK(pool_get_put)->Arg(256);
BENCHMARK(cache_get_put)->Arg(256);
BENCHMARK(pair<Libc>)->Name("libc_page")->Arg(4096);
BENCHMARK(pair<Kmem>)->Name("kmem_page")->Arg(4096);
BENCHMARK(mixed<Libc>)->Name("libc_mixed");
BENCHMARK(mixed<Kmem>)->Name("kmem_mixed");
BENCHMARK(mixed<Libc>)->Name("libc_mixed_2threads")->Threads(2);
BENCHMARK(mixed<Kmem>)->Name("kmem_mixed_2threads")->Threads(2);

}  // namespace

int main(int argc, char** argv) {
  return pupci::bench::run(argc, argv,
                           {{"kmem_pair", "libc_pair"},
                            {"malloc9_pair", "libc_pair"},
                            {"pool_get_put", "libc_pair"},
                            {"cache_get_put", "libc_pair"},
                            {"kmem_page", "libc_page"},
                            {"kmem_mixed", "libc_mixed"},
                            {"kmem_mixed_2threads", "libc_mixed_2threads"}});
}
