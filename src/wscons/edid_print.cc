// SPDX-License-Identifier: BSD-2-Clause
// An EDID for people to read.
#include <fmt/format.h>

#include <exception>
#include <string>

#include "kern/console.h"
#include "netbsd/dev/videomode/edidreg.h"
#include "netbsd/dev/videomode/edidvar.h"
#include "wscons/videomode.h"

namespace pupci::wscons {
namespace {

using Text = fmt::memory_buffer;

template <typename... Values>
void line(Text& text, fmt::format_string<Values...> format, Values&&... values) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Values>(values)...);
  text.push_back('\n');
}

const char* name_of_type(unsigned features) {
  switch (EDID_FEATURES_DISP_TYPE(features)) {
    case EDID_FEATURES_DISP_TYPE_MONO:
      return "monochrome";
    case EDID_FEATURES_DISP_TYPE_RGB:
      return "RGB";
    case EDID_FEATURES_DISP_TYPE_NON_RGB:
      return "colour, not RGB";
    default:
      return "of an unknown type";
  }
}

void add_input(Text& text, const edid_info& info) {
  const unsigned input = info.edid_video_input;
  if ((input & EDID_VIDEO_INPUT_DIGITAL) != 0) {
    line(text, "Input: digital{}",
         (input & EDID_VIDEO_INPUT_DFP1_COMPAT) != 0 ? ", DFP 1.x compatible" : "");
    return;
  }
  static constexpr const char* levels[] = {"0.7/0.3", "0.714/0.286", "1.0/0.4", "0.7/0"};
  line(text, "Input: analog, {} V{}{}{}{}{}", levels[EDID_VIDEO_INPUT_LEVEL(input)],
       (input & EDID_VIDEO_INPUT_BLANK_TO_BLACK) != 0 ? ", blank to black" : "",
       (input & EDID_VIDEO_INPUT_SEPARATE_SYNCS) != 0 ? ", separate syncs" : "",
       (input & EDID_VIDEO_INPUT_COMPOSITE_SYNC) != 0 ? ", composite sync" : "",
       (input & EDID_VIDEO_INPUT_SYNC_ON_GRN) != 0 ? ", sync on green" : "",
       (input & EDID_VIDEO_INPUT_SERRATION) != 0 ? ", serrated vsync" : "");
}

void add_features(Text& text, const edid_info& info) {
  const unsigned features = info.edid_features;
  line(text, "Display: {}{}{}{}{}{}{}", name_of_type(features),
       (features & EDID_FEATURES_STANDBY) != 0 ? ", standby" : "",
       (features & EDID_FEATURES_SUSPEND) != 0 ? ", suspend" : "",
       (features & EDID_FEATURES_ACTIVE_OFF) != 0 ? ", active off" : "",
       (features & EDID_FEATURES_STD_COLOR) != 0 ? ", standard colours" : "",
       (features & EDID_FEATURES_PREFERRED_TIMING) != 0 ? ", preferred timing" : "",
       (features & EDID_FEATURES_DEFAULT_GTF) != 0 ? ", GTF" : "");
  line(text, "Size: {} x {} cm, gamma {}.{:02}", info.edid_max_hsize, info.edid_max_vsize,
       info.edid_gamma / 100, info.edid_gamma % 100);
  const edid_chroma& c = info.edid_chroma;
  line(text,
       "Chroma: red 0.{:03},0.{:03} green 0.{:03},0.{:03} blue 0.{:03},0.{:03} white "
       "0.{:03},0.{:03}",
       c.ec_redx, c.ec_redy, c.ec_greenx, c.ec_greeny, c.ec_bluex, c.ec_bluey, c.ec_whitex,
       c.ec_whitey);
}

void add_range(Text& text, const edid_range& range) {
  line(text, "Range: {}-{} kHz, {}-{} Hz, up to {} MHz", range.er_min_hfreq, range.er_max_hfreq,
       range.er_min_vfreq, range.er_max_vfreq, range.er_max_clock);
  if (range.er_have_gtf2 == 0) return;
  line(text, "GTF 2 from {} kHz: C {} M {} K {} J {}", range.er_gtf2_hfreq, range.er_gtf2_c,
       range.er_gtf2_m, range.er_gtf2_k, range.er_gtf2_j);
}

void add_mode(Text& text, const videomode& mode, bool preferred) {
  line(text, "  {}x{}{} @ {} Hz: {} kHz, {} {} {}, {} {} {}, {}H {}V{}", mode.hdisplay,
       mode.vdisplay, (mode.flags & VID_INTERLACE) != 0 ? "i" : "", refresh_rate(mode),
       mode.dot_clock, mode.hsync_start, mode.hsync_end, mode.htotal, mode.vsync_start,
       mode.vsync_end, mode.vtotal, (mode.flags & VID_PHSYNC) != 0 ? '+' : '-',
       (mode.flags & VID_PVSYNC) != 0 ? '+' : '-', preferred ? ", preferred" : "");
}

void print(const edid_info& info) {
  Text text;
  line(text, "Vendor: {} Product: [{:04X}] {} Serial: {}", info.edid_vendorname, info.edid_product,
       info.edid_productname, info.edid_serial);
  line(text, "Made in week {} of {}, EDID {}.{}, {} extension blocks", info.edid_week,
       info.edid_year, info.edid_version, info.edid_revision, info.edid_ext_block_count);
  if (info.edid_comment[0] != '\0') line(text, "Comment: {}", info.edid_comment);
  add_input(text, info);
  add_features(text, info);
  if (info.edid_have_range != 0) add_range(text, info.edid_range);
  line(text, "Modes:");
  for (int i = 0; i < info.edid_nmodes; ++i) {
    add_mode(text, info.edid_modes[i], &info.edid_modes[i] == info.edid_preferred_mode);
  }
  kern::console_write(kern::Message::normal, {text.data(), text.size()});
}

}  // namespace
}  // namespace pupci::wscons

void edid_print(edid_info* info) {
  if (info == nullptr) return;
  try {
    pupci::wscons::print(*info);
  } catch (const std::exception& error) {
    pupci::kern::console_write(pupci::kern::Message::error, error.what());
  }
}
