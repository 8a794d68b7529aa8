// SPDX-License-Identifier: BSD-2-Clause
// pupci help [COMMAND]: the manual page, or the usage where no pages are installed.
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <cerrno>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "build/process.h"
#include "cli/command.h"
#include "os/process.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

// Commands that are described together share a page.
std::string page_name(const std::string& topic) {
  if (topic == "poke") return "peek";
  if (topic == "unbind") return "bind";
  for (const char* client :
       {"devices", "detach", "dmesg", "evcnt", "ioctl", "read", "sysctl", "write"}) {
    if (topic == client) return "control";
  }
  return topic;
}

// Our page, wherever this tree was installed; empty if there is none.
std::string page_for(const std::string& topic) {
  std::error_code error;
  const std::string name = topic.empty() ? "pupci.1" : "pupci-" + page_name(topic) + ".1";
  const auto page = os::executable().parent_path().parent_path() / "share/man/man1" / name;
  return std::filesystem::exists(page, error) ? page.string() : "";
}

// In a pager, on a terminal.
bool show_page(const std::string& page) {
  const pid_t pid = ::fork();
  if (pid < 0) return false;
  if (pid == 0) {
    ::execlp("man", "man", "-l", page.c_str(), nullptr);
    ::execlp("mandoc", "mandoc", "-a", page.c_str(), nullptr);
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// Without what is struck over, as for a printer: mandoc writes bold so, wherever it writes to.
std::string plain(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c != '\b') {
      result += c;
      continue;
    }
    constexpr unsigned char later_byte = 0x80;  // of a character in UTF-8
    bool whole = result.empty();
    while (!whole) {
      whole = (static_cast<unsigned char>(result.back()) & 0xc0) != later_byte;
      result.pop_back();
      whole = whole || result.empty();
    }
  }
  return result;
}

bool print_page(const std::string& page) {
  for (const auto& words : {std::vector<std::string>{"man", "-l", page}, {"mandoc", page}}) {
    try {
      const build::Result result = build::run(words);
      if (!result.ok()) continue;
      std::cout << plain(result.output);
      return true;
    } catch (const Error&) {
      continue;  // it is not installed
    }
  }
  return false;
}

int help(CLI::App& app, const std::string& topic) {
  const auto commands = app.get_subcommands([&](CLI::App* c) { return c->get_name() == topic; });
  if (!topic.empty() && commands.empty())
    throw Error(EINVAL, fmt::format("help: there is no command \"{}\"; see pupci --help", topic));
  const std::string page = page_for(topic);
  if (!page.empty() && (::isatty(STDOUT_FILENO) != 0 ? show_page(page) : print_page(page)))
    return ok;
  std::cout << (topic.empty() ? &app : commands.front())->help();
  return ok;
}

}  // namespace

void add_help(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("help", "Show the manual page of a command");
  auto topic = std::make_shared<std::string>();
  command->add_option("COMMAND", *topic);
  command->callback([&app, topic, &context] { context.status = help(app, *topic); });
}

}  // namespace pupci::cli
