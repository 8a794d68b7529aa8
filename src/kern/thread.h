// SPDX-License-Identifier: BSD-2-Clause
// A kernel thread: a POSIX thread whose stack lies in the arena, because drivers do DMA to and from
// their stacks.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kern/api.h"
#include "netbsd/sys/types.h"

namespace pupci::kern {

class PUPCI_API Thread {
 public:
  // Runs `body` with an lwp of this name in Context::thread. The name appears in debuggers.
  // Throws pupci::Error when there is no memory for the stack.
  Thread(std::string name, std::function<void()> body);
  ~Thread();  // joins
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  void join();
  // Valid as long as this object.
  [[nodiscard]] lwp* thread() noexcept;

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace pupci::kern
