// SPDX-License-Identifier: BSD-2-Clause
// Choosing and sorting display timings.
#include "netbsd/dev/videomode/videomode.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <tuple>

#include "wscons/videomode.h"

namespace pupci::wscons {

int refresh_rate(const videomode& mode) noexcept {
  const std::int64_t pixels = std::int64_t{mode.htotal} * mode.vtotal;
  if (pixels <= 0) return 0;
  return static_cast<int>((std::int64_t{mode.dot_clock} * 1000 + pixels / 2) / pixels);
}

namespace {

int aspect(const videomode& mode) noexcept {
  return mode.vdisplay > 0 ? mode.hdisplay * 100 / mode.vdisplay : 0;
}

bool larger(const videomode& a, const videomode& b) noexcept {
  return std::tie(a.hdisplay, a.vdisplay) > std::tie(b.hdisplay, b.vdisplay);
}

template <typename Accept, typename Better>
const videomode* pick(int width, int height, Accept accept, Better better) noexcept {
  const videomode* best = nullptr;
  for (const videomode *mode = videomode_list, *const end = mode + videomode_count; mode != end;
       ++mode) {
    if (mode->hdisplay != width || mode->vdisplay != height || !accept(*mode)) continue;
    if (best == nullptr || better(*mode, *best)) best = mode;
  }
  return best;
}

}  // namespace
}  // namespace pupci::wscons

using pupci::wscons::refresh_rate;

const videomode* pick_mode_by_dotclock(int width, int height, int limit) {
  return pupci::wscons::pick(
      width, height, [limit](const videomode& mode) { return mode.dot_clock <= limit; },
      [](const videomode& a, const videomode& b) { return a.dot_clock > b.dot_clock; });
}

const videomode* pick_mode_by_ref(int width, int height, int rate) {
  const auto distance = [rate](const videomode& mode) {
    return std::abs(refresh_rate(mode) - rate);
  };
  return pupci::wscons::pick(
      width, height, [](const videomode&) { return true; },
      [&](const videomode& a, const videomode& b) { return distance(a) < distance(b); });
}

void sort_modes(videomode* modes, videomode** preferred, int count) {
  if (count <= 0) return;
  videomode* const end = modes + count;
  videomode* const first =
      *preferred != nullptr ? *preferred : std::min_element(modes, end, pupci::wscons::larger);
  std::rotate(modes, first, first + 1);
  if (*preferred != nullptr) *preferred = modes;
  const int rate = refresh_rate(*modes);
  const int shape = pupci::wscons::aspect(*modes);
  const auto key = [rate, shape](const videomode& mode) {
    const int odd = std::abs(pupci::wscons::aspect(mode) - shape) > shape / 8 ? 1 : 0;
    return std::make_tuple(std::abs(refresh_rate(mode) - rate), odd, -mode.hdisplay,
                           -mode.vdisplay);
  };
  std::stable_sort(modes + 1, end,
                   [&](const videomode& a, const videomode& b) { return key(a) < key(b); });
}
