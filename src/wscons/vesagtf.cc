// SPDX-License-Identifier: BSD-2-Clause
// VESA's Generalized Timing Formula, version 1.1, starting from a rate of frames.
#include "netbsd/dev/videomode/vesagtf.h"

#include <cmath>

namespace {

constexpr double cell = 8;  // pixels, all horizontal positions are multiples of it

double to_cells(double pixels) {
  return std::round(pixels / cell) * cell;
}

struct Frame {
  double lines;        // shown, of a field
  double border;       // lines above, and as many below
  double half;         // 0.5 if interlaced
  double total;        // lines of a field
  double line_period;  // us
};

Frame vertical(unsigned height, unsigned rate, const vesagtf_params& params, int flags) {
  const bool interlaced = (flags & VESAGTF_FLAG_ILACE) != 0;
  Frame frame{};
  frame.lines = std::round(interlaced ? height / 2.0 : height);
  frame.half = interlaced ? 0.5 : 0;
  if ((flags & VESAGTF_FLAG_MARGINS) != 0) {
    frame.border = std::round(frame.lines * params.margin_ppt / 1000);
  }
  const double fields = interlaced ? 2.0 * rate : rate;
  const double used = frame.lines + 2 * frame.border + params.min_porch + frame.half;
  const double estimate = (1e6 / fields - params.min_vsbp) / used;
  frame.total = used + std::round(params.min_vsbp / estimate);
  frame.line_period = 1e6 / fields / frame.total;
  return frame;
}

bool sane(const videomode& mode) {
  return mode.dot_clock > 0 && mode.hsync_start >= mode.hdisplay &&
         mode.hsync_end >= mode.hsync_start && mode.htotal >= mode.hsync_end &&
         mode.vsync_start >= mode.vdisplay && mode.vtotal >= mode.vsync_end;
}

}  // namespace

void vesagtf_mode_params(unsigned width, unsigned height, unsigned rate, vesagtf_params* params,
                         int flags, videomode* mode) {
  *mode = {};
  constexpr unsigned limit = 16384;
  if (width == 0 || height == 0 || rate == 0 || width > limit || height > limit || rate > 1000) {
    return;
  }
  const Frame frame = vertical(height, rate, *params, flags);
  if (!(frame.line_period > 0)) return;

  // The blanking formula's line: C' - M' * period.
  const double weight = params->K / 256.0;
  const double offset = (static_cast<double>(params->C) - params->J) * weight + params->J;
  const double percent = offset - weight * params->M * frame.line_period / 1000;
  if (!(percent > 0 && percent < 100)) return;

  const double shown = to_cells(width);
  const double border =
      (flags & VESAGTF_FLAG_MARGINS) != 0 ? to_cells(shown * params->margin_ppt / 1000) : 0;
  const double active = shown + 2 * border;
  const double blank = std::round(active * percent / (100 - percent) / (2 * cell)) * 2 * cell;
  const double total = active + blank;
  const double sync = to_cells(total * params->hsync_pct / 100);

  videomode made{};
  made.dot_clock = static_cast<int>(std::lround(total / frame.line_period * 1000));
  made.hdisplay = static_cast<int>(shown);
  made.hsync_start = static_cast<int>(shown + border + blank / 2 - sync);
  made.hsync_end = made.hsync_start + static_cast<int>(sync);
  made.htotal = static_cast<int>(total);
  // A mode counts the lines of both fields.
  const double fields = frame.half > 0 ? 2 : 1;
  made.vdisplay = static_cast<int>(height);
  made.vsync_start = static_cast<int>(
      made.vdisplay + std::floor(fields * (frame.border + params->min_porch + frame.half)));
  made.vsync_end = made.vsync_start + static_cast<int>(fields * params->vsync_rqd);
  made.vtotal = static_cast<int>(std::lround(fields * frame.total));
  made.flags = VID_NHSYNC | VID_PVSYNC | (frame.half > 0 ? VID_INTERLACE : 0);
  if (sane(made)) *mode = made;
}

void vesagtf_mode(unsigned width, unsigned height, unsigned rate, videomode* mode) {
  vesagtf_params params{VESAGTF_MARGIN_PPT, VESAGTF_MIN_PORCH, VESAGTF_VSYNC_RQD,
                        VESAGTF_HSYNC_PCT,  VESAGTF_MIN_VSBP,  VESAGTF_M,
                        VESAGTF_C,          VESAGTF_K,         VESAGTF_J};
  vesagtf_mode_params(width, height, rate, &params, 0, mode);
}
