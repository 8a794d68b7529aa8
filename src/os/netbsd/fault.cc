// SPDX-License-Identifier: BSD-2-Clause
#include "os/fault.h"

#include <ucontext.h>

namespace pupci::os {
namespace {

const ucontext_t* machine(const void* context) noexcept {
  return static_cast<const ucontext_t*>(context);
}

}  // namespace

const void* program_counter(const void* context) noexcept {
  return reinterpret_cast<const void*>(_UC_MACHINE_PC(machine(context)));
}

#if defined(__x86_64__)

const void* return_address(const void* context) noexcept {
  return *reinterpret_cast<const void* const*>(_UC_MACHINE_SP(machine(context)));
}

std::optional<bool> faulted_by_write(const void* context) noexcept {
  constexpr unsigned long write_bit = 2;  // of the error code of a page fault
  const auto error = machine(context)->uc_mcontext.__gregs[_REG_ERR];
  return (static_cast<unsigned long>(error) & write_bit) != 0;
}

#else

const void* return_address(const void* /*context*/) noexcept {
  return nullptr;
}

std::optional<bool> faulted_by_write(const void* /*context*/) noexcept {
  return std::nullopt;
}

#endif

}  // namespace pupci::os
