// SPDX-License-Identifier: BSD-2-Clause
// A Rage 128 Pro for tests of ragefb(4): memory, the registers that count, and an engine that
// fills and copies, until it is told to do worse.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "pupci/sim.h"

namespace pupci::test {

class RageModel : public sim::Model {
 public:
  static constexpr std::uint64_t memory_size = std::uint64_t{8} << 20;

  enum class Fault {
    none,
    idle,        // does nothing, and says that it is done
    no_bytes,    // ignores units of one byte
    only_words,  // ignores all but units of four
    wrong,       // fills one unit too many
    stuck,       // after some operations: never done again, and nothing drawn any more
  };
  explicit RageModel(Fault fault = Fault::none, unsigned healthy_operations = 0);

  // What the screen's memory holds.
  [[nodiscard]] std::vector<std::uint8_t> screen(std::size_t bytes);
  [[nodiscard]] unsigned fills() const { return fills_; }
  [[nodiscard]] unsigned copies() const { return copies_; }

 protected:
  std::uint64_t read(unsigned bar, std::uint64_t offset, unsigned width) override;
  void write(unsigned bar, std::uint64_t offset, unsigned width, std::uint64_t value) override;

 private:
  void draw();
  void fill(unsigned unit, unsigned x, unsigned y, unsigned width, unsigned height);
  void copy(unsigned unit, unsigned x, unsigned y, unsigned width, unsigned height);
  [[nodiscard]] bool ignores(unsigned unit) const;

  const Fault fault_;
  const unsigned healthy_;
  unsigned operations_ = 0;
  unsigned fills_ = 0;
  unsigned copies_ = 0;
  std::map<std::uint64_t, std::uint32_t> registers_;
};

}  // namespace pupci::test
