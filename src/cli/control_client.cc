// SPDX-License-Identifier: BSD-2-Clause
#include "cli/control_client.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "kern/control.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

std::string path_for(const ControlOptions& options) {
  const char* given = std::getenv("PUPCI_CONTROL");  // NOLINT(concurrency-mt-unsafe): one thread
  if (options.pid == 0 && given != nullptr && given[0] != '\0') return given;
  const auto sockets = kern::control_sockets();
  std::string pids;
  for (const kern::ControlSocket& socket : sockets) {
    if (socket.pid == options.pid) return socket.path;
    pids += fmt::format("{}{}", pids.empty() ? "" : ", ", socket.pid);
  }
  if (options.pid != 0)
    throw Error(ESRCH, fmt::format("--pid {}: no pupci run of yours has this process id; there "
                                   "are: {}",
                                   options.pid, pids.empty() ? "none" : pids));
  if (sockets.empty()) throw Error(ESRCH, "no pupci run of yours is running; start one first");
  if (sockets.size() > 1)
    throw Error(EBUSY, fmt::format("{} pupci run are running; choose one with --pid: {}",
                                   sockets.size(), pids));
  return sockets.front().path;
}

}  // namespace

void add_control_options(CLI::App& command, ControlOptions& options) {
  command.add_option("--pid", options.pid, "Which pupci run; default: the only one")
      ->check(CLI::PositiveNumber);
  command.add_flag("--json", options.json, "Print as JSON");
}

ControlClient::ControlClient(const ControlOptions& options) : path_(path_for(options)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path_.size() >= sizeof(address.sun_path))
    throw Error(ENAMETOOLONG, fmt::format("{}: too long for a socket", path_));
  std::memcpy(address.sun_path, path_.data(), path_.size());
  socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0 ||
      ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    const int error = errno;
    if (socket_ >= 0) ::close(socket_);
    throw Error(error, fmt::format("{}: {}; has that pupci run ended?", path_,
                                   std::generic_category().message(error)));
  }
}

ControlClient::~ControlClient() {
  ::close(socket_);
}

void ControlClient::send(std::string_view line) const {
  while (!line.empty()) {
    const ssize_t sent = ::send(socket_, line.data(), line.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0)
      throw Error(errno, fmt::format("{}: {}", path_, std::generic_category().message(errno)));
    line.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::string ControlClient::receive() {
  std::array<char, 65536> chunk;
  while (true) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    const ssize_t got = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw Error(EPIPE, fmt::format("{}: that pupci run has ended", path_));
    buffer_.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

nlohmann::json ControlClient::request(const std::string& what, nlohmann::json members) {
  using Json = nlohmann::json;
  members["request"] = what;
  send(members.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  Json reply = Json::parse(receive(), nullptr, false);
  if (!reply.is_object()) throw Error(EPROTO, fmt::format("{}: an answer that is not JSON", path_));
  if (!reply.value("ok", false))
    throw Error(reply.value("errno", EIO), reply.value("error", "refused without a reason"));
  return reply;
}

}  // namespace pupci::cli
