// SPDX-License-Identifier: BSD-2-Clause
// What a monitor says of itself: the base block of VESA's E-EDID 1.3 and 1.4. It comes from a
// device, so nothing in it is taken for granted.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <numeric>
#include <string_view>

#include "netbsd/dev/videomode/edidreg.h"
#include "netbsd/dev/videomode/edidvar.h"
#include "netbsd/dev/videomode/vesagtf.h"
#include "wscons/videomode.h"

namespace pupci::wscons {
namespace {

struct Established {
  unsigned bit;
  int width;
  int height;
  int rate;
  bool interlaced = false;
};

constexpr std::array established{
    Established{EDID_EST_TIMING_720_400_70, 720, 400, 70},
    Established{EDID_EST_TIMING_720_400_88, 720, 400, 88},
    Established{EDID_EST_TIMING_640_480_60, 640, 480, 60},
    Established{EDID_EST_TIMING_640_480_67, 640, 480, 67},
    Established{EDID_EST_TIMING_640_480_72, 640, 480, 72},
    Established{EDID_EST_TIMING_640_480_75, 640, 480, 75},
    Established{EDID_EST_TIMING_800_600_56, 800, 600, 56},
    Established{EDID_EST_TIMING_800_600_60, 800, 600, 60},
    Established{EDID_EST_TIMING_800_600_72, 800, 600, 72},
    Established{EDID_EST_TIMING_800_600_75, 800, 600, 75},
    Established{EDID_EST_TIMING_832_624_75, 832, 624, 75},
    Established{EDID_EST_TIMING_1024_768_87I, 1024, 768, 43, true},
    Established{EDID_EST_TIMING_1024_768_60, 1024, 768, 60},
    Established{EDID_EST_TIMING_1024_768_70, 1024, 768, 70},
    Established{EDID_EST_TIMING_1024_768_75, 1024, 768, 75},
    Established{EDID_EST_TIMING_1280_1024_75, 1280, 1024, 75},
};

// The agreed timing of this size and rate, or null.
const videomode* agreed(int width, int height, int rate, bool interlaced = false) noexcept {
  const auto* const end = videomode_list + videomode_count;
  const auto* const found = std::find_if(videomode_list, end, [&](const videomode& mode) {
    return mode.hdisplay == width && mode.vdisplay == height &&
           ((mode.flags & VID_INTERLACE) != 0) == interlaced &&
           std::abs(refresh_rate(mode) - rate) <= 1;
  });
  return found == end ? nullptr : found;
}

videomode* same_as(edid_info* info, const videomode& mode) noexcept {
  auto* const end = info->edid_modes + info->edid_nmodes;
  auto* const found = std::find_if(info->edid_modes, end, [&](const videomode& other) {
    return other.hdisplay == mode.hdisplay && other.vdisplay == mode.vdisplay &&
           refresh_rate(other) == refresh_rate(mode);
  });
  return found == end ? nullptr : found;
}

// The mode's place in the list; null if it has none. What is there already stays, unless the new
// one is more precise.
videomode* add(edid_info* info, const videomode& mode, bool precise) noexcept {
  if (refresh_rate(mode) == 0) return nullptr;
  if (videomode* const same = same_as(info, mode); same != nullptr) {
    if (precise) *same = mode;
    return same;
  }
  if (info->edid_nmodes >= EDID_MAX_MODES) return nullptr;
  videomode* const place = &info->edid_modes[info->edid_nmodes++];
  *place = mode;
  return place;
}

void add_established(edid_info* info, unsigned bits) noexcept {
  for (const Established& timing : established) {
    if ((bits & timing.bit) == 0) continue;
    const videomode* const mode =
        agreed(timing.width, timing.height, timing.rate, timing.interlaced);
    if (mode != nullptr) add(info, *mode, false);
  }
}

void add_standard(edid_info* info, const std::uint8_t* timing) noexcept {
  // 01 01 is an unused place; 00 00 and 20 20 are what careless monitors write there.
  if (timing[0] == timing[1] && (timing[0] == 0 || timing[0] == 1 || timing[0] == ' ')) return;
  const int width = EDID_STD_TIMING_HRES(timing);
  int height = width * 9 / 16;
  switch (EDID_STD_TIMING_RATIO(timing)) {
    case EDID_STD_TIMING_RATIO_16_10:
      height = width * 10 / 16;
      break;
    case EDID_STD_TIMING_RATIO_4_3:
      height = width * 3 / 4;
      break;
    case EDID_STD_TIMING_RATIO_5_4:
      height = width * 4 / 5;
      break;
    default:
      break;
  }
  const int rate = EDID_STD_TIMING_VFREQ(timing);
  if (const videomode* const mode = agreed(width, height, rate); mode != nullptr) {
    add(info, *mode, false);
    return;
  }
  videomode computed{};
  vesagtf_mode(static_cast<unsigned>(width), static_cast<unsigned>(height),
               static_cast<unsigned>(rate), &computed);
  add(info, computed, false);
}

void add_detailed(edid_info* info, const std::uint8_t* d) noexcept {
  const unsigned flags = EDID_DET_TIMING_FLAGS(d);
  if ((flags & EDID_DET_TIMING_FLAG_STEREO) != 0) return;
  videomode mode{};
  mode.dot_clock = EDID_DET_TIMING_DOT_CLOCK(d) / 1000;
  mode.hdisplay = EDID_DET_TIMING_HACTIVE(d);
  mode.hsync_start = mode.hdisplay + EDID_DET_TIMING_HSYNC_OFFSET(d);
  mode.hsync_end = mode.hsync_start + EDID_DET_TIMING_HSYNC_WIDTH(d);
  mode.htotal = mode.hdisplay + EDID_DET_TIMING_HBLANK(d);
  mode.vdisplay = EDID_DET_TIMING_VACTIVE(d);
  mode.vsync_start = mode.vdisplay + EDID_DET_TIMING_VSYNC_OFFSET(d);
  mode.vsync_end = mode.vsync_start + EDID_DET_TIMING_VSYNC_WIDTH(d);
  mode.vtotal = mode.vdisplay + EDID_DET_TIMING_VBLANK(d);
  mode.flags = ((flags & EDID_DET_TIMING_FLAG_HSYNC_POSITIVE) != 0 ? VID_PHSYNC : VID_NHSYNC) |
               ((flags & EDID_DET_TIMING_FLAG_VSYNC_POSITIVE) != 0 ? VID_PVSYNC : VID_NVSYNC) |
               ((flags & EDID_DET_TIMING_FLAG_INTERLACE) != 0 ? VID_INTERLACE : 0);
  if (mode.hdisplay == 0 || mode.vdisplay == 0) return;
  videomode* const place = add(info, mode, true);
  if (info->edid_preferred_mode == nullptr) info->edid_preferred_mode = place;
}

template <std::size_t N>
void take_text(char (&to)[N], const std::uint8_t* d) noexcept {
  static_assert(N > EDID_DESC_ASCII_DATA_LEN);
  const std::uint8_t* const from = d + EDID_DESC_ASCII_DATA_OFFSET;
  const std::uint8_t* end = std::find(from, from + EDID_DESC_ASCII_DATA_LEN, '\n');
  end = std::find(from, end, '\0');
  while (end != from && end[-1] == ' ') --end;
  std::transform(from, end, to,
                 [](std::uint8_t c) { return static_cast<char>(c >= ' ' && c < 0x7f ? c : '?'); });
  to[end - from] = '\0';
}

void take_range(edid_range* range, const std::uint8_t* d) noexcept {
  range->er_min_vfreq = EDID_DESC_RANGE_MIN_VFREQ(d);
  range->er_max_vfreq = EDID_DESC_RANGE_MAX_VFREQ(d);
  range->er_min_hfreq = EDID_DESC_RANGE_MIN_HFREQ(d);
  range->er_max_hfreq = EDID_DESC_RANGE_MAX_HFREQ(d);
  range->er_max_clock = static_cast<std::uint16_t>(EDID_DESC_RANGE_MAX_CLOCK(d));
  range->er_have_gtf2 = EDID_DESC_RANGE_HAVE_GTF2(d) ? 1 : 0;
  if (range->er_have_gtf2 == 0) return;
  range->er_gtf2_hfreq = static_cast<std::uint16_t>(EDID_DESC_RANGE_GTF2_HFREQ(d));
  range->er_gtf2_c = EDID_DESC_RANGE_GTF2_C(d);
  range->er_gtf2_m = static_cast<std::uint16_t>(EDID_DESC_RANGE_GTF2_M(d));
  range->er_gtf2_k = EDID_DESC_RANGE_GTF2_K(d);
  range->er_gtf2_j = EDID_DESC_RANGE_GTF2_J(d);
}

void take_descriptor(edid_info* info, const std::uint8_t* d) noexcept {
  if (EDID_BLOCK_IS_DET_TIMING(d)) {
    add_detailed(info, d);
    return;
  }
  switch (EDID_BLOCK_TYPE(d)) {
    case EDID_DESC_BLOCK_TYPE_SERIAL:
      take_text(info->edid_serial, d);
      break;
    case EDID_DESC_BLOCK_TYPE_ASCII:
      take_text(info->edid_comment, d);
      break;
    case EDID_DESC_BLOCK_TYPE_NAME:
      take_text(info->edid_productname, d);
      break;
    case EDID_DESC_BLOCK_TYPE_RANGE:
      info->edid_have_range = 1;
      take_range(&info->edid_range, d);
      break;
    case EDID_DESC_BLOCK_TYPE_STD_TIMING:
      for (std::ptrdiff_t i = 0; i < EDID_DESC_STD_TIMING_COUNT; ++i) {
        add_standard(info, d + EDID_DESC_STD_TIMING_START + 2 * i);
      }
      break;
    default:
      break;
  }
}

void take_identity(edid_info* info, const std::uint8_t* p) noexcept {
  const unsigned vendor = EDID_VENDOR_ID(p);
  info->edid_vendor[0] = static_cast<std::uint8_t>(EDID_MANFID_0(vendor));
  info->edid_vendor[1] = static_cast<std::uint8_t>(EDID_MANFID_1(vendor));
  info->edid_vendor[2] = static_cast<std::uint8_t>(EDID_MANFID_2(vendor));
  std::memcpy(info->edid_vendorname, info->edid_vendor, 3);
  info->edid_product = static_cast<std::uint16_t>(EDID_PRODUCT_ID(p));
  const auto put = [](auto& to, std::string_view format, unsigned value) {
    const auto end = fmt::format_to_n(to, sizeof(to) - 1, fmt::runtime(format), value);
    *end.out = '\0';
  };
  put(info->edid_productname, "[{:04X}]", info->edid_product);
  put(info->edid_serial, "{}", EDID_SERIAL_NUMBER(p));
  info->edid_version = EDID_VERSION(p);
  info->edid_revision = EDID_REVISION(p);
  info->edid_year = EDID_YEAR(p);
  info->edid_week = EDID_WEEK(p);
}

void take_properties(edid_info* info, const std::uint8_t* p) noexcept {
  info->edid_video_input = EDID_VIDEO_INPUT(p);
  info->edid_max_hsize = EDID_MAX_HSIZE(p);
  info->edid_max_vsize = EDID_MAX_VSIZE(p);
  info->edid_gamma = static_cast<std::uint8_t>(std::min(EDID_GAMMA(p), 255));
  info->edid_features = EDID_FEATURES(p);
  info->edid_ext_block_count = EDID_EXT_BLOCK_COUNT(p);
  edid_chroma& chroma = info->edid_chroma;
  const auto part = [](int value) { return static_cast<std::uint16_t>(value); };
  chroma.ec_redx = part(EDID_CHROMA_REDX(p));
  chroma.ec_redy = part(EDID_CHROMA_REDY(p));
  chroma.ec_greenx = part(EDID_CHROMA_GREENX(p));
  chroma.ec_greeny = part(EDID_CHROMA_GREENY(p));
  chroma.ec_bluex = part(EDID_CHROMA_BLUEX(p));
  chroma.ec_bluey = part(EDID_CHROMA_BLUEY(p));
  chroma.ec_whitex = part(EDID_CHROMA_WHITEX(p));
  chroma.ec_whitey = part(EDID_CHROMA_WHITEY(p));
}

// Monitors claim modes that need more than the clock that they state.
void correct_clock(edid_info* info) noexcept {
  int fastest = 0;
  for (int i = 0; i < info->edid_nmodes; ++i) {
    fastest = std::max(fastest, info->edid_modes[i].dot_clock);
  }
  const auto mhz = static_cast<std::uint16_t>(std::min((fastest + 999) / 1000, 0xffff));
  info->edid_range.er_max_clock = std::max(info->edid_range.er_max_clock, mhz);
}

}  // namespace
}  // namespace pupci::wscons

int edid_is_valid(std::uint8_t* p) {
  constexpr std::uint8_t signature[8] = EDID_SIGNATURE;
  constexpr std::size_t size = 128;
  if (p == nullptr || !std::equal(signature, signature + sizeof(signature), p)) return EINVAL;
  return std::accumulate(p, p + size, 0u) % 256 == 0 ? 0 : EINVAL;
}

int edid_parse(std::uint8_t* p, edid_info* info) {
  using namespace pupci::wscons;
  if (const int error = edid_is_valid(p); error != 0) return error;
  *info = {};
  take_identity(info, p);
  take_properties(info, p);
  add_established(info, static_cast<unsigned>(EDID_EST_TIMING(p)));
  for (std::ptrdiff_t i = 0; i < EDID_STD_TIMING_COUNT; ++i) {
    add_standard(info, p + EDID_OFFSET_STD_TIMING + 2 * i);
  }
  for (std::ptrdiff_t i = 0; i < EDID_BLOCK_COUNT; ++i) {
    take_descriptor(info, p + EDID_OFFSET_DESC_BLOCK + i * EDID_BLOCK_SIZE);
  }
  correct_clock(info);
  return 0;
}
