// SPDX-License-Identifier: BSD-2-Clause
// The control path to QEMU: its QMP monitor, JSON objects a line.
#pragma once

#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "host/fd.h"

namespace pupci::qemu {

/// Thread-safe; one command at a time.
class Qmp {
 public:
  explicit Qmp(Fd socket) : socket_(std::move(socket)) {}

  /// What the command returned. Throws EIO with QEMU's own words when it failed, EPIPE when
  /// QEMU is gone.
  nlohmann::json execute(std::string_view command, const nlohmann::json& arguments);
  /// A command of the human monitor ("info pci"), its output with lines ended by '\n' alone.
  std::string human(std::string_view command);
  /// Ends the connection from this side; a command that waits fails.
  void close() noexcept;

 private:
  void greet();
  nlohmann::json next_object();
  nlohmann::json exchange(const nlohmann::json& request);

  Fd socket_;
  std::mutex mutex_;
  bool ready_ = false;
  std::string input_;
};

}  // namespace pupci::qemu
