// SPDX-License-Identifier: BSD-2-Clause
// The memory of a process that the kernel server serves, for copyin(9) and its kin.
#pragma once

#include <sys/types.h>

#include "host/fd.h"
#include "kern/user_memory.h"

namespace pupci::netbsd {

class ClientConnection;

// By the kernel of this machine, at any time while the process lives; where that is forbidden, by
// asking the process over its connection, which is possible during a call of its own.
class ClientMemory : public vmspace {
 public:
  // `ask`: as if it were forbidden.
  explicit ClientMemory(pid_t pid, bool ask = false);

  bool copy_in(std::uintptr_t address, void* to, std::size_t size) const override;
  bool copy_out(const void* from, std::uintptr_t address, std::size_t size) override;
  [[nodiscard]] std::size_t bytes_from(std::uintptr_t address) const override;
  [[nodiscard]] bool accessible(std::uintptr_t address, std::size_t size,
                                bool write) const override;

  // For the time of a scope, this thread answers a call that came by `connection`.
  class Call {
   public:
    explicit Call(ClientConnection& connection);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
  };

 private:
  // Also so that another process which gets the number later is not taken for it.
  [[nodiscard]] bool alive() const;
  // Between `local` and the process, by the kernel of this machine.
  enum class Result : std::uint8_t { done, fault, forbidden };
  Result move(void* local, std::uintptr_t address, std::size_t size, bool in) const;

  pid_t pid_;
  bool ask_;
  Fd process_;
};

}  // namespace pupci::netbsd
