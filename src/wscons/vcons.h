// SPDX-License-Identifier: BSD-2-Clause
// What vcons(9) keeps about displays and screens beside the structures that drivers own. Drivers
// free those without telling (there is no vcons_fini), so it is kept here, by their addresses, and
// the next vcons_init() or vcons_init_screen() of the same address begins anew.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "netbsd/dev/wscons/wsdisplay_vconsvar.h"
#include "wscons/draw_lock.h"

namespace pupci::wscons {

struct VconsScreen {
  wsdisplay_emulops driver{};  // what the driver's init_screen left in ri_ops
  std::vector<std::uint32_t> chars;
  std::vector<long> attrs;
  int rows = 0;
  int cols = 0;
  bool cursor_on = true;  // as last asked for, visible or not
};

// Thread-safe. Never null: made at the first call. May throw std::bad_alloc.
DrawLock& fresh_lock_of(vcons_data* vd);
VconsScreen& fresh_state_of(vcons_screen* scr);
void forget(vcons_screen* scr) noexcept;

inline VconsScreen& state_of(const vcons_screen* scr) noexcept {
  return *static_cast<VconsScreen*>(scr->scr_private);
}
inline vcons_screen* screen_of(void* cookie) noexcept {
  return static_cast<vcons_screen*>(static_cast<rasops_info*>(cookie)->ri_hw);
}

// For the time of a scope: nobody else draws on this screen's display, and the display does not
// change screens.
class Drawing {
 public:
  explicit Drawing(vcons_screen* scr) noexcept : Drawing(scr->scr_vd, scr) {}
  Drawing(vcons_data* vd, vcons_screen* scr) noexcept
      : lock_(*static_cast<DrawLock*>(vd->vd_private)), scr_(scr) {
    lock_.lock();
    busy_before_ = scr_->scr_busy;
    scr_->scr_busy = 1;
  }
  ~Drawing() {
    scr_->scr_busy = busy_before_;
    lock_.unlock();
  }
  Drawing(const Drawing&) = delete;
  Drawing& operator=(const Drawing&) = delete;

  [[nodiscard]] bool shown() const noexcept {
    return SCREEN_IS_VISIBLE(scr_) && SCREEN_CAN_DRAW(scr_);
  }

 private:
  DrawLock& lock_;
  vcons_screen* scr_;
  int busy_before_;
};

// vcons_draw.cc: puts our drawing functions into ri_ops, over the driver's, which are kept.
void wrap_operations(vcons_screen* scr) noexcept;
void unwrap_operations(vcons_screen* scr) noexcept;
// Under the lock, on a visible screen: cells of a row as they are in the buffer, blanks together.
void redraw_cells(vcons_screen* scr, int row, int col, int count,
                  bool skip_default_blanks) noexcept;

// vcons_ioctl.cc
int vcons_ioctl(void* v, void* vs, unsigned long cmd, void* data, int flag, lwp* l) noexcept;
int vcons_load_font(void* v, void* cookie, wsdisplay_font* font) noexcept;
// vcons.cc: sizes the buffers for the screen's rows and columns, all blank. 0 or ENOMEM.
int allocate_buffers(vcons_screen* scr) noexcept;

}  // namespace pupci::wscons
