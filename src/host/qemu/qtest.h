// SPDX-License-Identifier: BSD-2-Clause
// The data path to QEMU: its qtest protocol, one text line a command, one line an answer.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "host/fd.h"
#include "host/qemu/channel.h"
#include "pupci/region.h"

namespace pupci::qemu {

/// Reads are waited for. Writes are sent at once and their answers collected later: by the next
/// read, by flush(), or by service(). While QEMU is busy with earlier writes, later ones are
/// gathered and sent together, at the latest when it has caught up. QEMU executes commands strictly
/// in order, so a read never passes a write.
///
/// Between the answers come notices of interrupt lines, in the order of their causes: a notice that
/// a write brought about stands before the answer to that write.
///
/// Thread-safe. When QEMU is gone reads answer all ones and writes vanish.
class Qtest {
 public:
  /// Called with a line's number and level, by whichever thread reads the answers, which holds the
  /// transport's lock: it must not come back here.
  using LineSink = std::function<void(unsigned line, bool level)>;
  /// Called once, likewise, when the connection ends.
  using EndSink = std::function<void()>;

  Qtest(Channel channel, LineSink on_line, EndSink on_end, bool trace);
  ~Qtest();
  Qtest(const Qtest&) = delete;
  Qtest& operator=(const Qtest&) = delete;

  /// `width` 1, 2, 4 or 8.
  std::uint64_t read(Space space, std::uint64_t address, unsigned width) noexcept;
  void write(Space space, std::uint64_t address, unsigned width, std::uint64_t value) noexcept;
  /// `count` separate accesses, all under way at once; `step` as Region::read_block().
  void read_block(Space space, std::uint64_t address, unsigned width, unsigned step, void* to,
                  std::size_t count) noexcept;
  /// Memory in bulk; the write is posted, as all are.
  void read_memory(std::uint64_t address, std::span<std::byte> to) noexcept;
  void write_memory(std::uint64_t address, std::span<const std::byte> from) noexcept;
  /// Returns when every write sent before has been executed, its interrupt notices delivered.
  void flush() noexcept;
  /// Any other command; what follows "OK", or nothing when it failed.
  bool command(std::string_view line, std::string* answer = nullptr) noexcept;

  /// For the one thread that watches the connection while nobody else reads it: an epoll
  /// descriptor, readable when service() has something to do. When service() answers true, writes
  /// are still unanswered: it must be called again soon, in some 50 microseconds, as the descriptor
  /// does not become readable for every answer.
  [[nodiscard]] int idle_fd() const noexcept { return epoll_.get(); }
  [[nodiscard]] bool service() noexcept;

  [[nodiscard]] bool lost() const noexcept { return lost_.load(std::memory_order_acquire); }
  /// Ends the connection from this side, and calls the sinks no more.
  void close() noexcept;

 private:
  class Transaction;

  bool send(std::string_view data) noexcept;
  bool send_gathered() noexcept;
  bool send_now(std::string_view data) noexcept;
  bool receive(bool wait) noexcept;
  bool receive_soon() noexcept;
  // An answer is "OK ..." or "FAIL ..."; the view lasts until the next receive().
  bool buffered_answer(std::string_view& answer) noexcept;
  bool next_answer(std::string_view& answer) noexcept;
  bool collect(std::size_t leave) noexcept;
  void settle() noexcept;
  bool wait_answer(std::string_view& answer) noexcept;
  std::uint64_t read_locked(Space space, std::uint64_t address, unsigned width) noexcept;
  void write_locked(Space space, std::uint64_t address, unsigned width,
                    std::uint64_t value) noexcept;
  void post_locked(std::string_view line) noexcept;
  void notice(std::string_view line) noexcept;
  void lose() noexcept;
  void arm(bool armed) noexcept;
  static void trace(char direction, std::string_view lines) noexcept;

  Channel channel_;
  Fd epoll_;
  LineSink on_line_;
  EndSink on_end_;
  bool trace_;
  std::atomic<bool> lost_{false};

  std::mutex mutex_;
  std::size_t owed_ = 0;      // writes whose answers were not collected yet
  std::size_t gathered_ = 0;  // how many of them are in output_
  std::string output_;        // to be sent, the next time that anything is
  std::string input_;         // received, from begin_ on not looked at yet
  std::size_t begin_ = 0;
  unsigned spins_ = 0;  // reads until spinning is tried again
  unsigned backoff_ = 1;
};

}  // namespace pupci::qemu
