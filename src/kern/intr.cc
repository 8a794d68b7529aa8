// SPDX-License-Identifier: BSD-2-Clause
#include "kern/intr.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "kern/check.h"
#include "kern/console.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/symbolize.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

constexpr unsigned storm = 1000;  // level interrupts in a row that nobody claims

// Of the source that this thread serves, if it is a dispatcher in service.
thread_local const InterruptSource* serving;

int call(const Handler& handler) noexcept {
  const KernelLock lock(!handler.mpsafe);
  const ContextScope scope(Context::interrupt, handler.device, handler.ipl,
                           reinterpret_cast<const void*>(handler.function));
#ifdef PUPCI_DEBUG
  const lwp& self = *current();
  const unsigned spin_locks = self.spin_locks;
#endif
  const int claimed = handler.function(handler.argument);
#ifdef PUPCI_DEBUG
  const void* function = reinterpret_cast<const void*>(handler.function);
  if (self.ipl != handler.ipl) {
    violation(fmt::format("interrupt handler of {} returned at IPL {}, was called at {}",
                          handler.name, self.ipl, handler.ipl),
              function);
  }
  if (self.spin_locks != spin_locks) {
    violation(fmt::format("interrupt handler of {} returned with a spin mutex held", handler.name),
              function);
  }
#endif
  return claimed;
}

}  // namespace

InterruptSource::InterruptSource(std::shared_ptr<Interrupt> interrupt, std::string group,
                                 std::string name)
    : interrupt_(std::move(interrupt)), group_(std::move(group)), name_(std::move(name)) {
  // It goes with the vectors, which are the driver's; the counter is not.
  const ContextScope nobody(current()->context, nullptr, current()->ipl);
  evcnt_attach_dynamic(&counter_, EVCNT_TYPE_INTR, nullptr, group_.c_str(), name_.c_str());
}

InterruptSource::~InterruptSource() {
  evcnt_detach(&counter_);
}

void InterruptSource::add(std::shared_ptr<Handler> handler) {
  const std::scoped_lock lock(mutex_);
  auto chain = std::make_shared<Chain>(*chain_);
  chain->push_back(std::move(handler));
  chain_ = std::move(chain);
  unclaimed_ = 0;
  interrupt_->unmask();  // also one that a storm masked: it has a new chance
}

bool InterruptSource::remove(const Handler* handler, const void* caller) {
  if (serving != this) check_sleepable("pci_intr_disestablish", caller);
  std::unique_lock lock(mutex_);
  auto chain = std::make_shared<Chain>(*chain_);
  const auto it = std::find_if(chain->begin(), chain->end(),
                               [handler](const auto& each) { return each.get() == handler; });
  if (it == chain->end()) return false;
  if (serving == this) {
    lock.unlock();
    violation(fmt::format("pci_intr_disestablish: {}: called from a handler of it, for which it "
                          "would wait for ever",
                          title()),
              caller);
  }
  chain->erase(it);
  if (chain->empty()) interrupt_->mask();
  chain_ = std::move(chain);
  unclaimed_ = 0;
  if (!in_service_) return true;
  // The handler may need the kernel lock to come to its end.
  lock.unlock();
  const unsigned held = kernel_unlock_all();
  lock.lock();
  const std::uint64_t service = services_;
  served_.wait(lock, [&] { return !in_service_ || services_ != service; });
  lock.unlock();
  if (held != 0) kernel_lock(held);
  return true;
}

bool InterruptSource::empty() const {
  const std::scoped_lock lock(mutex_);
  return chain_->empty();
}

bool InterruptSource::call_all(const Chain& chain) noexcept {
  bool claimed = false;
  for (const auto& handler : chain) claimed = call(*handler) != 0 || claimed;
  return claimed;
}

void InterruptSource::count_unclaimed(const Chain& chain) noexcept try {
  if (unclaimed_.fetch_add(1, std::memory_order_relaxed) + 1 != storm) return;
  interrupt_->mask();
  std::vector<std::string_view> names;
  names.reserve(chain.size());
  for (const auto& handler : chain) names.emplace_back(handler->name);
  console_write(Message::error,
                fmt::format("{}: masked after {} interrupts in a row that none of its handlers "
                            "claimed ({})\n",
                            title(), storm, fmt::join(names, ", ")));
} catch (...) {
  return;  // masked without a word, for want of memory
}

void InterruptSource::service() noexcept {
  std::shared_ptr<const Chain> chain;
  {
    const std::scoped_lock lock(mutex_);
    if (interrupt_->take() == 0) return;
    chain = chain_;
    in_service_ = true;
    services_++;
  }
  serving = this;
  __atomic_fetch_add(&counter_.ev_count, 1, __ATOMIC_RELAXED);
  const bool claimed = call_all(*chain);
  if (interrupt_->type() == InterruptType::intx) {
    if (claimed) {
      unclaimed_.store(0, std::memory_order_relaxed);
    } else if (!chain->empty()) {
      count_unclaimed(*chain);
    }
  }
  interrupt_->acknowledge();
  serving = nullptr;
  {
    const std::scoped_lock lock(mutex_);
    in_service_ = false;
  }
  served_.notify_all();
}

Dispatcher::Dispatcher(const std::string& name)
    : wake_(poller_.good() ? ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1) {
  const int error = wake_ ? poller_.add(wake_.get()) : errno;
  if (error != 0) {
    throw Error(error, fmt::format("{}: no descriptors for its interrupt thread: {}", name,
                                   std::generic_category().message(error)));
  }
  thread_ = std::make_unique<Thread>(name, [this] { run(); });
}

Dispatcher::~Dispatcher() {
  const std::uint64_t one = 1;
  (void)!::write(wake_.get(), &one, sizeof one);
  thread_.reset();
}

void Dispatcher::add(const std::shared_ptr<InterruptSource>& source) {
  const int fd = source->interrupt().fd();
  {
    const std::scoped_lock lock(mutex_);
    sources_[fd] = source;
  }
  if (const int error = poller_.add(fd)) {
    const std::scoped_lock lock(mutex_);
    sources_.erase(fd);
    throw Error(error, fmt::format("{}: cannot be waited for: {}", source->title(),
                                   std::generic_category().message(error)));
  }
}

void Dispatcher::remove(const InterruptSource& source) noexcept {
  const std::scoped_lock lock(mutex_);
  for (auto it = sources_.begin(); it != sources_.end(); ++it) {
    if (it->second.get() != &source) continue;
    poller_.remove(it->first);
    sources_.erase(it);
    return;
  }
}

std::shared_ptr<InterruptSource> Dispatcher::find(int fd) {
  const std::scoped_lock lock(mutex_);
  const auto it = sources_.find(fd);
  return it == sources_.end() ? nullptr : it->second;
}

void Dispatcher::run() noexcept {
  std::array<int, 32> ready;
  for (;;) {
    const int count = poller_.wait(ready);
    for (int i = 0; i < count; i++) {
      const int fd = ready[static_cast<std::size_t>(i)];
      if (fd == wake_.get()) return;
      const auto source = find(fd);
      if (source != nullptr) source->service();
    }
    if (count < 0 && errno != EINTR) return;
  }
}

}  // namespace pupci::kern
