// SPDX-License-Identifier: BSD-2-Clause
// The picture that is on the screen before any driver runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pupci {

struct VideoMode {
  unsigned width = 0;   ///< pixels
  unsigned height = 0;  ///< lines
  unsigned depth = 0;   ///< bits a pixel: 8, 15, 16, 24 or 32
  bool operator==(const VideoMode&) const = default;
};

/// "1024x768x32". Throws EINVAL that tells what is wrong with it: widths are multiples of 8, from
/// 64 to 8192, heights 64 to 8192.
VideoMode parse_video_mode(std::string_view text);

/// As firmware leaves a display: a mode that is set, and where its pixels are.
struct Framebuffer {
  VideoMode mode;
  unsigned line_bytes = 0;
  std::uint64_t address = 0;  ///< on the bus, of the first pixel
  bool console = false;       ///< whether it is the one that the machine starts on
  std::vector<std::byte>
      edid;  ///< what the monitor tells of itself, where that can be read; or empty
};

}  // namespace pupci
