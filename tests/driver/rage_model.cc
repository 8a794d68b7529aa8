// SPDX-License-Identifier: BSD-2-Clause
#include "driver/rage_model.h"

#include <cstring>
#include <vector>

namespace pupci::test {
namespace {

enum Register : std::uint64_t {
  crtc_gen_cntl = 0x50,
  memory_bytes = 0xf8,
  dst_pitch = 0x1408,
  src_y_x = 0x1434,
  dst_y_x = 0x1438,
  dst_height_width = 0x143c,
  master_cntl = 0x146c,
  brush_colour = 0x147c,
  dp_cntl = 0x16c0,
  gui_stat = 0x1740,
};

constexpr std::uint32_t queue_room = 64;
constexpr std::uint32_t active = 1U << 31;

}  // namespace

RageModel::RageModel(Fault fault, unsigned healthy_operations)
    : Model({.vendor = 0x1002,
             .device = 0x5046,
             .class_code = 0x030000,
             .subsystem_vendor = 0x1af4,
             .subsystem = 0x1100}),
      fault_(fault),
      healthy_(healthy_operations) {
  add_bar(0, {.size = memory_size, .prefetchable = true, .direct = true});
  add_bar(2, {.size = 0x4000});
}

std::vector<std::uint8_t> RageModel::screen(std::size_t bytes) {
  const auto* const start = reinterpret_cast<const std::uint8_t*>(memory(0));
  return {start, start + bytes};
}

std::uint64_t RageModel::read(unsigned /*bar*/, std::uint64_t offset, unsigned /*width*/) {
  if (offset == memory_bytes) return memory_size;
  if (offset == gui_stat) {
    return fault_ == Fault::stuck && operations_ > healthy_ ? active : queue_room;
  }
  const auto found = registers_.find(offset);
  return found != registers_.end() ? found->second : 0;
}

void RageModel::write(unsigned /*bar*/, std::uint64_t offset, unsigned /*width*/,
                      std::uint64_t value) {
  registers_[offset] = offset == 0x0184 ? 0 : static_cast<std::uint32_t>(value);
  if (offset == dst_height_width) draw();
}

bool RageModel::ignores(unsigned unit) const {
  switch (fault_) {
    case Fault::idle:
      return true;
    case Fault::no_bytes:
      return unit == 1;
    case Fault::only_words:
      return unit != 4;
    case Fault::stuck:
      return operations_ > healthy_;
    default:
      return false;
  }
}

void RageModel::draw() {
  operations_++;
  const std::uint32_t master = registers_[master_cntl];
  const unsigned type = master >> 8 & 0xf;
  const unsigned unit = type == 2 ? 1 : type == 4 ? 2 : type == 6 ? 4 : 0;
  if (unit == 0 || ignores(unit)) return;
  const unsigned width = registers_[dst_height_width] & 0x3fff;
  const unsigned height = registers_[dst_height_width] >> 16 & 0x3fff;
  const unsigned x = registers_[dst_y_x] & 0x3fff;
  const unsigned y = registers_[dst_y_x] >> 16 & 0x3fff;
  if ((master >> 16 & 0xff) == 0xf0) {
    fill(unit, x, y, width, height);
  } else {
    copy(unit, x, y, width, height);
  }
}

void RageModel::fill(unsigned unit, unsigned x, unsigned y, unsigned width, unsigned height) {
  fills_++;
  if (fault_ == Fault::wrong) width++;
  const std::size_t stride = std::size_t{registers_[dst_pitch]} * 8 * unit;
  for (unsigned row = y; row < y + height; row++) {
    for (unsigned col = x; col < x + width; col++) {
      const std::size_t at = row * stride + std::size_t{col} * unit;
      if (at + unit <= memory_size) std::memcpy(memory(0) + at, &registers_[brush_colour], unit);
    }
  }
}

// As the directions say, unit after unit: one that is wrong spoils a copy that overlaps.
void RageModel::copy(unsigned unit, unsigned x, unsigned y, unsigned width, unsigned height) {
  copies_++;
  const bool right = (registers_[dp_cntl] & 1) != 0;
  const bool down = (registers_[dp_cntl] & 2) != 0;
  const std::size_t stride = std::size_t{registers_[dst_pitch]} * 8 * unit;
  const unsigned from_x = registers_[src_y_x] & 0x3fff;
  const unsigned from_y = registers_[src_y_x] >> 16 & 0x3fff;
  for (unsigned i = 0; i < height; i++) {
    for (unsigned j = 0; j < width; j++) {
      const auto place = [&](unsigned col, unsigned row) {
        return (down ? row + i : row - i) * stride + std::size_t{right ? col + j : col - j} * unit;
      };
      const std::size_t from = place(from_x, from_y);
      const std::size_t to = place(x, y);
      if (from + unit > memory_size || to + unit > memory_size) continue;
      std::memcpy(memory(0) + to, memory(0) + from, unit);
    }
  }
}

}  // namespace pupci::test
