// SPDX-License-Identifier: BSD-2-Clause
// The screen that kernel messages appear on: wsdisplay_cnattach() gives it, and the wsdisplay of
// the same display takes it over when it attaches.
#pragma once

#include <memory>
#include <string_view>

#include "wscons/screen.h"

namespace pupci::wscons {

// The console's screen for the wsdisplay that attaches now, which is its owner until it gives it
// back; null if there is none, or it has an owner.
std::shared_ptr<Screen> take_console();
// The owner goes, and with it the console.
void release_console(const Screen* screen);
// When the kernel stops.
void forget_console();

// Text on the console's screen, if there is one. Any context.
void console_text(std::string_view text);
// The same if it is this screen (the driver's cookie); false if it is not.
bool console_text_on(const void* cookie, std::string_view text);

}  // namespace pupci::wscons
