// SPDX-License-Identifier: BSD-2-Clause
// The thread that delivers the events of pmf(9).
#pragma once

namespace pupci::kern {

void pmf_event_stop() noexcept;  // delivers what was injected; the thread starts again by itself

}  // namespace pupci::kern
