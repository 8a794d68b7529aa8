// SPDX-License-Identifier: BSD-2-Clause
#include "kern/thread.h"

#include <dlfcn.h>
#include <fmt/core.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <system_error>

#include "kern/check.h"
#include "kern/self.h"
#include "kern/stack.h"
#include "os/process.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

// Under a sanitizer frames are larger, and its own variables of a thread lie there too. It may have
// come with a driver.
std::size_t stack_bytes() noexcept {
  static const bool watched = dlsym(RTLD_DEFAULT, "__asan_init") != nullptr ||
                              dlsym(RTLD_DEFAULT, "__tsan_init") != nullptr;
  return std::size_t{watched ? 1024U : 256U} << 10;
}

constexpr std::size_t guard_bytes = Dma::page_size;
constexpr std::size_t signal_stack_bytes = std::size_t{64} << 10;

constinit std::atomic<Dma*> stack_arena{nullptr};

std::byte* map_anonymous(std::size_t size) noexcept {
  void* const p = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return p == MAP_FAILED ? nullptr : static_cast<std::byte*>(p);
}

}  // namespace

void set_stack_arena(Dma* dma) noexcept {
  stack_arena = dma;
}

Stack allocate_stack() noexcept {
  const std::size_t size = stack_bytes() + guard_bytes;
  Stack stack{.dma = stack_arena, .size = size};
  stack.base = stack.dma != nullptr ? static_cast<std::byte*>(stack.dma->allocate(size))
                                    : map_anonymous(size);
  // Only our own view of the page is closed; a device's is as before. No guard is no disaster.
  if (stack.base != nullptr) (void)mprotect(stack.base, guard_bytes, PROT_NONE);
  return stack;
}

void release_stack(const Stack& stack) noexcept {
  if (stack.dma == nullptr) {
    munmap(stack.base, stack.size);
    return;
  }
  (void)mprotect(stack.base, guard_bytes, PROT_READ | PROT_WRITE);
  stack.dma->release(stack.base, stack.size);
}

struct Thread::Impl {
  Impl(std::string thread_name, std::function<void()> thread_body)
      : name(std::move(thread_name)), body(std::move(thread_body)) {}

  std::string name;
  std::function<void()> body;
  lwp thread;
  Stack stack;
  pthread_t handle{};
  bool joined = false;
  // A handler of SIGSEGV needs one when this thread has run out of stack.
  std::unique_ptr<std::byte[]> signal_stack = std::make_unique<std::byte[]>(signal_stack_bytes);

  static void* run(void* argument) noexcept;
  void start();
};

void* Thread::Impl::run(void* argument) noexcept {
  auto* const impl = static_cast<Impl*>(argument);
  thread_begins(&impl->thread);
  stack_t alternative{};
  alternative.ss_sp = impl->signal_stack.get();
  alternative.ss_size = signal_stack_bytes;
  sigaltstack(&alternative, nullptr);
  os::name_this_thread(impl->name.c_str());
  impl->body();
  if (impl->thread.spin_locks != 0 || impl->thread.kernel_locks != 0) {
    panic(fmt::format("thread \"{}\" ends with a lock held", impl->name));
  }
  thread_ends(&impl->thread);
  alternative.ss_flags = SS_DISABLE;
  sigaltstack(&alternative, nullptr);
  return nullptr;
}

void Thread::Impl::start() {
  stack = allocate_stack();
  if (stack.base == nullptr) {
    throw Error(ENOMEM, fmt::format("no memory for the stack of thread \"{}\"", name));
  }
  thread.name = name.c_str();
  thread.stack_base = stack.base + guard_bytes;
  thread.stack_size = stack.size - guard_bytes;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstack(&attributes, thread.stack_base, thread.stack_size);
  const int error = pthread_create(&handle, &attributes, &Impl::run, this);
  pthread_attr_destroy(&attributes);
  if (error == 0) return;
  release_stack(stack);
  throw Error(error,
              fmt::format("thread \"{}\": {}", name, std::generic_category().message(error)));
}

Thread::Thread(std::string name, std::function<void()> body)
    : impl_(std::make_unique<Impl>(std::move(name), std::move(body))) {
  impl_->start();
}

Thread::~Thread() {
  join();
}

void Thread::join() {
  if (impl_->joined) return;
  pthread_join(impl_->handle, nullptr);
  impl_->joined = true;
  release_stack(impl_->stack);
}

lwp* Thread::thread() noexcept {
  return &impl_->thread;
}

}  // namespace pupci::kern
