// SPDX-License-Identifier: BSD-2-Clause
// vcons(9): several text screens on one framebuffer. Screens come, go and change places here; how
// they are drawn on is in vcons_draw.cc.
#include "wscons/vcons.h"

#include <fmt/core.h>

#include <cerrno>
#include <map>
#include <mutex>
#include <new>

#include "kern/check.h"
#include "kern/console.h"
#include "netbsd/dev/wsfont/wsfont.h"
#include "wscons/geometry.h"

namespace pupci::wscons {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<const vcons_data*, std::unique_ptr<DrawLock>> locks;
  std::map<const vcons_screen*, std::unique_ptr<VconsScreen>> screens;
};

Registry& registry() {
  static auto& all = *new Registry;
  return all;
}

void no_init_screen(void*, vcons_screen*, int, long*) noexcept {}

bool complete(const wsdisplay_emulops& ops) noexcept {
  return ops.putchar != nullptr && ops.copycols != nullptr && ops.erasecols != nullptr &&
         ops.copyrows != nullptr && ops.eraserows != nullptr && ops.cursor != nullptr &&
         ops.allocattr != nullptr;
}

// The driver's init_screen, and what became of it.
void run_init_screen(vcons_data* vd, vcons_screen* scr, int existing, long* defattr,
                     const void* caller) {
  const rasops_info& ri = scr->scr_ri;
  if (vd->init_screen == nullptr || vd->init_screen == no_init_screen) {
    kern::violation("vcons_init_screen: the driver set no init_screen in its vcons_data", caller);
  }
  vd->init_screen(vd->cookie, scr, existing, defattr);
  if (complete(ri.ri_ops) && ri.ri_rows > 0 && ri.ri_cols > 0) return;
  kern::violation_by(
      fmt::format("vcons_init_screen: init_screen left no drawing functions, or no room for text: "
                  "{}x{} pixels of {} bits, {} bytes a line, {} rows of {} columns",
                  ri.ri_width, ri.ri_height, ri.ri_depth, ri.ri_stride, ri.ri_rows, ri.ri_cols),
      reinterpret_cast<const void*>(vd->init_screen));
}

// Drivers may initialize a screen anew.
void take_out(vcons_data* vd, vcons_screen* scr) noexcept {
  vcons_screen* listed = nullptr;
  LIST_FOREACH(listed, &vd->screens, next) {
    if (listed == scr) break;
  }
  if (listed == nullptr) return;
  LIST_REMOVE(scr, next);
  scr->scr_ri.ri_ops = {};
}

int init_screen(vcons_data* vd, vcons_screen* scr, int existing, long* defattr,
                const void* caller) noexcept {
  try {
    scr->scr_private = &fresh_state_of(scr);
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
  scr->scr_cookie = vd->cookie;
  scr->scr_vd = vd;
  scr->scr_origvd = vd;
  take_out(vd, scr);
  if (scr->scr_type == nullptr) scr->scr_type = vd->defaulttype;
  const Drawing drawing(scr);
  run_init_screen(vd, scr, existing, defattr, caller);
  wrap_operations(scr);
  rasops_info* const ri = &scr->scr_ri;
  long attr = 0;
  scr->scr_defattr =
      ri->ri_ops.allocattr(ri, WS_DEFAULT_FG, WS_DEFAULT_BG, 0, &attr) == 0 ? attr : 0;
  if (defattr != nullptr) *defattr = scr->scr_defattr;
  if (const int error = allocate_buffers(scr); error != 0) {
    unwrap_operations(scr);
    return error;
  }
  if (existing != 0 || vd->active == nullptr) {
    if (vd->active != nullptr) SCREEN_INVISIBLE(vd->active);
    SCREEN_VISIBLE(scr);
    vd->active = scr;
    vd->currenttype = scr->scr_type;
  } else {
    SCREEN_INVISIBLE(scr);
  }
  LIST_INSERT_HEAD(&vd->screens, scr, next);
  return 0;
}

int alloc_screen(void* v, const wsscreen_descr* type, void** cookie, int* column, int* row,
                 long* defattr) noexcept {
  auto* const vd = static_cast<vcons_data*>(v);
  auto* const scr = new (std::nothrow) vcons_screen{};
  if (scr == nullptr) return ENOMEM;
  scr->scr_type = const_cast<wsscreen_descr*>(type);
  if (const int error = init_screen(vd, scr, 0, defattr, nullptr); error != 0) {
    forget(scr);
    delete scr;
    return error;
  }
  if ((type->capabilities & WSSCREEN_RESIZE) != 0) {
    scr->scr_type->nrows = scr->scr_ri.ri_rows;
    scr->scr_type->ncols = scr->scr_ri.ri_cols;
  }
  *cookie = scr;
  *column = scr->scr_ri.ri_ccol;
  *row = scr->scr_ri.ri_crow;
  return 0;
}

void free_screen(void* v, void* cookie) noexcept {
  auto* const vd = static_cast<vcons_data*>(v);
  auto* const scr = static_cast<vcons_screen*>(cookie);
  {
    const Drawing drawing(scr);
    LIST_REMOVE(scr, next);
    if (vd->active == scr) vd->active = nullptr;
    if (vd->wanted == scr) vd->wanted = nullptr;
    SCREEN_INVISIBLE(scr);
    unwrap_operations(scr);
  }
  forget(scr);
  scr->scr_private = nullptr;
  scr->scr_chars = nullptr;
  scr->scr_attrs = nullptr;
  if ((scr->scr_flags & VCONS_SCREEN_IS_STATIC) != 0) return;
  if (scr->scr_ri.ri_wsfcookie > 0) wsfont_unlock(scr->scr_ri.ri_wsfcookie);
  delete scr;
}

void make_active(vcons_data* vd, vcons_screen* scr) noexcept {
  if (vd->active != nullptr) {
    SCREEN_INVISIBLE(vd->active);
    vd->active->scr_ri.ri_flg &= ~RI_CURSOR;
  }
  SCREEN_VISIBLE(scr);
  vd->active = scr;
  vd->wanted = nullptr;
  vd->currenttype = scr->scr_type;
  if (vd->show_screen_cb != nullptr) vd->show_screen_cb(scr, vd->show_screen_cookie);
}

// Nothing needs to be waited for but the lock, so the switch is over when this returns, and the
// caller's function need not be called.
int show_screen(void* v, void* cookie, int, void (*callback)(void*, int, int),
                void* argument) noexcept {
  auto* const vd = static_cast<vcons_data*>(v);
  auto* const scr = static_cast<vcons_screen*>(cookie);
  const Drawing drawing(scr);
  vd->switch_cb = callback;
  vd->switch_cb_arg = argument;
  if (vd->active == scr) return 0;
  vd->wanted = scr;
  make_active(vd, scr);
  if ((scr->scr_flags & VCONS_NO_REDRAW) == 0) vcons_redraw_screen(scr);
  return 0;
}

}  // namespace

DrawLock& fresh_lock_of(vcons_data* vd) {
  Registry& all = registry();
  const std::scoped_lock lock(all.mutex);
  auto& place = all.locks[vd];
  place = std::make_unique<DrawLock>();
  return *place;
}

VconsScreen& fresh_state_of(vcons_screen* scr) {
  Registry& all = registry();
  const std::scoped_lock lock(all.mutex);
  auto& place = all.screens[scr];
  place = std::make_unique<VconsScreen>();
  return *place;
}

void forget(vcons_screen* scr) noexcept {
  Registry& all = registry();
  const std::scoped_lock lock(all.mutex);
  all.screens.erase(scr);
}

Turn turn_of(const void* cookie) noexcept {
  const auto* const scr = static_cast<const vcons_screen*>(cookie);
  Registry& all = registry();
  const std::scoped_lock lock(all.mutex);
  if (all.screens.count(scr) == 0) return {};
  const rasops_info& ri = scr->scr_ri;
  if (ri.ri_font == nullptr) return {};
  return {ri.ri_flg & RI_ROTATE_MASK, static_cast<int>(ri.ri_font->fontwidth),
          static_cast<int>(ri.ri_font->fontheight), ri.ri_xorigin, ri.ri_yorigin};
}

int allocate_buffers(vcons_screen* scr) noexcept {
  VconsScreen& state = state_of(scr);
  const auto cells =
      static_cast<std::size_t>(scr->scr_ri.ri_rows) * static_cast<std::size_t>(scr->scr_ri.ri_cols);
  try {
    std::vector<std::uint32_t> chars(cells, ' ');
    std::vector<long> attrs(cells, scr->scr_defattr);
    state.chars = std::move(chars);
    state.attrs = std::move(attrs);
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
  state.rows = scr->scr_ri.ri_rows;
  state.cols = scr->scr_ri.ri_cols;
  scr->scr_chars = state.chars.data();
  scr->scr_attrs = state.attrs.data();
  return 0;
}

}  // namespace pupci::wscons

using pupci::wscons::Drawing;
using pupci::wscons::DrawLock;

int vcons_init(vcons_data* vd, void* cookie, wsscreen_descr* type, wsdisplay_accessops* access) {
  *vd = {};
  try {
    vd->vd_private = &pupci::wscons::fresh_lock_of(vd);
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
  vd->cookie = cookie;
  vd->init_screen = pupci::wscons::no_init_screen;
  vd->ioctl = access->ioctl;
  vd->currenttype = type;
  vd->defaulttype = type;
  LIST_INIT(&vd->screens);
  access->ioctl = pupci::wscons::vcons_ioctl;
  access->alloc_screen = pupci::wscons::alloc_screen;
  access->free_screen = pupci::wscons::free_screen;
  access->show_screen = pupci::wscons::show_screen;
  access->load_font = pupci::wscons::vcons_load_font;
  return 0;
}

int vcons_earlyinit(vcons_data* vd, void* cookie, wsscreen_descr* type,
                    wsdisplay_accessops* access) {
  return vcons_init(vd, cookie, type, access);
}

int vcons_init_screen(vcons_data* vd, vcons_screen* scr, int existing, long* defattr) {
  return pupci::wscons::init_screen(vd, scr, existing, defattr, __builtin_return_address(0));
}

void vcons_hard_switch(vcons_screen* scr) {
  const Drawing drawing(scr);
  if (scr->scr_vd->active == scr) return;
  pupci::wscons::make_active(scr->scr_vd, scr);
}

void vcons_enable_polling(vcons_data* vd) {
  static_cast<DrawLock*>(vd->vd_private)->set_polling(true);
  if (vd->active == nullptr || (vd->active->scr_flags & VCONS_NO_REDRAW) != 0) return;
  vcons_redraw_screen(vd->active);
}

void vcons_disable_polling(vcons_data* vd) {
  static_cast<DrawLock*>(vd->vd_private)->set_polling(false);
}
