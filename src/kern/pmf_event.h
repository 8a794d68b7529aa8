// SPDX-License-Identifier: BSD-2-Clause
// The thread that delivers the events of pmf(9).
#pragma once

#include "kern/api.h"

namespace pupci::kern {

PUPCI_API void
pmf_event_stop() noexcept;  // delivers what was injected; the thread starts again by itself

}  // namespace pupci::kern
