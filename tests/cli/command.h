// SPDX-License-Identifier: BSD-2-Clause
// Runs pupci as a user does, and looks at what it says.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

namespace pupci::test {

struct Outcome {
  int status = -1;     // exit status; 128 + signal if one ended it
  std::string output;  // standard output
  std::string errors;  // standard error
};

// A child in a process group of its own.
class Command {
 public:
  // `arguments` after the program; `environment` adds NAME=VALUE, or removes NAME.
  explicit Command(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment = {},
                   const std::string& program = PUPCI_BINARY);
  ~Command();  // kills it if it still runs
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  void signal(int number) const noexcept;
  // Until its output and errors together contain `text`; false if it ends before, or after
  // `limit`.
  bool wait_for(const std::string& text, std::chrono::seconds limit = std::chrono::seconds(60));
  // What it wrote until now, once nothing more can be read without waiting.
  const Outcome& so_far();
  // Until it ends. A child that runs on past the limit is killed, with status -1.
  Outcome wait(std::chrono::seconds limit = std::chrono::seconds(100));

 private:
  bool poll_once(int milliseconds);

  pid_t pid_ = -1;
  int output_ = -1;
  int errors_ = -1;
  Outcome outcome_;
};

// Start to end.
Outcome pupci(const std::vector<std::string>& arguments,
              const std::vector<std::string>& environment = {});

// A folder for one test, removed with everything in it.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }
  // Writes a file, with its folders; its path.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

std::string read_file(const std::string& path);

// Whether a process exists (and is no zombie).
bool is_alive(pid_t pid);
// Children of a process, by /proc.
std::vector<pid_t> children_of(pid_t pid);

}  // namespace pupci::test
