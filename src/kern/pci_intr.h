// SPDX-License-Identifier: BSD-2-Clause
// Which interrupts of a function are enabled, and by which sources they are served: the ground of
// pci_intr(9) and pci_msi(9).
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kern/intr.h"
#include "netbsd/dev/pci/pcivar.h"
#include "pupci/function.h"

namespace pupci::kern {

// What a pci_intr_handle_t says.
struct Vector {
  pcitag_t tag = 0;
  InterruptType type = InterruptType::intx;
  unsigned number = 0;  // within the function; 0 for INTx
  bool mpsafe = false;

  [[nodiscard]] pci_intr_handle_t handle() const noexcept;
  static Vector of(pci_intr_handle_t handle) noexcept;
};

// What pci_intr_establish() returned.
struct Established {
  Vector vector;
  std::shared_ptr<InterruptSource> source;
  std::shared_ptr<Handler> handler;
};

// Of all functions of the running kernel. Thread-safe; context as the functions of pci_intr(9).
class InterruptRouter {
 public:
  // Enables `count` vectors of `type`. Interrupts that were only mapped give way; 0, EBUSY when
  // others are allocated or established, or what the host said.
  int enable(pci_chipset_tag_t chipset, pcitag_t tag, InterruptType type, unsigned count,
             bool allocate) noexcept;
  // The end of what enable() with `allocate` began. False if handlers are established still.
  bool release(pcitag_t tag) noexcept;

  // Throws pupci::Error; ENXIO when the vector is not enabled.
  std::unique_ptr<Established> establish(const Vector& vector, std::shared_ptr<Handler> handler);
  // False if it was not established.
  void disestablish(const Established& established, const void* caller);

  // "ioapic0 pin 23", "msi0 vec 0", "msix0 vec 3"; empty when it is not enabled.
  std::string title(const Vector& vector);
  const evcnt* counter(const Vector& vector);
  // Everything of a kernel that stops.
  void clear() noexcept;

  static InterruptRouter& instance();

 private:
  struct State {
    std::shared_ptr<Function> function;
    InterruptType type = InterruptType::intx;
    std::vector<std::shared_ptr<Interrupt>> interrupts;
    bool allocated = false;
    unsigned established = 0;
    unsigned index = 0;  // of "msix0"
    std::unique_ptr<Dispatcher> dispatcher;
    std::map<unsigned, std::shared_ptr<InterruptSource>> sources;  // MSI, by vector
  };
  // A line that has handlers, of whichever functions.
  struct Line {
    std::unique_ptr<Dispatcher> dispatcher;
    std::shared_ptr<InterruptSource> source;
  };
  struct Name {
    std::string group;
    std::string name;
  };

  [[nodiscard]] State* find(const Vector& vector);
  [[nodiscard]] unsigned free_index(InterruptType type) const;
  static Name name_of(const State& state, unsigned number);
  std::shared_ptr<InterruptSource> line_source(const State& state);
  std::shared_ptr<InterruptSource> vector_source(State& state, unsigned number);
  std::unique_ptr<Dispatcher> drop_source(const Established& established);

  std::mutex mutex_;
  std::map<pcitag_t, State> states_;
  std::map<const Interrupt*, Line> lines_;
};

}  // namespace pupci::kern
