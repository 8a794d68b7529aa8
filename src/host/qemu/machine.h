// SPDX-License-Identifier: BSD-2-Clause
// A running QEMU and our connections to it.
#pragma once

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "host/arena.h"
#include "host/fd.h"
#include "host/qemu/doorbell.h"
#include "host/qemu/intx.h"
#include "host/qemu/process.h"
#include "host/qemu/qmp.h"
#include "host/qemu/qtest.h"
#include "pupci/bus.h"

namespace pupci::qemu {

struct Channels;

/// Starts QEMU and ends it. One thread of its own starts the process, as the process shall die with
/// that thread and thus with us; then watches the connection while nobody else reads it, gathers
/// QEMU's error output, and says what happened when QEMU ends.
class Machine {
 public:
  /// Throws when QEMU cannot be started or refuses its arguments, in its own words.
  explicit Machine(const BusOptions& options);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] const std::shared_ptr<Qtest>& transport() const noexcept { return transport_; }
  [[nodiscard]] const std::shared_ptr<Doorbell>& doorbell() const noexcept { return doorbell_; }
  [[nodiscard]] const Lines& lines() const noexcept { return *lines_; }
  [[nodiscard]] Qmp& qmp() noexcept { return *qmp_; }
  [[nodiscard]] Dma& dma() noexcept { return dma_; }
  [[nodiscard]] std::uint64_t memory() const noexcept { return memory_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  [[nodiscard]] int failure_fd() const noexcept { return failed_.get(); }
  [[nodiscard]] std::string failure() const;
  /// Ends QEMU. All accesses answer all ones then. Idempotent.
  void stop() noexcept;

 private:
  void connect_qtest(const Channels& channels);
  void run(std::promise<void>& started, const std::vector<std::string>& arguments,
           const std::vector<int>& inherited);
  void watch(Process& process);
  void report(Process& process);
  void wake() noexcept;

  std::uint64_t memory_;
  ArenaDma dma_;
  Fd failed_;
  Fd wake_;
  std::shared_ptr<Lines> lines_;
  std::shared_ptr<Qtest> transport_;
  std::shared_ptr<Doorbell> doorbell_;
  std::unique_ptr<Qmp> qmp_;
  std::atomic<pid_t> pid_{-1};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::string failure_;
  std::thread thread_;
};

}  // namespace pupci::qemu
