// SPDX-License-Identifier: BSD-2-Clause
// vcons(9)'s replay of the message buffer: through the terminal of the console's screen, and on a
// screen that has none line after line.
#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "kern/console.h"
#include "wscons/console.h"
#include "wscons/vcons.h"

namespace pupci::wscons {
namespace {

// As a terminal of this width breaks them.
std::vector<std::string> lines_of(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
      continue;
    }
    if (static_cast<unsigned char>(c) < ' ') continue;
    if (lines.back().size() == width) lines.emplace_back();
    lines.back() += static_cast<unsigned char>(c) < 0x7f ? c : '?';
  }
  return lines;
}

void draw(vcons_screen* scr, std::string_view text) {
  rasops_info* const ri = &scr->scr_ri;
  const auto& ops = ri->ri_ops;
  const auto lines = lines_of(text, static_cast<std::size_t>(ri->ri_cols));
  const auto rows = static_cast<std::size_t>(ri->ri_rows);
  const std::size_t first = lines.size() > rows ? lines.size() - rows : 0;
  ops.cursor(ri, 0, ri->ri_crow, ri->ri_ccol);
  ops.eraserows(ri, 0, ri->ri_rows, scr->scr_defattr);
  for (std::size_t i = first; i < lines.size(); ++i) {
    for (std::size_t col = 0; col < lines[i].size(); ++col) {
      ops.putchar(ri, static_cast<int>(i - first), static_cast<int>(col),
                  static_cast<unsigned char>(lines[i][col]), scr->scr_defattr);
    }
  }
  const auto column = std::min(lines.back().size(), static_cast<std::size_t>(ri->ri_cols - 1));
  ops.cursor(ri, 1, static_cast<int>(lines.size() - 1 - first), static_cast<int>(column));
}

}  // namespace

}  // namespace pupci::wscons

void vcons_replay_msgbuf(vcons_screen* scr) {
  using namespace pupci::wscons;
  try {
    const std::string text = pupci::kern::message_buffer();
    if (!console_text_on(scr, text)) draw(scr, text);
  } catch (const std::exception&) {
    pupci::kern::console_write(pupci::kern::Message::error,
                               "vcons_replay_msgbuf: no memory for the messages\n");
  }
}
