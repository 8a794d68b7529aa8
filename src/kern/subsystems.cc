// SPDX-License-Identifier: BSD-2-Clause
#include "kern/subsystems.h"

#include <cstddef>
#include <iterator>

#include "kern/heap.h"
#include "kern/kernel.h"
#include "kern/pci_chipset.h"
#include "kern/pmf_event.h"
#include "kern/stack.h"

namespace pupci::kern {
namespace {

struct Subsystem {
  const char* name;
  void (*start)(Kernel& kernel);
  void (*stop)() noexcept;
};

// In order of start: memory, synchronisation, time, threads; then what drivers see of the machine;
// then what the outside sees of drivers.
constexpr Subsystem table[] = {
    {"heap", [](Kernel& kernel) { heap_attach(&kernel.bus().dma()); }, heap_detach},
    {"stacks", [](Kernel& kernel) { set_stack_arena(&kernel.bus().dma()); },
     []() noexcept { set_stack_arena(nullptr); }},
    {"kthread", [](Kernel& /*kernel*/) {}, kthread_stop},
    {"softclock", softclock_start, softclock_stop},
    {"softint", softint_start, softint_stop},
    {"xcall", xcall_start, xcall_stop},
    {"pci", [](Kernel& kernel) { pci_start(kernel.bus()); }, pci_stop},
    {"pci nodes", [](Kernel& /*kernel*/) { pci_node_start(); }, pci_node_stop},
    {"pmf", [](Kernel& /*kernel*/) {}, pmf_event_stop},
};

std::size_t started = 0;

}  // namespace

void subsystems_start(Kernel& kernel) {
  try {
    for (; started < std::size(table); started++) table[started].start(kernel);
  } catch (...) {
    subsystems_stop();
    throw;
  }
}

void subsystems_stop() noexcept {
  while (started > 0) table[--started].stop();
}

}  // namespace pupci::kern
