// SPDX-License-Identifier: BSD-2-Clause
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "kern/console.h"
#include "kern/pci_chipset.h"
#include "kern/pci_intr.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

// A handle: two bits of type, MPSAFE, a bit that is always set, 12 of vector, the rest tag.
constexpr pci_intr_handle_t handle_mpsafe = 4;
constexpr pci_intr_handle_t handle_valid = 8;

}  // namespace

pci_intr_handle_t Vector::handle() const noexcept {
  return (tag << 16) | (static_cast<pci_intr_handle_t>(number) << 4) | handle_valid |
         (mpsafe ? handle_mpsafe : 0) | static_cast<pci_intr_handle_t>(type);
}

Vector Vector::of(pci_intr_handle_t handle) noexcept {
  Vector vector;
  vector.tag = handle >> 16;
  vector.number = static_cast<unsigned>((handle >> 4) & 0xfff);
  vector.mpsafe = (handle & handle_mpsafe) != 0;
  vector.type = static_cast<InterruptType>(handle & 3);
  return vector;
}

InterruptRouter& InterruptRouter::instance() {
  static auto& router = *new InterruptRouter;
  return router;
}

unsigned InterruptRouter::free_index(InterruptType type) const {
  for (unsigned index = 0;; index++) {
    const bool taken = std::any_of(states_.begin(), states_.end(), [&](const auto& each) {
      return each.second.type == type && each.second.index == index &&
             !each.second.interrupts.empty();
    });
    if (!taken) return index;
  }
}

int InterruptRouter::enable(pci_chipset_tag_t chipset, pcitag_t tag, InterruptType type,
                            unsigned count, bool allocate) noexcept try {
  const std::scoped_lock lock(mutex_);
  State& state = states_[tag];
  if (!state.interrupts.empty()) {
    if (!allocate && state.type == type && state.interrupts.size() == count) return 0;
    if (state.allocated || state.established != 0) return EBUSY;
    state.function->disable_interrupts();
    state.interrupts.clear();
  }
  if (state.function == nullptr) state.function = chipset->find(tag);
  if (state.function == nullptr) return ENXIO;
  state.interrupts = state.function->enable_interrupts(type, count);
  state.index = free_index(type);
  state.type = type;
  state.allocated = allocate;
  return 0;
} catch (const Error& error) {
  console_write(Message::debug, fmt::format("pci_intr: {}\n", error.what()));
  return error.errnum();
} catch (...) {
  return ENOMEM;
}

bool InterruptRouter::release(pcitag_t tag) noexcept {
  const std::scoped_lock lock(mutex_);
  const auto it = states_.find(tag);
  if (it == states_.end()) return true;
  State& state = it->second;
  if (state.established != 0) return false;
  if (!state.interrupts.empty()) state.function->disable_interrupts();
  states_.erase(it);
  return true;
}

InterruptRouter::State* InterruptRouter::find(const Vector& vector) {
  const auto it = states_.find(vector.tag);
  if (it == states_.end()) return nullptr;
  State& state = it->second;
  const bool enabled = state.type == vector.type && vector.number < state.interrupts.size();
  return enabled ? &state : nullptr;
}

InterruptRouter::Name InterruptRouter::name_of(const State& state, unsigned number) {
  switch (state.type) {
    case InterruptType::intx:
      return {"ioapic0", fmt::format("pin {}", state.interrupts[0]->number())};
    case InterruptType::msi:
      return {fmt::format("msi{}", state.index), fmt::format("vec {}", number)};
    case InterruptType::msix:
      return {fmt::format("msix{}", state.index), fmt::format("vec {}", number)};
  }
  return {};
}

// Lines are shared between functions, and so are their threads and handlers.
std::shared_ptr<InterruptSource> InterruptRouter::line_source(const State& state) {
  const auto& interrupt = state.interrupts[0];
  Line& line = lines_[interrupt.get()];
  if (line.source == nullptr) {
    const Name name = name_of(state, 0);
    try {
      line.source = std::make_shared<InterruptSource>(interrupt, name.group, name.name);
      line.dispatcher = std::make_unique<Dispatcher>(line.source->title());
      line.dispatcher->add(line.source);
    } catch (...) {
      lines_.erase(interrupt.get());
      throw;
    }
  }
  return line.source;
}

std::shared_ptr<InterruptSource> InterruptRouter::vector_source(State& state, unsigned number) {
  const auto it = state.sources.find(number);
  if (it != state.sources.end()) return it->second;
  const Name name = name_of(state, number);
  if (state.dispatcher == nullptr) state.dispatcher = std::make_unique<Dispatcher>(name.group);
  auto source = std::make_shared<InterruptSource>(state.interrupts[number], name.group, name.name);
  state.dispatcher->add(source);
  state.sources[number] = source;
  return source;
}

std::unique_ptr<Established> InterruptRouter::establish(const Vector& vector,
                                                        std::shared_ptr<Handler> handler) {
  const std::scoped_lock lock(mutex_);
  State* state = find(vector);
  if (state == nullptr) {
    throw Error(ENXIO, fmt::format("pci_intr_establish: {} of {} is not allocated",
                                   to_string(vector.type), to_string(tag_address(vector.tag))));
  }
  auto source = vector.type == InterruptType::intx ? line_source(*state)
                                                   : vector_source(*state, vector.number);
  auto established = std::make_unique<Established>(Established{vector, source, handler});
  source->add(std::move(handler));
  state->established++;
  return established;
}

// Takes a source without handlers out of its dispatcher; the dispatcher too when nothing is left
// for it, for the caller to end without our lock.
std::unique_ptr<Dispatcher> InterruptRouter::drop_source(const Established& established) {
  if (!established.source->empty()) return nullptr;
  if (established.vector.type == InterruptType::intx) {
    const auto it = lines_.find(&established.source->interrupt());
    if (it == lines_.end()) return nullptr;
    auto dispatcher = std::move(it->second.dispatcher);
    lines_.erase(it);
    return dispatcher;
  }
  State& state = states_[established.vector.tag];
  if (state.dispatcher != nullptr) state.dispatcher->remove(*established.source);
  state.sources.erase(established.vector.number);
  return state.sources.empty() ? std::move(state.dispatcher) : nullptr;
}

void InterruptRouter::disestablish(const Established& established, const void* caller) {
  // Without our lock: it waits for handlers, and they may call us.
  established.source->remove(established.handler.get(), caller);
  std::unique_ptr<Dispatcher> ended;
  {
    const std::scoped_lock lock(mutex_);
    ended = drop_source(established);
    const auto it = states_.find(established.vector.tag);
    if (it == states_.end()) return;
    State& state = it->second;
    state.established--;
    if (state.established == 0 && !state.allocated) {
      state.function->disable_interrupts();
      states_.erase(it);
    }
  }
}

std::string InterruptRouter::title(const Vector& vector) {
  const std::scoped_lock lock(mutex_);
  const State* state = find(vector);
  if (state == nullptr) return {};
  const Name name = name_of(*state, vector.number);
  return name.group + " " + name.name;
}

const evcnt* InterruptRouter::counter(const Vector& vector) {
  const std::scoped_lock lock(mutex_);
  State* state = find(vector);
  if (state == nullptr) return nullptr;
  if (vector.type == InterruptType::intx) {
    const auto it = lines_.find(state->interrupts[0].get());
    return it == lines_.end() ? nullptr : it->second.source->counter();
  }
  const auto it = state->sources.find(vector.number);
  return it == state->sources.end() ? nullptr : it->second->counter();
}

void InterruptRouter::clear() noexcept {
  std::map<pcitag_t, State> states;
  std::map<const Interrupt*, Line> lines;
  {
    const std::scoped_lock lock(mutex_);
    states.swap(states_);
    lines.swap(lines_);
  }
  for (auto& [interrupt, line] : lines) line.dispatcher.reset();
  for (auto& [tag, state] : states) {
    state.dispatcher.reset();
    if (!state.interrupts.empty()) state.function->disable_interrupts();
  }
}

}  // namespace pupci::kern
