// SPDX-License-Identifier: BSD-2-Clause
// Where the stacks of kernel threads come from.
#pragma once

#include <cstddef>

#include "kern/api.h"
#include "pupci/dma.h"

namespace pupci::kern {

// From now on new stacks come from this arena; null: from anonymous memory. A stack goes back to
// where it came from, so the arena must outlive the threads that were made meanwhile.
PUPCI_API void set_stack_arena(Dma* dma) noexcept;

struct Stack {
  Dma* dma = nullptr;
  std::byte* base = nullptr;  // the guard page, below the stack proper
  std::size_t size = 0;       // with the guard page
};

// base is null when there is no memory.
Stack allocate_stack() noexcept;
void release_stack(const Stack& stack) noexcept;

}  // namespace pupci::kern
