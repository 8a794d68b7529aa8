// SPDX-License-Identifier: BSD-2-Clause
// Lines are put together per thread and go out whole, so that what two threads print never mixes
// within a line.
#include "kern/console.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "netbsd/sys/reboot.h"

namespace pupci::kern {
namespace {

constexpr std::size_t message_buffer_size = std::size_t{256} << 10;
constexpr std::size_t longest_line = 4096;  // a longer one goes out in parts

enum Target : unsigned { to_console, to_buffer };

// What a thread has printed of a line that has not ended.
struct Pending {
  std::mutex mutex;  // taken before State::mutex
  std::array<std::string, 2> text;
};

struct State {
  std::mutex mutex;
  std::function<void(std::string_view)> sink;
  std::function<void(std::string_view)> tap;
  bool verbose = false;
  bool debug = false;
  bool quiet = false;
  std::deque<char> buffer;
  std::mutex pending_mutex;
  std::vector<std::shared_ptr<Pending>> pending;
};

// Immortal: threads and drivers print until the very end.
State& state() {
  static auto& the = *new State;
  return the;
}

void write_all(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) return;
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void emit(Target target, std::string_view text) {
  State& s = state();
  const std::scoped_lock lock(s.mutex);
  if (target == to_buffer) {
    s.buffer.insert(s.buffer.end(), text.begin(), text.end());
    if (s.buffer.size() > message_buffer_size) {
      s.buffer.erase(s.buffer.begin(), s.buffer.begin() +
                                           static_cast<std::ptrdiff_t>(s.buffer.size()) -
                                           static_cast<std::ptrdiff_t>(message_buffer_size));
    }
    return;
  }
  if (s.sink) {
    s.sink(text);
  } else {
    write_all(text);
  }
  if (s.tap) s.tap(text);
}

void flush(Pending& pending) {
  const std::scoped_lock lock(pending.mutex);
  for (const Target target : {to_buffer, to_console}) {
    if (!pending.text[target].empty()) emit(target, pending.text[target]);
    pending.text[target].clear();
  }
}

// Puts this thread on the list for its life.
class ThreadPending {
 public:
  ThreadPending() : pending_(std::make_shared<Pending>()) {
    const std::scoped_lock lock(state().pending_mutex);
    state().pending.push_back(pending_);
  }
  ~ThreadPending() {
    flush(*pending_);
    const std::scoped_lock lock(state().pending_mutex);
    std::erase(state().pending, pending_);
  }
  ThreadPending(const ThreadPending&) = delete;
  ThreadPending& operator=(const ThreadPending&) = delete;
  Pending& operator*() noexcept { return *pending_; }

 private:
  std::shared_ptr<Pending> pending_;
};

Pending& this_thread() {
  thread_local ThreadPending pending;
  return *pending;
}

void add(Pending& pending, Target target, std::string_view text) {
  const std::scoped_lock lock(pending.mutex);
  std::string& line = pending.text[target];
  const std::size_t newline = text.rfind('\n');
  if (newline != std::string_view::npos) {
    line += text.substr(0, newline + 1);
    emit(target, line);
    line.clear();
    text.remove_prefix(newline + 1);
  }
  line += text;
  if (line.size() > longest_line) {
    emit(target, line);
    line.clear();
  }
}

struct Destination {
  bool console;
  bool buffer;
};

Destination destination_of(Message kind) noexcept {
  const auto [verbose, debug, quiet] = console_verbosity();
  switch (kind) {
    case Message::normal:
      return {!quiet, true};
    case Message::naive:
      return {quiet, false};
    case Message::verbose:
      return {verbose && !quiet, true};
    case Message::debug:
      return {debug && !quiet, debug};
    case Message::error:
    case Message::log:
      break;
  }
  return {true, true};
}

}  // namespace

void console_write(Message kind, std::string_view text) noexcept {
  const auto [console, buffer] = destination_of(kind);
  console_write_to(text, console, buffer);
}

void console_write_to(std::string_view text, bool console, bool buffer) noexcept {
  try {
    Pending& mine = this_thread();
    if (buffer) add(mine, to_buffer, text);
    if (console) add(mine, to_console, text);
  } catch (...) {
    write_all(text);  // out of memory: better torn than lost
  }
}

void console_flush() noexcept {
  try {
    std::vector<std::shared_ptr<Pending>> all;
    {
      const std::scoped_lock lock(state().pending_mutex);
      all = state().pending;
    }
    for (const auto& pending : all) flush(*pending);
  } catch (...) {
    write_all("pupci: out of memory while printing\n");
  }
}

void set_console(std::function<void(std::string_view)> sink) {
  flush(this_thread());
  const std::scoped_lock lock(state().mutex);
  state().sink = std::move(sink);
}

void set_console_tap(std::function<void(std::string_view)> tap) {
  const std::scoped_lock lock(state().mutex);
  state().tap = std::move(tap);
}

void set_console_verbosity(bool verbose, bool debug, bool quiet) noexcept {
  State& s = state();
  const std::scoped_lock lock(s.mutex);
  s.verbose = verbose;
  s.debug = debug;
  s.quiet = quiet;
  boothowto = (verbose ? AB_VERBOSE : 0) | (debug ? AB_DEBUG : 0) | (quiet ? AB_QUIET : 0);
}

ConsoleVerbosity console_verbosity() noexcept {
  State& s = state();
  const std::scoped_lock lock(s.mutex);
  return {s.verbose, s.debug, s.quiet};
}

std::string message_buffer() {
  State& s = state();
  flush(this_thread());
  const std::scoped_lock lock(s.mutex);
  return {s.buffer.begin(), s.buffer.end()};
}

void message_buffer_clear() {
  flush(this_thread());
  const std::scoped_lock lock(state().mutex);
  state().buffer.clear();
}

}  // namespace pupci::kern
