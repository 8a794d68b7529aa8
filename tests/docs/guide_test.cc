// SPDX-License-Identifier: BSD-2-Clause
// Follows the guides in docs/ word by word: writes the files that they show, runs the commands
// that they give in an empty folder, and compares what they promise with what comes.
//
//   ```c first.c     the block is the file first.c
//   ```sh            each line is run by a shell, one after the other, and must succeed
//   ```sh fails      the last line must fail
//   ```text          lines that the last command printed, in this order; others may stand between,
//                    and "..." in a line stands for anything
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Block {
  std::string kind;      // "c", "sh", "text"
  std::string argument;  // what follows the kind
  std::string body;
  int line = 0;
};

std::vector<Block> blocks_of(const fs::path& path) {
  std::ifstream in(path);
  std::vector<Block> blocks;
  std::string line;
  bool inside = false;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      if (!inside) continue;
      std::istringstream words(line.substr(3));
      Block block;
      words >> block.kind >> block.argument;
      block.line = number;
      blocks.push_back(block);
    } else if (inside) {
      blocks.back().body += line + "\n";
    }
  }
  return blocks;
}

struct Outcome {
  int status = -1;
  std::string output;
};

Outcome shell(const std::string& command, const fs::path& folder) {
  const std::string wrapped =
      "cd '" + folder.string() + "' && { " + command + "\n} 2>&1 </dev/null";
  Outcome outcome;
  FILE* const pipe = popen(wrapped.c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer{};
  for (std::size_t got = 0; (got = fread(buffer.data(), 1, buffer.size(), pipe)) != 0;) {
    outcome.output.append(buffer.data(), got);
  }
  const int status = pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

bool matches(const std::string& pattern, const std::string& line) {
  std::size_t at = 0;
  std::size_t from = 0;
  for (bool first = true;; first = false) {
    const std::size_t dots = pattern.find("...", from);
    const std::string piece = pattern.substr(from, dots == std::string::npos ? dots : dots - from);
    const std::size_t found = line.find(piece, at);
    if (found == std::string::npos || (first && found != 0)) return false;
    at = found + piece.size();
    if (dots == std::string::npos) return piece.empty() || line.substr(found) == piece;
    from = dots + 3;
  }
}

// The promised lines, in order, among those printed; the first that is missing, or "".
std::string missing_line(const std::string& promised, const std::string& printed) {
  std::istringstream wanted(promised);
  std::istringstream got(printed);
  std::string pattern;
  while (std::getline(wanted, pattern)) {
    bool found = false;
    for (std::string line; !found && std::getline(got, line);) found = matches(pattern, line);
    if (!found) return pattern;
  }
  return "";
}

class Guide : public testing::TestWithParam<const char*> {};

TEST_P(Guide, WorksWordByWord) {
  const fs::path guide = fs::path(PUPCI_SOURCE_DIR) / GetParam();
  const auto blocks = blocks_of(guide);
  ASSERT_FALSE(blocks.empty()) << guide;

  std::string name = (fs::temp_directory_path() / "pupci-guide-XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  const fs::path folder = name;
  const std::string path = fs::path(PUPCI_BINARY).parent_path().string() + ":" + getenv("PATH");
  setenv("PATH", path.c_str(), 1);

  Outcome last;
  for (const Block& block : blocks) {
    SCOPED_TRACE(guide.string() + ":" + std::to_string(block.line));
    if (block.kind == "c") {
      std::ofstream(folder / block.argument) << block.body;
    } else if (block.kind == "sh") {
      last = shell("set -e\n" + block.body, folder);
      if (block.argument == "fails") {
        EXPECT_NE(last.status, 0) << last.output;
      } else {
        ASSERT_EQ(last.status, 0) << block.body << last.output;
      }
    } else if (block.kind == "text") {
      EXPECT_EQ(missing_line(block.body, last.output), "") << "printed was:\n" << last.output;
    }
  }
  fs::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Docs, Guide, testing::Values("docs/guide.md"), [](const auto& guide) {
  std::string name = fs::path(guide.param).stem().string();
  return name;
});

}  // namespace
