// SPDX-License-Identifier: BSD-2-Clause
// The password of a VNC server: the first line of a file that only its owner can read.
#pragma once

#include <string>

namespace pupci::wscons {

// `what` is how the user wrote the display, for messages. Throws pupci::Error.
std::string read_password(const std::string& what, const std::string& file);

}  // namespace pupci::wscons
