// SPDX-License-Identifier: BSD-2-Clause
// The client's side of the control socket of a running `pupci run`, kern/control_protocol.h.
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>
#include <string>

namespace CLI {
class App;
}

namespace pupci::cli {

struct ControlOptions {
  pid_t pid = 0;  // 0: $PUPCI_CONTROL, else the only one that runs
  bool json = false;
};

// --pid and --json.
void add_control_options(CLI::App& command, ControlOptions& options);

class ControlClient {
 public:
  // Throws pupci::Error: nothing runs, several run (they are listed), no such process.
  explicit ControlClient(const ControlOptions& options);
  ~ControlClient();
  ControlClient(const ControlClient&) = delete;
  ControlClient& operator=(const ControlClient&) = delete;

  // Sends a request and waits for its reply. Throws pupci::Error with the errno value and the words
  // of the other side when it was refused, EPIPE when that has ended.
  nlohmann::json request(const std::string& what,
                         nlohmann::json members = nlohmann::json::object());

 private:
  void send(std::string_view line) const;
  std::string receive();

  int socket_ = -1;
  std::string path_;
  std::string buffer_;
};

}  // namespace pupci::cli
