// SPDX-License-Identifier: BSD-2-Clause
// What the parts of Terminal share.
#pragma once

#include <vterm.h>

#include <string>

#include "wscons/terminal.h"

namespace pupci::wscons {

struct Terminal::Impl {
  struct VTermFree {
    void operator()(VTerm* terminal) const noexcept { vterm_free(terminal); }
  };
  // What the program chose for what it writes next.
  struct Pen {
    VTermColor foreground{};
    VTermColor background{};
    bool bold = false;
    bool underline = false;
    bool reverse = false;
  };

  Impl(const TextScreen& screen, int cursor_row, int cursor_column);

  [[nodiscard]] Grid& grid() noexcept { return alternate ? second : first; }
  [[nodiscard]] const Grid& grid() const noexcept { return alternate ? second : first; }
  // A row as the view has it, `columns()` cells.
  [[nodiscard]] const Cell* view(int row) const;
  void reply(std::string_view bytes) const;
  void update_pen();
  void feed(std::string_view bytes);
  // The same output, of which each escape character stands before what it introduces. Where a
  // string ends, libvterm takes the byte before for the escape, and reads beyond its input if that
  // came with an earlier call, or if a control character is between them.
  std::string with_whole_escapes(std::string_view bytes);
  // Follows control sequences, and says what is to be done with the next byte.
  enum class Step {
    feed,
    drop,      // an argument beyond those that libvterm has room for; it does not look
    repeats,   // ends a request to repeat the last character, over which libvterm loops for ever
               // when that had no width, or there was none
    restores,  // ends DECRC: libvterm does not tell where the cursor is then, and believes one that
               // was saved on a larger screen
  };
  Step step(char byte);

  // libvterm's callbacks; nonzero: done.
  static int on_glyph(VTermGlyphInfo* info, VTermPos at, void* self);
  static int on_cursor(VTermPos at, VTermPos before, int visible, void* self);
  static int on_scroll(VTermRect what, int downward, int rightward, void* self);
  static int on_erase(VTermRect what, int selective, void* self);
  static int on_pen(VTermAttr attribute, VTermValue* value, void* self);
  static int on_property(VTermProp property, VTermValue* value, void* self);
  static int on_resize(int rows, int columns, VTermPos* delta, void* self);

  std::unique_ptr<VTerm, VTermFree> vt;
  VTermState* state = nullptr;
  Painter painter;
  Grid first;
  Grid second;
  bool alternate = false;
  Pen pen;
  Cell template_cell;  // a blank as the pen writes it
  VTermPos cursor{0, 0};
  bool cursor_visible = true;
  bool reverse = false;
  enum class Sequence { none, escape, control };
  Sequence sequence = Sequence::none;
  int separators = 0;        // of the control sequence's arguments
  bool escape_held = false;  // until it is known what follows it
  int last_width = 0;        // of the last character
  int mouse = VTERM_PROP_MOUSE_NONE;
  unsigned buttons = 0;
  bool changed = true;   // the cursor or how all is shown, if not the text
  std::size_t back = 0;  // lines that the view is behind
  mutable Row view_row;  // a line of the history, at the width of the screen
  std::function<void(std::string_view)> send;
};

}  // namespace pupci::wscons
