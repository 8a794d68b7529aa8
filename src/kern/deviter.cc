// SPDX-License-Identifier: BSD-2-Clause
// Iteration over all devices, deviter(9): over those that were there at its start, less those that
// are detached meanwhile.
#include <algorithm>

#include "kern/device_impl.h"

using namespace pupci::kern::autoconf;

namespace {

struct Iteration {
  std::vector<device_t> devices;
  std::size_t next = 0;
};

}  // namespace

void deviter_init(deviter_t* di, deviter_flags_t flags) {
  auto iteration = std::make_unique<Iteration>();
  {
    const std::scoped_lock lock(state().mutex);
    state().iterators++;
    iteration->devices = state().devices;
  }
  auto& devices = iteration->devices;
  if ((flags & DEVITER_F_LEAVES_FIRST) != 0) {
    std::stable_sort(devices.begin(), devices.end(),
                     [](device_t a, device_t b) { return a->depth > b->depth; });
  } else if ((flags & DEVITER_F_ROOT_FIRST) != 0) {
    std::stable_sort(devices.begin(), devices.end(),
                     [](device_t a, device_t b) { return a->depth < b->depth; });
  }
  di->di_flags = flags;
  di->di_opaque = iteration.release();
}

device_t deviter_first(deviter_t* di, deviter_flags_t flags) {
  deviter_init(di, flags);
  return deviter_next(di);
}

device_t deviter_next(deviter_t* di) {
  auto* iteration = static_cast<Iteration*>(di->di_opaque);
  const std::scoped_lock lock(state().mutex);
  while (iteration->next < iteration->devices.size()) {
    const device_t dev = iteration->devices[iteration->next++];
    if (!dev->gone) return dev;
  }
  return nullptr;
}

void deviter_release(deviter_t* di) {
  delete static_cast<Iteration*>(di->di_opaque);
  di->di_opaque = nullptr;
  {
    const std::scoped_lock lock(state().mutex);
    state().iterators--;
  }
  bury();
}
