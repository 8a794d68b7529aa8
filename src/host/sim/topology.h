// SPDX-License-Identifier: BSD-2-Clause
// What a sim bus consists of: segments, functions by address, lines, memory and time.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/arena.h"
#include "host/sim/clock.h"
#include "host/sim/interrupt.h"
#include "pupci/sim.h"

namespace pupci::sim {

class Topology {
 public:
  explicit Topology(const Options& options);
  ~Topology();
  Topology(const Topology&) = delete;
  Topology& operator=(const Topology&) = delete;

  [[nodiscard]] Segment& root() noexcept { return *root_; }
  [[nodiscard]] bool powered() const noexcept { return powered_; }
  /// At the first use: numbers buses and assigns addresses.
  void power_on();

  [[nodiscard]] std::vector<Address> functions();
  /// `self` is this object, for the function to keep.
  std::shared_ptr<Function> function(const Address& address, const std::shared_ptr<Topology>& self);
  std::shared_ptr<Model> model(const Address& address);

  void fail(const std::string& reason);
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] std::string failure() const;
  [[nodiscard]] int failure_fd() const noexcept { return failure_event_.fd(); }
  void add_fault(const DmaFault& fault);
  [[nodiscard]] std::vector<DmaFault> faults() const;

  /// Takes `count` of the bus's vectors; false when there are not so many.
  bool take_vectors(unsigned count) noexcept;
  void give_vectors(unsigned count) noexcept;

  /// A bridge that could be behind `segment`.
  static std::shared_ptr<Model> make_bridge();
  std::unique_ptr<Segment> make_segment(Segment* parent, unsigned parent_device);

  [[nodiscard]] const Options& options() const noexcept { return options_; }
  ArenaDma& dma() noexcept { return dma_; }
  Clock& clock() noexcept { return clock_; }
  /// Models do nothing of their own accord any more.
  void stop() noexcept { clock_.stop(); }

 private:
  struct Slot {
    std::shared_ptr<Model> model;
    std::shared_ptr<Line> line;
    std::weak_ptr<Function> function;
  };
  // Next free address of each kind of space.
  struct Pools {
    std::uint64_t io;
    std::uint64_t memory;
    std::uint64_t prefetchable;
  };

  void number(Segment& segment, unsigned bus, unsigned& last);
  void assign(Segment& segment, Pools& pools);
  static void assign_bars(Port& port, Pools& pools);
  void assign_bridge(Segment::Entry& bridge, Pools& pools);
  [[nodiscard]] static unsigned line_of(const Segment& segment, unsigned device, unsigned pin);

  const Options options_;
  ArenaDma dma_;
  std::array<std::shared_ptr<Line>, 4> lines_;
  std::unique_ptr<Segment> root_;
  std::mutex mutex_;  // of slots_ and of powering on
  std::atomic<bool> powered_ = false;
  std::map<Address, Slot> slots_;
  unsigned vectors_left_;

  mutable std::mutex failure_mutex_;
  std::atomic<bool> failed_ = false;
  std::string failure_;
  EventFd failure_event_;
  std::vector<DmaFault> faults_;

  Clock clock_;  // last: its thread ends before anything else goes
};

}  // namespace pupci::sim
