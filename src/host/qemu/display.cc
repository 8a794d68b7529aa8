// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/display.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci::qemu {
namespace {

constexpr unsigned memory_bar = 0;
constexpr unsigned register_bar = 2;
constexpr std::uint64_t mib = 1U << 20;

unsigned bytes_a_pixel(const VideoMode& mode) {
  return (mode.depth + 7) / 8;
}

std::string to_text(const VideoMode& mode) {
  return fmt::format("{}x{}x{}", mode.width, mode.height, mode.depth);
}

std::optional<Bar> find_bar(Function& function, unsigned index) {
  for (const Bar& bar : function.bars()) {
    if (bar.index == index && bar.space() == Space::memory && bar.address != 0) return bar;
  }
  return std::nullopt;
}

// The Bochs display interface, and around it what there is of VGA registers. QEMU,
// docs/specs/standard-vga.
class BochsDisplay {
 public:
  explicit BochsDisplay(Function& function)
      : registers_(function.map(register_bar, 0, 0x1000)), name_(to_string(function.address())) {}

  void set(const VideoMode& mode) {
    const bool vga = has_vga_registers();
    if (!vga && mode.depth != 32 && mode.depth != 16) {
      throw Error(EINVAL,
                  fmt::format("qemu: {}: bochs-display shows 16 and 32 bits a pixel only, not {}; "
                              "-device VGA shows all",
                              name_, to_text(mode)));
    }
    put(enable, 0);
    put(width, mode.width);
    put(height, mode.height);
    put(depth, mode.depth);
    put(enable, enabled | linear);
    put(virtual_width, mode.width);
    put(x_offset, 0);
    put(y_offset, 0);
    if (!vga) return;
    (void)registers_->read(input_status, 1);  // the next write is to the index
    registers_->write(attribute_index, 1, screen_on);
  }

  [[nodiscard]] std::vector<std::byte> edid() {
    std::vector<std::byte> bytes(128);
    registers_->read_block(0, 4, 4, bytes.data(), bytes.size() / 4);
    constexpr std::array<std::byte, 2> start{std::byte{0}, std::byte{0xff}};
    return std::equal(start.begin(), start.end(), bytes.begin()) ? bytes : std::vector<std::byte>{};
  }

 private:
  // Indices, 16 bits each from 0x500 on.
  static constexpr unsigned width = 1;
  static constexpr unsigned height = 2;
  static constexpr unsigned depth = 3;
  static constexpr unsigned enable = 4;
  static constexpr unsigned virtual_width = 6;
  static constexpr unsigned x_offset = 8;
  static constexpr unsigned y_offset = 9;
  static constexpr unsigned enabled = 1;
  static constexpr unsigned linear = 0x40;
  // Ports 0x3c0 - 0x3df lie at 0x400.
  static constexpr std::uint64_t attribute_index = 0x400;
  static constexpr std::uint64_t sequencer_index = 0x404;
  static constexpr std::uint64_t input_status = 0x41a;
  static constexpr unsigned screen_on = 0x20;

  void put(unsigned index, unsigned value) { registers_->write(0x500 + 2 * index, 2, value); }
  bool has_vga_registers() {
    constexpr unsigned probe = 2;
    registers_->write(sequencer_index, 1, probe);
    return registers_->read(sequencer_index, 1) == probe;
  }

  std::unique_ptr<Region> registers_;
  std::string name_;
};

// The CRT controller of a Rage 128. ATI, RAGE 128 PRO Register Reference Guide.
void set_rage_mode(Function& function, const VideoMode& mode) {
  constexpr std::uint64_t crtc_general = 0x50;
  constexpr std::uint64_t crtc_extended = 0x54;
  constexpr std::uint64_t dac = 0x58;
  constexpr std::uint64_t horizontal = 0x200;
  constexpr std::uint64_t vertical = 0x208;
  constexpr std::uint64_t offset = 0x224;
  constexpr std::uint64_t pitch = 0x22c;
  constexpr std::uint32_t dac_8_bits = 0xff000100;
  constexpr std::uint32_t monitor_on = 1U << 15;
  constexpr std::uint32_t extended_display = 1U << 24;
  constexpr std::uint32_t controller_on = 1U << 25;
  constexpr unsigned blank_characters = 40;  // behind the picture, as every monitor wants some
  constexpr unsigned blank_lines = 30;
  const unsigned characters = mode.width / 8;
  // 8, 15, 16, 24 and 32 bits are 2 to 6.
  const unsigned format = mode.depth == 15 ? 3 : mode.depth == 8 ? 2 : mode.depth / 8 + 2;

  const auto registers = function.map(register_bar, 0, 0x1000);
  const auto put = [&](std::uint64_t where, std::uint32_t value) {
    registers->write(where, 4, value);
  };
  put(crtc_general, 0);
  put(horizontal, (characters - 1) << 16 | (characters + blank_characters - 1));
  put(vertical, (mode.height - 1) << 16 | (mode.height + blank_lines - 1));
  put(offset, 0);
  put(pitch, characters);
  put(dac, dac_8_bits);
  put(crtc_general, extended_display | controller_on | format << 8);
  put(crtc_extended, monitor_on);
}

}  // namespace

std::optional<Framebuffer> set_display_mode(Function& function, const VideoMode& mode) {
  constexpr std::uint32_t bochs = 0x11111234;
  constexpr std::uint32_t rage = 0x50461002;
  constexpr std::uint32_t radeon = 0x51591002;
  const std::uint32_t id = function.config_read(pci::vendor_id, 4);
  if (id != bochs && id != rage && id != radeon) return std::nullopt;
  const auto memory = find_bar(function, memory_bar);
  if (!memory || !find_bar(function, register_bar)) return std::nullopt;
  Framebuffer result{mode, mode.width * bytes_a_pixel(mode), memory->address, false, {}};
  const std::uint64_t needed = std::uint64_t{result.line_bytes} * mode.height;
  if (needed > memory->size) {
    throw Error(EINVAL, fmt::format("qemu: {}: {} takes {} MiB, but the display has {}; give it "
                                    "more ({}), or choose another with --mode",
                                    to_string(function.address()), to_text(mode),
                                    (needed + mib - 1) / mib, memory->size / mib,
                                    id == bochs ? "vgamem_mb=, or vgamem= of bochs-display"
                                                : "vgamem_mb="));
  }
  if (id == bochs) {
    BochsDisplay display(function);
    display.set(mode);
    result.edid = display.edid();
  } else {
    set_rage_mode(function, mode);
  }
  return result;
}

}  // namespace pupci::qemu
