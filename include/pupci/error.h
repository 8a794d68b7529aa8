// SPDX-License-Identifier: BSD-2-Clause
// The exception of set-up paths: an errno value and a message that names the thing, the reason
// and the remedy. Data paths never throw; see region.h and bus.h for how they report.
#pragma once

#include <string>
#include <system_error>

namespace pupci {

class Error : public std::system_error {
 public:
  /// `errnum`: an errno value of this host. `message` is shown to the user as it stands.
  Error(int errnum, std::string message)
      : std::system_error(errnum, std::generic_category()), message_(std::move(message)) {}

  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] int errnum() const noexcept { return code().value(); }

 private:
  std::string message_;
};

}  // namespace pupci
