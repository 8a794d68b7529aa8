// SPDX-License-Identifier: BSD-2-Clause
// percpu(9). All threads share the one processor that drivers see, but run truly at once; so there
// are several copies, and a thread that takes a reference takes one that nobody else has.
#include "netbsd/sys/percpu.h"

#include <fmt/format.h>

#include <array>
#include <mutex>
#include <thread>
#include <vector>

#include "kern/check.h"
#include "kern/heap.h"
#include "kern/track.h"
#include "netbsd/sys/cpu.h"

struct percpu {
  std::size_t size;
  std::size_t stride;
  std::byte* copies;
  percpu_callback_t destroy;
  void* cookie;
};

namespace {

using pupci::kern::Kind;
using pupci::kern::Owner;
using pupci::kern::violation;

// More than threads that are likely to be between getref and putref at once: who finds all taken
// waits for one of them.
constexpr unsigned copy_count = 16;

struct Processor {
  alignas(64) std::mutex mutex;
  cpu_info info{};
};

std::array<Processor, copy_count>& processors() {
  static auto& all = []() -> std::array<Processor, copy_count>& {
    auto& fresh = *new std::array<Processor, copy_count>;
    for (unsigned i = 0; i < copy_count; ++i) fresh[i].info.ci_index = i;
    return fresh;
  }();
  return all;
}

// The processor this thread is on, and how many references keep it there.
thread_local unsigned this_processor = 0;
thread_local unsigned references = 0;

void take_processor() noexcept {
  auto& all = processors();
  for (;;) {
    for (unsigned i = 0; i < copy_count; ++i) {  // where it was last is warm
      const unsigned candidate = (this_processor + i) % copy_count;
      if (all[candidate].mutex.try_lock()) {
        this_processor = candidate;
        return;
      }
    }
    std::this_thread::yield();
  }
}

std::byte* copy_of(const percpu* object, unsigned index) noexcept {
  return object->copies + index * object->stride;
}

percpu* create(std::size_t size, percpu_callback_t construct, percpu_callback_t destroy,
               void* cookie, const void* caller) {
  if (size == 0) violation("percpu_alloc: size 0", caller);
  pupci::kern::check_sleepable("percpu_alloc", caller);
  const std::size_t stride = (size + 63) / 64 * 64;
  void* copies = pupci::kern::heap_allocate(stride * copy_count, Owner::kernel, caller, true, 64);
  if (copies == nullptr) {
    violation(fmt::format("percpu_alloc: no {} bytes of kernel memory left", stride * copy_count),
              caller);
  }
  auto* object = new percpu{size, stride, static_cast<std::byte*>(copies), destroy, cookie};
  pupci::kern::track(Kind::percpu, object, size, caller);
  if (construct != nullptr) percpu_foreach(object, construct, cookie);
  return object;
}

}  // namespace

percpu_t* percpu_alloc(size_t size) {
  return create(size, nullptr, nullptr, nullptr, __builtin_return_address(0));
}

percpu_t* percpu_create(size_t size, percpu_callback_t construct, percpu_callback_t destroy,
                        void* cookie) {
  return create(size, construct, destroy, cookie, __builtin_return_address(0));
}

void percpu_free(percpu_t* object, size_t size) {
  const void* caller = __builtin_return_address(0);
  if (!pupci::kern::untrack(Kind::percpu, object)) {
    violation(fmt::format("percpu_free: {} is no percpu object, or was freed", fmt::ptr(object)),
              caller);
  }
  if (size != object->size) {
    violation(fmt::format("percpu_free: {} has {} bytes, but size {} is given", fmt::ptr(object),
                          object->size, size),
              caller);
  }
  if (object->destroy != nullptr) percpu_foreach(object, object->destroy, object->cookie);
  pupci::kern::heap_free(object->copies, pupci::kern::any_size, Owner::kernel, caller,
                         "percpu_free");
  delete object;
}

void* percpu_getref(percpu_t* object) {
  if (references++ == 0) take_processor();
  return copy_of(object, this_processor);
}

void percpu_putref(percpu_t*) {
  if (references == 0)
    violation("percpu_putref: without percpu_getref", __builtin_return_address(0));
  if (--references == 0) processors()[this_processor].mutex.unlock();
}

void percpu_foreach(percpu_t* object, percpu_callback_t function, void* argument) {
  for (unsigned i = 0; i < copy_count; ++i) {
    function(copy_of(object, i), argument, &processors()[i].info);
  }
}

// On each processor, so not while somebody else is there.
void percpu_foreach_xcall(percpu_t* object, u_int, percpu_callback_t function, void* argument) {
  pupci::kern::check_sleepable("percpu_foreach_xcall", __builtin_return_address(0));
  for (unsigned i = 0; i < copy_count; ++i) {
    const std::scoped_lock lock(processors()[i].mutex);
    function(copy_of(object, i), argument, &processors()[i].info);
  }
}
