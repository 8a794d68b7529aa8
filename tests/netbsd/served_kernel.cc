// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/served_kernel.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

namespace pupci::netbsd::test {
namespace {

std::vector<std::string> command_line(const pupci::test::Folder& folder, const std::string& host,
                                      const std::vector<std::string>& arguments) {
  const std::string module = PUPCI_BUILD_DIR "/tests/driver/pupci.so";
  std::vector<std::string> line = {"--host",    host,
                                   "--socket",  folder.file("socket"),
                                   "--control", folder.file("control"),
                                   "--trace",   folder.file("trace"),
                                   module,      "--"};
  line.insert(line.end(), arguments.begin(), arguments.end());
  return line;
}

}  // namespace

ServedKernel::ServedKernel(const std::string& host, const std::vector<std::string>& arguments)
    : program_(std::make_unique<pupci::test::Command>(command_line(folder_, host, arguments),
                                                      std::vector<std::string>(),
                                                      PUPCI_BUILD_DIR "/bin/pupci-netbsd-kernel")) {
  EXPECT_TRUE(program_->wait_for("listening on ")) << program_->so_far().errors;
}

std::string ServedKernel::spec(const std::string& nodes) const {
  return "netbsd:" + nodes + ",kernel=" + folder_.file("socket");
}

std::vector<std::string> ServedKernel::trace() const {
  std::vector<std::string> lines;
  std::istringstream all(pupci::test::read_file(folder_.file("trace")));
  for (std::string line; std::getline(all, line);) lines.push_back(line);
  return lines;
}

bool ServedKernel::wait_for_trace(const std::string& beginning) const {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < end) {
    for (const std::string& line : trace()) {
      if (line.rfind(beginning, 0) == 0) return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

void ServedKernel::detach(const std::string& device) const {
  const auto outcome =
      pupci::test::pupci({"detach", device}, {"PUPCI_CONTROL=" + folder_.file("control")});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
}

std::vector<std::string> ServedKernel::interrupts() const {
  const auto outcome =
      pupci::test::pupci({"evcnt", "--json"}, {"PUPCI_CONTROL=" + folder_.file("control")});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  std::vector<std::string> found;
  for (const auto& counter : nlohmann::json::parse(outcome.output)) {
    if (counter.at("type") != "intr") continue;
    found.push_back(counter.value("group", "") + " " + counter.value("name", ""));
  }
  return found;
}

void ServedKernel::kill() {
  program_->signal(SIGKILL);
}

int ServedKernel::end() {
  ::kill(program_->pid(), SIGTERM);
  return program_->wait().status;
}

}  // namespace pupci::netbsd::test
