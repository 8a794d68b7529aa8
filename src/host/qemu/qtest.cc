// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/qtest.h"

#include <fmt/format.h>
#include <sys/epoll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <thread>
#include <utility>

#include "host/qemu/sys.h"

namespace pupci::qemu {
namespace {

// More unanswered writes than this are waited for: QEMU stands still while the pipe is full.
constexpr std::size_t most_owed = 256;
// QEMU has enough to do with so many; more are gathered, up to what it reads at a time.
constexpr std::size_t busy = 16;
constexpr std::size_t most_gathered_bytes = 1024;

constexpr std::uint64_t all_ones = ~std::uint64_t{0};

// The letter of an access width in command names; ports have no 'q'.
char letter(unsigned width) {
  switch (width) {
    case 1:
      return 'b';
    case 2:
      return 'w';
    case 4:
      return 'l';
    default:
      return 'q';
  }
}

// A command line, built without allocating.
class Line {
 public:
  void read(Space space, std::uint64_t address, unsigned width) {
    end_ =
        space == Space::io
            ? fmt::format_to_n(text_, sizeof text_, "in{} {:#x}\n", letter(width), address).out
            : fmt::format_to_n(text_, sizeof text_, "read{} {:#x}\n", letter(width), address).out;
  }
  void write(Space space, std::uint64_t address, unsigned width, std::uint64_t value) {
    const char* verb = space == Space::io ? "out" : "write";
    end_ = fmt::format_to_n(text_, sizeof text_, "{}{} {:#x} {:#x}\n", verb, letter(width), address,
                            value)
               .out;
  }
  [[nodiscard]] std::string_view view() const {
    return {text_, static_cast<std::size_t>(end_ - text_)};
  }

 private:
  char text_[80];
  char* end_ = text_;
};

std::uint64_t mask(unsigned width) {
  return width >= 8 ? all_ones : (std::uint64_t{1} << (8 * width)) - 1;
}

// The number in "OK 0x..."; all ones in anything else.
std::uint64_t parse_value(std::string_view answer, unsigned width) {
  constexpr std::string_view prefix = "OK 0x";
  std::uint64_t value = 0;
  if (!answer.starts_with(prefix)) return mask(width);
  const auto result =
      std::from_chars(answer.data() + prefix.size(), answer.data() + answer.size(), value, 16);
  return result.ec == std::errc{} ? value & mask(width) : mask(width);
}

}  // namespace

// Holds the lock, and keeps the watcher from waking for answers that this thread waits for itself.
class Qtest::Transaction {
 public:
  explicit Transaction(Qtest& transport) : transport_(transport), lock_(transport.mutex_) {
    transport_.arm(false);
  }
  ~Transaction() {
    transport_.settle();
    transport_.arm(true);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

 private:
  Qtest& transport_;
  std::scoped_lock<std::mutex> lock_;
};

Qtest::Qtest(Channel channel, LineSink on_line, EndSink on_end, bool trace)
    : channel_(std::move(channel)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      on_line_(std::move(on_line)),
      on_end_(std::move(on_end)),
      trace_(trace) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLONESHOT;
  if (!epoll_ || ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, channel_.fd(), &event) != 0) {
    throw_errno("epoll");
  }
}

Qtest::~Qtest() = default;

std::uint64_t Qtest::read(Space space, std::uint64_t address, unsigned width) noexcept {
  if (lost()) return mask(width);
  const Transaction transaction(*this);
  return read_locked(space, address, width);
}

std::uint64_t Qtest::read_locked(Space space, std::uint64_t address, unsigned width) noexcept {
  if (space == Space::io && width == 8) {
    const std::uint64_t low = read_locked(space, address, 4);
    return low | read_locked(space, address + 4, 4) << 32;
  }
  Line line;
  line.read(space, address, width);
  std::string_view answer;
  if (!send_now(line.view()) || !wait_answer(answer)) return mask(width);
  return parse_value(answer, width);
}

void Qtest::write(Space space, std::uint64_t address, unsigned width,
                  std::uint64_t value) noexcept {
  if (lost()) return;
  const std::scoped_lock lock(mutex_);
  write_locked(space, address, width, value);
}

void Qtest::write_locked(Space space, std::uint64_t address, unsigned width,
                         std::uint64_t value) noexcept {
  if (space == Space::io && width == 8) {
    write_locked(space, address, 4, value & mask(4));
    write_locked(space, address + 4, 4, value >> 32);
    return;
  }
  Line line;
  line.write(space, address, width, value & mask(width));
  post_locked(line.view());
}

// Sends a command that answers a bare "OK", now or soon.
void Qtest::post_locked(std::string_view line) noexcept {
  output_.append(line);
  owed_++;
  gathered_++;
  if (owed_ - gathered_ < busy) {
    send_gathered();
  } else if (output_.size() >= most_gathered_bytes) {
    if (send_gathered() && receive(false)) settle();
    if (owed_ >= most_owed && collect(most_owed / 2)) settle();
  }
}

void Qtest::read_block(Space space, std::uint64_t address, unsigned width, unsigned step, void* to,
                       std::size_t count) noexcept {
  auto* out = static_cast<std::byte*>(to);
  const auto store = [&](std::uint64_t value) {
    std::memcpy(out, &value, width);
    out += width;
  };
  if (lost() || (space == Space::io && width == 8)) {
    for (; count > 0; count--, address += step) store(read(space, address, width));
    return;
  }
  const Transaction transaction(*this);
  while (count > 0) {
    const std::size_t batch = std::min<std::size_t>(count, most_owed / 4);
    fmt::memory_buffer lines;
    for (std::size_t i = 0; i < batch; i++, address += step) {
      Line line;
      line.read(space, address, width);
      lines.append(line.view());
    }
    bool well = send_now({lines.data(), lines.size()}) && collect(0);
    for (std::size_t i = 0; i < batch; i++) {
      std::string_view answer;
      well = well && next_answer(answer);
      store(well ? parse_value(answer, width) : mask(width));
    }
    count -= batch;
  }
}

void Qtest::flush() noexcept {
  if (lost()) return;
  const Transaction transaction(*this);
  // Also takes the notices that a timer or a thread of QEMU's sent by itself.
  if (collect(0)) receive(false);
}

bool Qtest::command(std::string_view line, std::string* answer) noexcept {
  const Transaction transaction(*this);
  fmt::memory_buffer text;
  text.append(line);
  text.push_back('\n');
  std::string_view got;
  if (!send_now({text.data(), text.size()}) || !wait_answer(got) || !got.starts_with("OK")) {
    return false;
  }
  if (answer != nullptr) *answer = got.size() > 3 ? got.substr(3) : std::string_view{};
  return true;
}

bool Qtest::service() noexcept {
  const std::scoped_lock lock(mutex_);
  if (!receive(false)) return false;
  settle();
  if (owed_ - gathered_ < busy && !send_gathered()) return false;
  if (owed_ > 0) return true;
  arm(true);
  return false;
}

void Qtest::close() noexcept {
  channel_.close();  // whoever waits there has the lock
  const std::scoped_lock lock(mutex_);
  lost_.store(true, std::memory_order_release);
  on_line_ = nullptr;
  on_end_ = nullptr;
}

// False when the connection is lost.
bool Qtest::send_gathered() noexcept {
  if (gathered_ == 0) return !lost();
  gathered_ = 0;
  const bool well = send(output_);
  output_.clear();
  return well;
}

// Sends `data` behind what was gathered. False when the connection is lost.
bool Qtest::send_now(std::string_view data) noexcept {
  if (gathered_ == 0) return send(data);
  output_.append(data);
  return send_gathered();
}

// False when the connection is lost.
bool Qtest::send(std::string_view data) noexcept {
  if (trace_) trace('>', data);
  while (!data.empty()) {
    if (lost()) return false;
    const ssize_t sent = channel_.send(data);
    if (sent >= 0) {
      data.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      // QEMU may stand still until its answers are taken, so look at both directions.
      if (!channel_.wait(true) || !receive(false)) {
        lose();
        return false;
      }
    } else if (errno != EINTR) {
      lose();
      return false;
    }
  }
  return true;
}

// False when the connection is lost. Without `wait`, true also when nothing had come.
bool Qtest::receive(bool wait) noexcept {
  input_.erase(0, begin_);
  begin_ = 0;
  char buffer[16384];
  for (;;) {
    if (lost()) return false;
    const ssize_t got = channel_.receive(buffer);
    if (got > 0) {
      input_.append(buffer, static_cast<std::size_t>(got));
      return true;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      if (!wait) return true;
      if (channel_.wait(false)) continue;
    }
    lose();
    return false;
  }
}

// The next answer that has been received already; interrupt notices before it are delivered.
bool Qtest::buffered_answer(std::string_view& answer) noexcept {
  for (;;) {
    const auto end = input_.find('\n', begin_);
    if (end == std::string::npos) return false;
    const std::string_view line(input_.data() + begin_, end - begin_);
    begin_ = end + 1;
    if (trace_) trace('<', line);
    if (!line.starts_with("IRQ ")) {
      answer = line;
      return true;
    }
    notice(line);
  }
}

// Waits for an answer. False when the connection is lost.
bool Qtest::next_answer(std::string_view& answer) noexcept {
  while (!buffered_answer(answer)) {
    if (!receive_soon()) return false;
  }
  return true;
}

// Waits until at most `leave` writes are unanswered. False when the connection is lost.
bool Qtest::collect(std::size_t leave) noexcept {
  if (owed_ > leave && !send_gathered()) return false;
  std::string_view answer;
  while (owed_ > leave) {
    if (buffered_answer(answer)) {
      owed_--;
    } else if (owed_ - leave > most_owed / 4) {
      // Long enough that waking up for each answer would be a waste.
      std::this_thread::sleep_for(std::chrono::microseconds(20));
      if (!receive(false)) return false;
    } else if (!receive_soon()) {
      return false;
    }
  }
  return !lost();
}

// Waits for input. What takes so long about an access is falling asleep and waking up, so look
// for the answer a little while first; less often where that is in vain, as QEMU needs this very
// CPU.
bool Qtest::receive_soon() noexcept {
  constexpr auto patience = std::chrono::microseconds(50);
  constexpr unsigned most_backoff = 256;
  if (spins_ > 0) {
    spins_--;
    return receive(true);
  }
  const std::size_t before = input_.size() - begin_;
  const auto end = std::chrono::steady_clock::now() + patience;
  do {
    if (!receive(false)) return false;
    if (input_.size() - begin_ > before) {
      backoff_ = 1;
      return true;
    }
  } while (std::chrono::steady_clock::now() < end);
  spins_ = backoff_;
  backoff_ = std::min(2 * backoff_, most_backoff);
  return receive(true);
}

// Leaves nothing received but not looked at: the watcher wakes for new input only.
void Qtest::settle() noexcept {
  std::string_view answer;
  while (buffered_answer(answer)) {
    if (owed_ > 0) owed_--;
  }
}

bool Qtest::wait_answer(std::string_view& answer) noexcept {
  return collect(0) && next_answer(answer);
}

// "IRQ raise 23" or "IRQ lower 23".
void Qtest::notice(std::string_view line) noexcept {
  const auto space = line.rfind(' ');
  unsigned number = 0;
  const auto result =
      std::from_chars(line.data() + space + 1, line.data() + line.size(), number, 10);
  if (result.ec == std::errc{} && on_line_) on_line_(number, line.starts_with("IRQ raise"));
}

void Qtest::lose() noexcept {
  owed_ = 0;
  gathered_ = 0;
  if (!lost_.exchange(true, std::memory_order_acq_rel) && on_end_) on_end_();
}

void Qtest::arm(bool armed) noexcept {
  epoll_event event{};
  event.events = armed && !lost() ? EPOLLIN | EPOLLONESHOT : EPOLLONESHOT;
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, channel_.fd(), &event);
}

void Qtest::trace(char direction, std::string_view lines) noexcept {
  while (!lines.empty()) {
    const auto end = std::min(lines.find('\n'), lines.size());
    std::fprintf(stderr, "qemu %c %.*s\n", direction, static_cast<int>(end), lines.data());
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

}  // namespace pupci::qemu
