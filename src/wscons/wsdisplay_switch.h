// SPDX-License-Identifier: BSD-2-Clause
// The device switch of wsdisplay(4). Minors: the unit times 256 plus a screen, 254 for the state,
// 255 for the configuration.
#pragma once

namespace pupci::wscons {

int attach_switch();  // errno values
void detach_switch();

}  // namespace pupci::wscons
