// SPDX-License-Identifier: BSD-2-Clause
#include "vfio/guest.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "host/fd.h"
#include "host/vfio/sysfs.h"

namespace pupci::test {

using vfio::Sysfs;
using vfio::SysfsFunction;

namespace {

// But those whose group the kernel uses in part.
std::vector<SysfsFunction> usable() {
  const Sysfs sysfs;
  std::vector<SysfsFunction> list;
  for (const SysfsFunction& function : sysfs.functions()) {
    if (!function.on_vfio()) continue;
    const auto members = sysfs.members(function.iommu_group.value_or(0));
    if (std::any_of(members.begin(), members.end(),
                    [](const SysfsFunction& member) { return member.holds_group(); })) {
      continue;
    }
    list.push_back(function);
  }
  return list;
}

}  // namespace

std::vector<Address> offered(std::uint32_t id) {
  std::vector<Address> list;
  for (const SysfsFunction& function : usable()) {
    const std::uint32_t its = std::uint32_t{function.device} << 16 | function.vendor;
    if (its == id) list.push_back(function.address);
  }
  return list;
}

std::string all_offered() {
  std::string spec;
  for (const SysfsFunction& function : usable()) {
    spec += (spec.empty() ? "vfio:" : ",") + to_string(function.address);
  }
  return spec;
}

std::vector<std::string> interfaces() {
  std::vector<std::string> list;
  if (::access("/dev/vfio/vfio", F_OK) == 0) list.emplace_back("group");
  if (::access("/dev/iommu", F_OK) == 0) list.emplace_back("iommufd");
  return list;
}

std::shared_ptr<Bus> open_small(const std::string& spec) {
  BusOptions options;
  options.arena_size = std::size_t{64} << 20;
  return open_bus(spec, options);
}

std::optional<Notice> wait_notice(Bus& bus) {
  for (int tries = 0; tries < 100; tries++) {
    pollfd wait{bus.notice_fd(), POLLIN, 0};
    if (::poll(&wait, 1, 30000) != 1) break;
    if (auto notice = bus.take_notice()) return notice;
  }
  return std::nullopt;
}

bool tell_qemu(const std::string& command) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (const auto& port : fs::directory_iterator("/sys/class/virtio-ports", error)) {
    if (vfio::read_line(port.path() / "name") != "monitor") continue;
    write_file("/dev/" + port.path().filename().string(), command + "\n");
    return true;
  }
  return false;
}

void write_file(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

bool eventually(const std::function<bool()>& condition) {
  for (int tries = 0; tries < 3000; tries++) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

std::string in_child(const std::function<void()>& body) {
  int pipe_fds[2];
  if (::pipe(pipe_fds) != 0) return "pipe failed";
  const Fd out(pipe_fds[0]);
  Fd in(pipe_fds[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(in.get(), STDERR_FILENO);
    body();
    ::_exit(0);
  }
  in.reset();
  std::string text;
  char buffer[512];
  for (ssize_t n = 0; (n = ::read(out.get(), buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  ::waitpid(child, nullptr, 0);
  return text;
}

}  // namespace pupci::test
