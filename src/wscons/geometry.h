// SPDX-License-Identifier: BSD-2-Clause
// Where the cells of a text screen lie among a display's pixels, whichever way it is turned. The
// text's place within the display is the driver's to choose, so some of it is known to a margin
// only.
#pragma once

#include <vector>

#include "kern/api.h"
#include "netbsd/dev/wscons/wsdisplayvar.h"
#include "wscons/cell.h"
#include "wscons/display.h"

namespace pupci::wscons {

// How a driver draws on a screen.
struct Turn {
  int how = 0;         // RI_ROTATE_*; 0: upright
  int cell_width = 0;  // as it lies on the display; 0: not known
  int cell_height = 0;
  int left = 0;  // of the text; meaningful if the cell is known
  int top = 0;
};
// Of the screen with this emulops cookie: upright, unless vcons(9) knows better.
PUPCI_API Turn turn_of(const void* cookie) noexcept;

// What the cells of a screen may have changed of a display's pixels: all that, and little more.
PUPCI_API std::vector<Rectangle> to_pixels(const std::vector<CellRect>& cells,
                                           const wsscreen_descr& type, Size size, const Turn& turn);

struct Place {
  int row;
  int column;
};
// The cell at a pixel, or the one nearest to it.
PUPCI_API Place to_cell(unsigned x, unsigned y, const wsscreen_descr& type, Size size,
                        const Turn& turn);

}  // namespace pupci::wscons
