// SPDX-License-Identifier: BSD-2-Clause
// What every host refuses alike, in the same words.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "pupci/function.h"

namespace pupci {

/// Function::map().
struct BarRequest {
  std::string_view host;  ///< its name, as messages begin
  Address function;
  unsigned index = 0;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;

  /// The BAR, if the request is within it; throws EINVAL or ERANGE.
  [[nodiscard]] const Bar& find(const std::vector<Bar>& bars) const;
  [[noreturn]] void refuse(int error, std::string_view why) const;
};

/// Function::enable_interrupts().
struct InterruptRequest {
  std::string_view host;
  Address function;
  InterruptType type = InterruptType::intx;
  unsigned count = 0;

  /// Throws EBUSY or EINVAL. `offered` as interrupt_count(), `enabled` whether any are.
  void check(unsigned offered, bool enabled) const;
  [[noreturn]] void refuse(int error, std::string_view why) const;
};

}  // namespace pupci
