// SPDX-License-Identifier: BSD-2-Clause
#pragma once

#include "netbsd/dev/wsfb/genfbvar.h"

namespace pupci::wscons {

// genfb_ioctl.cc: ioctl, mmap and pollc; the others are vcons's to fill in.
wsdisplay_accessops genfb_accessops() noexcept;

}  // namespace pupci::wscons
