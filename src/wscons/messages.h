// SPDX-License-Identifier: BSD-2-Clause
// Kernel messages of before a screen was there, for vcons_replay_msgbuf().
#pragma once

#include <functional>
#include <string_view>

#include "kern/api.h"

namespace pupci::wscons {

// Shows text on the screen with this cookie, through its terminal; false if it has none. Without
// one the text is drawn as it is, line after line.
using MessageWriter = std::function<bool(void* cookie, std::string_view text)>;
PUPCI_API void set_message_writer(MessageWriter writer);

}  // namespace pupci::wscons
