// SPDX-License-Identifier: BSD-2-Clause
// What libvterm makes of a program's output, put into the grid.
#include <algorithm>

#include "wscons/compose.h"
#include "wscons/palette.h"
#include "wscons/terminal_impl.h"

namespace pupci::wscons {
namespace {

CellRect to_cells(const VTermRect& rect) {
  return {rect.start_row, rect.start_col, rect.end_row, rect.end_col};
}

bool is_default(const VTermColor& color) {
  return VTERM_COLOR_IS_DEFAULT_FG(&color) || VTERM_COLOR_IS_DEFAULT_BG(&color);
}

Rgb rgb_of(const VTermState* state, VTermColor color, unsigned when_default) {
  if (is_default(color)) return console_color(when_default);
  vterm_state_convert_color_to_rgb(state, &color);
  return {color.rgb.red, color.rgb.green, color.rgb.blue};
}

std::uint8_t to_console(const VTermState* state, const VTermColor& color) {
  if (is_default(color)) return default_color;
  if (VTERM_COLOR_IS_INDEXED(&color) && color.indexed.idx < 16) return color.indexed.idx;
  return nearest_color(rgb_of(state, color, 0));
}

bool differ(Rgb a, Rgb b) {
  return a.red != b.red || a.green != b.green || a.blue != b.blue;
}

}  // namespace

// Two colours that were told apart stay so, though the nearest of ours are the same.
void Terminal::Impl::update_pen() {
  template_cell = Cell{};
  template_cell.foreground = to_console(state, pen.foreground);
  template_cell.background = to_console(state, pen.background);
  const Rgb foreground = rgb_of(state, pen.foreground, WS_DEFAULT_FG);
  const Rgb background = rgb_of(state, pen.background, WS_DEFAULT_BG);
  if (template_cell.foreground == template_cell.background && !is_default(pen.foreground) &&
      differ(foreground, background)) {
    const bool lighter = brightness(foreground) > brightness(background);
    template_cell.foreground = lighter ? WSCOL_LIGHT_WHITE : WSCOL_BLACK;
    if (template_cell.foreground == template_cell.background)
      template_cell.background = lighter ? WSCOL_LIGHT_GREY : WSCOL_WHITE;
  }
  // Bold is bright for the eight that have a brighter one.
  const bool has_bright = template_cell.foreground < 8 || template_cell.foreground == default_color;
  template_cell.style = static_cast<std::uint8_t>((pen.bold && has_bright ? style_bold : 0) |
                                                  (pen.underline ? style_underline : 0) |
                                                  (pen.reverse ? style_reverse : 0));
}

int Terminal::Impl::on_glyph(VTermGlyphInfo* info, VTermPos at, void* self) {
  auto* impl = static_cast<Impl*>(self);
  impl->last_width = info->width;
  Cell cell = impl->template_cell;
  cell.character = compose(info->chars);
  const int width = std::clamp(info->width, 1, 2);
  cell.width = static_cast<std::uint8_t>(width);
  Grid& grid = impl->grid();
  // Half a wide character is none.
  if (at.row >= 0 && at.row < grid.rows() && at.col >= 0 && at.col < grid.columns()) {
    const Row& row = grid.row(at.row);
    const int after = at.col + width;
    if (row[static_cast<std::size_t>(at.col)].width == 0) grid.put(at.row, at.col - 1, Cell{});
    if (after < grid.columns() && row[static_cast<std::size_t>(after)].width == 0)
      grid.put(at.row, after, Cell{});
  }
  grid.put(at.row, at.col, cell);
  if (width == 2) {
    cell.character = U' ';
    cell.width = 0;
    grid.put(at.row, at.col + 1, cell);
  }
  return 1;
}

int Terminal::Impl::on_cursor(VTermPos at, VTermPos /*before*/, int visible, void* self) {
  auto* impl = static_cast<Impl*>(self);
  impl->cursor = at;
  impl->cursor_visible = visible != 0;
  return 1;
}

namespace {

// What is erased takes the pen's background, and nothing else of it.
Cell blank_of(const Cell& template_cell) {
  Cell blank = template_cell;
  blank.style = 0;
  blank.foreground = default_color;
  return blank;
}

}  // namespace

int Terminal::Impl::on_scroll(VTermRect what, int downward, int rightward, void* self) {
  auto* impl = static_cast<Impl*>(self);
  impl->grid().scroll(to_cells(what), downward, rightward, blank_of(impl->template_cell));
  return 1;
}

int Terminal::Impl::on_erase(VTermRect what, int /*selective*/, void* self) {
  auto* impl = static_cast<Impl*>(self);
  impl->grid().erase(to_cells(what), blank_of(impl->template_cell));
  return 1;
}

int Terminal::Impl::on_pen(VTermAttr attribute, VTermValue* value, void* self) {
  auto* impl = static_cast<Impl*>(self);
  Pen& pen = impl->pen;
  switch (attribute) {
    case VTERM_ATTR_BOLD:
      pen.bold = value->boolean != 0;
      break;
    case VTERM_ATTR_UNDERLINE:
      pen.underline = value->number != VTERM_UNDERLINE_OFF;
      break;
    case VTERM_ATTR_REVERSE:
      pen.reverse = value->boolean != 0;
      break;
    case VTERM_ATTR_FOREGROUND:
      pen.foreground = value->color;
      break;
    case VTERM_ATTR_BACKGROUND:
      pen.background = value->color;
      break;
    default:
      return 0;
  }
  impl->update_pen();
  return 1;
}

int Terminal::Impl::on_property(VTermProp property, VTermValue* value, void* self) {
  auto* impl = static_cast<Impl*>(self);
  switch (property) {
    case VTERM_PROP_CURSORVISIBLE:
      impl->cursor_visible = value->boolean != 0;
      return 1;
    case VTERM_PROP_ALTSCREEN:
      impl->alternate = value->boolean != 0;
      impl->back = 0;
      impl->grid().touch_all();
      return 1;
    case VTERM_PROP_REVERSE:
      impl->reverse = value->boolean != 0;
      impl->grid().touch_all();
      return 1;
    case VTERM_PROP_MOUSE:
      impl->mouse = value->number;
      return 1;
    default:
      return 0;
  }
}

int Terminal::Impl::on_resize(int rows, int columns, VTermPos* delta, void* self) {
  auto* impl = static_cast<Impl*>(self);
  const int gone = impl->first.resize(columns, rows, impl->cursor.row);
  impl->second.resize(columns, rows, impl->cursor.row);
  delta->row = -gone;
  return 1;
}

}  // namespace pupci::wscons
