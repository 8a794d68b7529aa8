// SPDX-License-Identifier: BSD-2-Clause
#include <fmt/core.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "pupci/error.h"
#include "pupci/framebuffer.h"

namespace pupci {
namespace {

constexpr unsigned smallest = 64;
constexpr unsigned largest = 8192;

// The number before the next 'x'; 0 when there is none.
unsigned take(std::string_view& text) {
  const auto end = text.find('x');
  const std::string_view digits = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  unsigned value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return result.ec == std::errc{} && result.ptr == digits.data() + digits.size() ? value : 0;
}

}  // namespace

VideoMode parse_video_mode(std::string_view text) {
  const auto fail = [text](std::string_view why) {
    throw Error(EINVAL, fmt::format("mode {}: {}", text, why));
  };
  std::string_view rest = text;
  VideoMode mode;
  mode.width = take(rest);
  mode.height = take(rest);
  mode.depth = take(rest);
  if (mode.width == 0 || mode.height == 0 || mode.depth == 0 || !rest.empty()) {
    fail("write it as WIDTHxHEIGHTxDEPTH, as in 1024x768x32");
  }
  if (mode.width % 8 != 0) fail("the width is no multiple of 8");
  if (mode.width < smallest || mode.width > largest || mode.height < smallest ||
      mode.height > largest) {
    fail(fmt::format("width and height are {} to {}", smallest, largest));
  }
  constexpr std::array<unsigned, 5> depths{8, 15, 16, 24, 32};
  bool known = false;
  for (const unsigned depth : depths) known = known || depth == mode.depth;
  if (!known) fail("the depth is 8, 15, 16, 24 or 32");
  return mode;
}

}  // namespace pupci
