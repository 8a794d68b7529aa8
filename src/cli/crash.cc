// SPDX-License-Identifier: BSD-2-Clause
#include "cli/crash.h"

#include <fmt/format.h>
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#include <array>
#include <atomic>
#include <climits>
#include <csignal>
#include <string>
#include <utility>

#include "cli/command.h"
#include "kern/console.h"
#include "kern/lwp.h"
#include "kern/symbolize.h"
#include "netbsd/sys/device.h"
#include "os/fault.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

constexpr std::array<std::pair<int, const char*>, 5> caught{{{SIGSEGV, "SIGSEGV"},
                                                             {SIGBUS, "SIGBUS"},
                                                             {SIGFPE, "SIGFPE"},
                                                             {SIGILL, "SIGILL"},
                                                             {SIGABRT, "SIGABRT"}}};

const char* name_of(int number) noexcept {
  for (const auto& [signal, name] : caught) {
    if (signal == number) return name;
  }
  return "signal";
}

void write_error(std::string_view text) noexcept {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

bool faulted_by_access(int number) noexcept {
  return number == SIGSEGV || number == SIGBUS;
}

// What the handler found, for the thread that tells it: to look up names takes more stack and more
// of the C library than a handler has.
struct Crash {
  static constexpr std::size_t max_frames = 64;
  int number = 0;
  const void* address = nullptr;
  const void* at = nullptr;
  const void* caller = nullptr;  // only if `wild`
  bool wild = false;
  device_t device = nullptr;
  std::array<const void*, max_frames> frames{};
  std::size_t count = 0;
  std::atomic_flag taken = ATOMIC_FLAG_INIT;
  pthread_t thread{};
  sem_t ready{};
};

Crash& crash() noexcept {
  static Crash the_crash;
  return the_crash;
}

// Frames from the fault on: those above it are the signal's own.
_Unwind_Reason_Code visit(struct _Unwind_Context* context, void*) {
  Crash& c = crash();
  int before = 0;
  const void* pc = reinterpret_cast<const void*>(_Unwind_GetIPInfo(context, &before));
  if (c.count == 0 && pc != c.at) return _URC_NO_REASON;
  if (c.count == Crash::max_frames) return _URC_END_OF_STACK;
  c.frames[c.count++] = pc;
  return _URC_NO_REASON;
}

// The standard library's own frames, and what lies before the thread's first, say nothing.
void write_frame(unsigned& number, const void* pc, bool exact) {
  std::string text = exact ? kern::symbolize_exact(pc) : kern::symbolize(pc);
  if (pc == nullptr || text.find("std::") != std::string::npos) return;
  if (text.find(" in ") == std::string::npos) text += " in " + kern::object_at(pc);
  write_error(fmt::format("  #{} {}\n", number++, text));
}

void report() {
  const Crash& c = crash();
  const std::string where = c.wild ? kern::symbolize(c.caller) : kern::symbolize_exact(c.at);
  std::string text = "pupci: ";
  if (c.device != nullptr) text += fmt::format("{}: ", device_xname(c.device));
  text += name_of(c.number);
  if (c.wild) {
    text += fmt::format(": call of a wild pointer ({}), from {}", fmt::ptr(c.at), where);
  } else if (faulted_by_access(c.number)) {
    text += fmt::format(": access to {} in {}", fmt::ptr(c.address), where);
  } else {
    text += fmt::format(" in {}", where);
  }
  write_error(text + "\n");
  if (c.wild) write_error(fmt::format("  #0 {} in {}\n", where, kern::object_at(c.caller)));
  unsigned number = c.wild ? 1 : 0;
  for (std::size_t i = 0; i < c.count; ++i) write_frame(number, c.frames[i], i == 0 && !c.wild);
}

// What the report needs can be broken too, or its locks held: then it ends here.
void give_up(int) {
  write_error("pupci: no more can be said\n");
  ::_exit(crashed);
}

void on_crash(int number, siginfo_t* info, void* context) {
  Crash& c = crash();
  if (c.taken.test_and_set()) {
    // A crash within the report ends it; another thread's waits for the end of the process.
    if (pthread_equal(c.thread, pthread_self()) != 0) give_up(number);
    while (true) ::pause();
  }
  static constexpr unsigned report_seconds = 10;
  ::alarm(report_seconds);
  c.number = number;
  c.address = info->si_addr;
  c.at = os::program_counter(context);
  // After a call through a wild pointer that says nothing, but who called does.
  c.wild = faulted_by_access(number) && c.address == c.at;
  if (c.wild) c.caller = os::return_address(context);
  c.device = kern::current()->device;
  _Unwind_Backtrace(visit, nullptr);
  ::sem_post(&c.ready);
  while (true) ::pause();
}

// Waits in a thread of its own for the end of the process.
void* tell(void*) {
  Crash& c = crash();
  while (::sem_wait(&c.ready) != 0) continue;
  c.thread = pthread_self();
  kern::console_flush();
  report();
  ::_exit(crashed);
}

void start_teller() {
  ::sem_init(&crash().ready, 0, 0);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread{};
  const int error = ::pthread_create(&thread, &attributes, tell, nullptr);
  pthread_attr_destroy(&attributes);
  if (error != 0)
    throw Error(error, fmt::format("pthread_create: {}", std::generic_category().message(error)));
}

int warm_object(struct dl_phdr_info* info, std::size_t, void* wanted) {
  if (*static_cast<const std::string*>(wanted) != info->dlpi_name) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& segment = info->dlpi_phdr[i];
    if (segment.p_type == PT_LOAD && (segment.p_flags & PF_X) != 0) {
      kern::symbolize_warm(reinterpret_cast<const void*>(info->dlpi_addr + segment.p_vaddr));
      return 1;
    }
  }
  return 0;
}

// A stack that ran over cannot take the signal's frame; the main thread gets another one for it.
void provide_signal_stack() {
  static constexpr std::size_t size = std::size_t{256} << 10;
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  stack_t stack{};
  stack.ss_sp = memory;
  stack.ss_size = size;
  ::sigaltstack(&stack, nullptr);
}

}  // namespace

void install_crash_handler() {
  provide_signal_stack();
  start_teller();
  struct sigaction last{};
  last.sa_handler = give_up;
  ::sigaction(SIGALRM, &last, nullptr);
  struct sigaction action{};
  action.sa_sigaction = on_crash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigfillset(&action.sa_mask);
  for (const auto& [signal, name] : caught) {
    sigdelset(&action.sa_mask, signal);
    ::sigaction(signal, &action, nullptr);
  }
}

void prepare_crash_report(const std::string& path) {
  std::string wanted = path;
  dl_iterate_phdr(warm_object, &wanted);
}

}  // namespace pupci::cli
