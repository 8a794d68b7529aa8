// SPDX-License-Identifier: BSD-2-Clause
// What vcons(9) answers itself of a display's requests, and changes of font.
#include <cerrno>

#include "netbsd/dev/wsfont/wsfont.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/systm.h"
#include "wscons/vcons.h"

namespace pupci::wscons {
namespace {

bool inside(const VconsScreen& state, const wsdisplay_char& cell) noexcept {
  return cell.row >= 0 && cell.row < state.rows && cell.col >= 0 && cell.col < state.cols;
}

int get_char(vcons_screen* scr, wsdisplay_char* cell) noexcept {
  const Drawing drawing(scr);
  const VconsScreen& state = state_of(scr);
  if (!inside(state, *cell)) return EINVAL;
  const auto place = static_cast<std::size_t>(cell->row) * static_cast<std::size_t>(state.cols) +
                     static_cast<std::size_t>(cell->col);
  int foreground = 0;
  int background = 0;
  rasops_unpack_attr(state.attrs[place], &foreground, &background, nullptr);
  cell->letter = static_cast<std::uint16_t>(state.chars[place]);
  cell->foreground = static_cast<std::uint8_t>(foreground);
  cell->background = static_cast<std::uint8_t>(background);
  cell->flags = static_cast<char>(state.attrs[place] & 0xff);
  return 0;
}

int put_char(vcons_screen* scr, const wsdisplay_char* cell) noexcept {
  if (!inside(state_of(scr), *cell)) return EINVAL;
  rasops_info* const ri = &scr->scr_ri;
  long attr = 0;
  const int error = ri->ri_ops.allocattr(ri, cell->foreground, cell->background,
                                         static_cast<unsigned char>(cell->flags), &attr);
  if (error != 0) return error;
  ri->ri_ops.putchar(ri, cell->row, cell->col, cell->letter, attr);
  return 0;
}

int to_driver(vcons_data* vd, void* vs, unsigned long cmd, void* data, int flag, lwp* l) noexcept {
  return vd->ioctl == nullptr ? EPASSTHROUGH : vd->ioctl(vd, vs, cmd, data, flag, l);
}

int set_polling(vcons_data* vd, void* vs, unsigned long cmd, void* data, int flag,
                lwp* l) noexcept {
  const int error = to_driver(vd, vs, cmd, data, flag, l);
  if (*static_cast<int*>(data) == 0) {
    vcons_disable_polling(vd);
    return error;
  }
  vcons_enable_polling(vd);
  // The oldest screen is the kernel's.
  vcons_screen* oldest = LIST_FIRST(&vd->screens);
  while (oldest != nullptr && LIST_NEXT(oldest, next) != nullptr) oldest = LIST_NEXT(oldest, next);
  if (oldest != nullptr && oldest != vd->active) {
    vcons_hard_switch(oldest);
    vcons_redraw_screen(oldest);
  }
  return error;
}

// As rasops(9) chooses one: bits and bytes in its order, turned as the screen is.
int find_font(const rasops_info& ri, const char* name) noexcept {
  const int kinds =
      WSFONT_FIND_BITMAP | ((ri.ri_flg & RI_ENABLE_ALPHA) != 0 ? WSFONT_FIND_ALPHA : 0);
  const int cookie =
      wsfont_find(name, 0, 0, 0, WSDISPLAY_FONTORDER_L2R, WSDISPLAY_FONTORDER_L2R, kinds);
  if (cookie <= 0 || (ri.ri_flg & RI_ROTATE_MASK) == 0) return cookie;
  if ((ri.ri_flg & RI_ROTATE_CW) != 0) return wsfont_rotate(cookie, WSFONT_ROTATE_CW);
  if ((ri.ri_flg & RI_ROTATE_CCW) != 0) return wsfont_rotate(cookie, WSFONT_ROTATE_CCW);
  return wsfont_rotate(cookie, WSFONT_ROTATE_UD);
}

}  // namespace

int vcons_ioctl(void* v, void* vs, unsigned long cmd, void* data, int flag, lwp* l) noexcept {
  auto* const vd = static_cast<vcons_data*>(v);
  auto* const scr = vs == nullptr ? vd->active : static_cast<vcons_screen*>(vs);
  switch (cmd) {
    case WSDISPLAYIO_GETWSCHAR:
      return scr == nullptr ? ENODEV : get_char(scr, static_cast<wsdisplay_char*>(data));
    case WSDISPLAYIO_PUTWSCHAR:
      return scr == nullptr ? ENODEV : put_char(scr, static_cast<wsdisplay_char*>(data));
    case WSDISPLAYIO_SET_POLLING:
      return set_polling(vd, vs, cmd, data, flag, l);
    default:
      return to_driver(vd, vs, cmd, data, flag, l);
  }
}

int vcons_load_font(void*, void* cookie, wsdisplay_font* wanted) noexcept {
  auto* const scr = static_cast<vcons_screen*>(cookie);
  // Of no screen in particular: a font to choose from now on.
  if (scr == nullptr) return wsfont_add(wanted, 1);
  if ((scr->scr_flags & VCONS_LOADFONT) == 0) return EOPNOTSUPP;
  vcons_data* const vd = scr->scr_vd;
  rasops_info* const ri = &scr->scr_ri;
  const int found = find_font(*ri, wanted->name);
  wsdisplay_font* font = nullptr;
  if (found <= 0 || wsfont_lock(found, &font) != 0) {
    aprint_error("vcons: there is no font \"%s\"; load it first\n",
                 wanted->name == nullptr ? "" : wanted->name);
    return EINVAL;
  }
  const Drawing drawing(scr);
  VconsScreen& state = state_of(scr);
  if (font->fontwidth > static_cast<u_int>(ri->ri_width) ||
      font->fontheight > static_cast<u_int>(ri->ri_height)) {
    aprint_error(
        "vcons: font \"%s\" has characters of %ux%u pixels, the screen has %dx%d: choose a "
        "smaller font\n",
        font->name, font->fontwidth, font->fontheight, ri->ri_width, ri->ri_height);
    wsfont_unlock(found);
    return EINVAL;
  }
  if (drawing.shown()) state.driver.eraserows(ri, 0, state.rows, scr->scr_defattr);
  if (ri->ri_wsfcookie > 0) wsfont_unlock(ri->ri_wsfcookie);
  ri->ri_font = font;
  ri->ri_wsfcookie = found;
  ri->ri_flg &= ~RI_CURSOR;
  // The screen is where it was, unless the driver says otherwise.
  ri->ri_ops = state.driver;
  vd->init_screen(vd->cookie, scr, SCREEN_IS_VISIBLE(scr) ? 1 : 0, &scr->scr_defattr);
  wrap_operations(scr);
  ri->ri_crow = 0;
  ri->ri_ccol = 0;
  if ((scr->scr_type->capabilities & WSSCREEN_RESIZE) != 0) {
    scr->scr_type->nrows = ri->ri_rows;
    scr->scr_type->ncols = ri->ri_cols;
  }
  if (const int error = allocate_buffers(scr); error != 0) return error;
  if (SCREEN_IS_VISIBLE(scr) && vd->show_screen_cb != nullptr) {
    vd->show_screen_cb(scr, vd->show_screen_cookie);
  }
  return 0;
}

}  // namespace pupci::wscons
