// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/qmp.h"

#include <fmt/core.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "pupci/error.h"

namespace pupci::qemu {

using nlohmann::json;

json Qmp::execute(std::string_view command, const json& arguments) {
  const std::scoped_lock lock(mutex_);
  greet();
  json request{{"execute", command}};
  if (!arguments.is_null()) request["arguments"] = arguments;
  return exchange(request);
}

std::string Qmp::human(std::string_view command) {
  auto text = execute("human-monitor-command", {{"command-line", command}}).get<std::string>();
  std::erase(text, '\r');
  return text;
}

void Qmp::close() noexcept {
  ::shutdown(socket_.get(), SHUT_RDWR);
}

void Qmp::greet() {
  if (ready_) return;
  next_object();
  exchange({{"execute", "qmp_capabilities"}});
  ready_ = true;
}

json Qmp::next_object() {
  for (;;) {
    if (const auto end = input_.find('\n'); end != std::string::npos) {
      const auto object = json::parse(input_.substr(0, end), nullptr, false);
      input_.erase(0, end + 1);
      if (object.is_object()) return object;
      continue;
    }
    char buffer[4096];
    // NOLINTNEXTLINE(clang-analyzer-unix.BlockInCriticalSection): one command at a time
    const ssize_t got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Error(EPIPE, "qemu: the monitor does not answer: QEMU has ended");
    input_.append(buffer, static_cast<std::size_t>(got));
  }
}

json Qmp::exchange(const json& request) {
  const std::string text = request.dump() + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t now = ::send(socket_.get(), text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) throw Error(EPIPE, "qemu: the monitor does not answer: QEMU has ended");
    sent += static_cast<std::size_t>(now);
  }
  for (;;) {
    json answer = next_object();
    if (answer.contains("return")) return answer["return"];
    if (answer.contains("error")) {
      throw Error(EIO, fmt::format("qemu: monitor: {}", answer["error"].value("desc", "failed")));
    }
  }
}

}  // namespace pupci::qemu
