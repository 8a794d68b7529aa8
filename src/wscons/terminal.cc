// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/terminal.h"

#include <algorithm>
#include <limits>

#include "wscons/terminal_impl.h"

namespace pupci::wscons {
namespace {

constexpr char escape = '\033';

void append_utf8(std::string& text, char32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  static constexpr std::array<unsigned, 4> lead{0, 0xc0, 0xe0, 0xf0};
  text += static_cast<char>(lead[static_cast<std::size_t>(more)] | (c >> (6 * more)));
  for (int i = more - 1; i >= 0; i--) text += static_cast<char>(0x80 | ((c >> (6 * i)) & 0x3f));
}

}  // namespace

Terminal::Impl::Impl(const TextScreen& screen, int cursor_row, int cursor_column)
    : vt(vterm_new(screen.rows, screen.columns)),
      state(vterm_obtain_state(vt.get())),
      painter(screen),
      first(screen.columns, screen.rows, history_lines),
      second(screen.columns, screen.rows, 0) {
  static const VTermStateCallbacks callbacks = {
      .putglyph = on_glyph,
      .movecursor = on_cursor,
      .scrollrect = on_scroll,
      .moverect = nullptr,
      .erase = on_erase,
      .initpen = nullptr,
      .setpenattr = on_pen,
      .settermprop = on_property,
      .bell = nullptr,
      .resize = on_resize,
      .setlineinfo = nullptr,
  };
  vterm_set_utf8(vt.get(), 1);
  vterm_output_set_callback(
      vt.get(),
      [](const char* bytes, std::size_t count, void* self) {
        static_cast<Impl*>(self)->reply({bytes, count});
      },
      this);
  vterm_state_set_callbacks(state, &callbacks, this);
  vterm_state_reset(state, 1);
  const std::string place =
      "\033[" + std::to_string(cursor_row + 1) + ";" + std::to_string(cursor_column + 1) + "H";
  vterm_input_write(vt.get(), place.data(), place.size());
}

void Terminal::Impl::reply(std::string_view bytes) const {
  if (send && !bytes.empty()) send(bytes);
}

const Cell* Terminal::Impl::view(int row) const {
  const std::size_t lines = std::min(back, first.history().size());
  const auto index = static_cast<std::size_t>(row);
  if (index >= lines) return grid().row(row - static_cast<int>(lines)).data();
  view_row = first.history()[first.history().size() - lines + index];
  view_row.resize(static_cast<std::size_t>(first.columns()));
  return view_row.data();
}

Terminal::Terminal(const TextScreen& screen, int cursor_row, int cursor_column)
    : impl_(std::make_unique<Impl>(screen, cursor_row, cursor_column)) {
  // As it is, it needs no drawing.
  impl_->first.clear_touched();
}

Terminal::~Terminal() = default;

int Terminal::columns() const noexcept {
  return impl_->first.columns();
}

int Terminal::rows() const noexcept {
  return impl_->first.rows();
}

void Terminal::set_reply(std::function<void(std::string_view)> reply) {
  impl_->send = std::move(reply);
}

void Terminal::Impl::feed(std::string_view bytes) {
  // libvterm takes four times as much of the stack.
  static constexpr std::size_t most = 4096;
  while (!bytes.empty()) {
    std::size_t part = std::min(most, bytes.size());
    if (part < bytes.size() && bytes[part - 1] == escape) part--;
    vterm_input_write(vt.get(), bytes.data(), part);
    bytes.remove_prefix(part);
  }
}

std::string Terminal::Impl::with_whole_escapes(std::string_view bytes) {
  std::string whole;
  whole.reserve(bytes.size() + 1);
  while (!bytes.empty()) {
    if (!escape_held) {
      const std::size_t next = bytes.find(escape);
      whole += bytes.substr(0, next);
      if (next == std::string_view::npos) break;
      bytes.remove_prefix(next + 1);
      escape_held = true;
      continue;
    }
    const auto c = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    if (c == 0 || c == 0x7f || c == escape) continue;  // nothing, or the escape again
    const bool introduced = c >= 0x20;
    if (introduced) whole += escape;
    // Another control character takes effect at once, if it does not cancel the escape.
    if (introduced || c == 0x18 || c == 0x1a) escape_held = false;
    whole += static_cast<char>(c);
  }
  return whole;
}

Terminal::Impl::Step Terminal::Impl::step(char byte) {
  constexpr int most_separators = 15;  // libvterm keeps 16 arguments
  const auto c = static_cast<unsigned char>(byte);
  if (byte == escape) {
    sequence = Sequence::escape;
  } else if (c == 0x18 || c == 0x1a) {
    sequence = Sequence::none;
  } else if (c < 0x20 || c == 0x7f) {
    return Step::feed;  // is no part of the sequence around it
  } else if (sequence == Sequence::escape) {
    if (c < 0x30 || c > 0x7e) return Step::feed;  // libvterm waits for others
    sequence = c == '[' ? Sequence::control : Sequence::none;
    separators = 0;
    if (c == '8') return Step::restores;
  } else if (sequence == Sequence::control && c >= 0x40) {
    sequence = Sequence::none;
    if (c == 'b') return Step::repeats;
  } else if (sequence == Sequence::control && c >= 0x30) {
    if (c == ';' || c == ':') separators++;
    if (separators > most_separators) return Step::drop;
  }
  return Step::feed;
}

void Terminal::write(std::string_view output) {
  const std::string whole = impl_->with_whole_escapes(output);
  const std::string_view bytes = whole;
  const std::size_t before = impl_->first.history().size();
  std::size_t start = 0;
  for (std::size_t i = 0; i < bytes.size(); i++) {
    const Impl::Step step = impl_->step(bytes[i]);
    if (step == Impl::Step::feed) continue;
    if (step == Impl::Step::restores) {
      impl_->feed(bytes.substr(start, i + 1 - start));
      impl_->feed("\033[?9999h");  // no mode, but the cursor is brought within the screen
      vterm_state_get_cursorpos(impl_->state, &impl_->cursor);
      start = i + 1;
      continue;
    }
    impl_->feed(bytes.substr(start, i - start));
    start = i;
    if (step == Impl::Step::repeats && impl_->last_width != 0) continue;
    if (step == Impl::Step::repeats) impl_->feed("\030");  // cancels the sequence
    start = i + 1;
  }
  impl_->feed(bytes.substr(start));
  if (impl_->back != 0) {
    // The lines looked at go on standing where they are, as long as there are so many.
    impl_->back = std::min(impl_->back + impl_->first.history().size() - before,
                           impl_->first.history().size());
    impl_->grid().touch_all();
  }
  impl_->changed = true;
}

void Terminal::write_message(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (end != 0) write(text.substr(0, end));
    if (end == text.size()) break;
    write("\r\n");
    text.remove_prefix(end + 1);
  }
}

bool Terminal::pending() const noexcept {
  return impl_->changed;
}

std::vector<CellRect> Terminal::flush() {
  std::vector<CellRect> damage;
  if (!impl_->changed) return damage;
  impl_->changed = false;
  Grid& grid = impl_->grid();
  const Grid::Scroll& scrolled = grid.scrolled();
  const bool at_end = impl_->back == 0;
  Painter::Frame frame;
  frame.row = [this](int row) { return impl_->view(row); };
  frame.touched = [&grid](int row) { return grid.touched(row); };
  frame.scroll_top = scrolled.top;
  frame.scroll_bottom = scrolled.bottom;
  frame.scroll_lines = at_end ? scrolled.lines : 0;
  frame.reverse = impl_->reverse;
  frame.cursor = impl_->cursor_visible && at_end;
  frame.cursor_row = std::clamp(impl_->cursor.row, 0, rows() - 1);
  frame.cursor_column = std::clamp(impl_->cursor.col, 0, columns() - 1);
  impl_->painter.draw(frame, damage);
  grid.clear_touched();
  return damage;
}

void Terminal::hide_cursor() {
  impl_->painter.hide_cursor();
  impl_->changed = true;
}

void Terminal::redraw() {
  impl_->painter.forget();
  impl_->grid().touch_all();
  impl_->changed = true;
}

void Terminal::resize(const TextScreen& screen) {
  impl_->painter = Painter(screen);
  if (screen.columns != columns() || screen.rows != rows()) {
    // As xterm does. libvterm keeps margins that reach beyond the new size, and writes there.
    impl_->feed("\030\033[?69l\033[r\033[" + std::to_string(impl_->cursor.row + 1) + ";" +
                std::to_string(impl_->cursor.col + 1) + "H");
    impl_->sequence = Impl::Sequence::none;
    impl_->escape_held = false;
    vterm_set_size(impl_->vt.get(), screen.rows, screen.columns);
  }
  impl_->back = 0;
  redraw();
}

void Terminal::scroll_back(int lines) {
  if (impl_->alternate) return;
  const auto most = static_cast<std::int64_t>(impl_->first.history().size());
  const auto wanted =
      std::clamp<std::int64_t>(static_cast<std::int64_t>(impl_->back) + lines, 0, most);
  if (static_cast<std::size_t>(wanted) == impl_->back) return;
  impl_->back = static_cast<std::size_t>(wanted);
  impl_->first.touch_all();
  impl_->changed = true;
}

void Terminal::scroll_to_end() {
  scroll_back(std::numeric_limits<int>::min());
}

const Cell& Terminal::cell(int row, int column) const {
  return impl_->view(row)[column];
}

std::string Terminal::text(int row) const {
  std::string text;
  const Cell* cells = impl_->view(row);
  for (int column = 0; column < columns(); column++) {
    if (cells[column].width != 0) append_utf8(text, cells[column].character);
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

}  // namespace pupci::wscons
