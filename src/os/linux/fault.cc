// SPDX-License-Identifier: BSD-2-Clause
#include "os/fault.h"

#include <ucontext.h>

namespace pupci::os {
namespace {

const mcontext_t& machine(const void* context) noexcept {
  return static_cast<const ucontext_t*>(context)->uc_mcontext;
}

}  // namespace

#if defined(__x86_64__)

const void* program_counter(const void* context) noexcept {
  return reinterpret_cast<const void*>(machine(context).gregs[REG_RIP]);
}

const void* return_address(const void* context) noexcept {
  return *reinterpret_cast<const void* const*>(machine(context).gregs[REG_RSP]);
}

std::optional<bool> faulted_by_write(const void* context) noexcept {
  constexpr unsigned long long write_bit = 2;  // of the error code of a page fault
  return (static_cast<unsigned long long>(machine(context).gregs[REG_ERR]) & write_bit) != 0;
}

#elif defined(__aarch64__)

const void* program_counter(const void* context) noexcept {
  return reinterpret_cast<const void*>(machine(context).pc);
}

const void* return_address(const void* context) noexcept {
  return reinterpret_cast<const void*>(machine(context).regs[30]);
}

std::optional<bool> faulted_by_write(const void* /*context*/) noexcept {
  return std::nullopt;
}

#else

const void* program_counter(const void* /*context*/) noexcept {
  return nullptr;
}

const void* return_address(const void* /*context*/) noexcept {
  return nullptr;
}

std::optional<bool> faulted_by_write(const void* /*context*/) noexcept {
  return std::nullopt;
}

#endif

}  // namespace pupci::os
