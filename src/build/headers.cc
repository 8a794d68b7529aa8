// SPDX-License-Identifier: BSD-2-Clause
#include "build/headers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "build/process.h"
#include "pupci/error.h"

namespace pupci::build {
namespace {

namespace fs = std::filesystem;

// The prerequisites of a make(1) rule as -M writes it: words, with "\ " for a blank and lines
// continued.
std::vector<std::string> prerequisites(const std::string& rule) {
  std::vector<std::string> words;
  std::string word;
  const std::size_t colon = rule.find(": ");
  for (std::size_t i = colon == std::string::npos ? 0 : colon + 1; i < rule.size(); ++i) {
    const char c = rule[i];
    const char following = i + 1 < rule.size() ? rule[i + 1] : '\0';
    if (c == '\\' && following == '\n') {
      ++i;
    } else if (c == '\\' && following == ' ') {
      word += ' ';
      ++i;
      continue;
    } else if (std::isspace(static_cast<unsigned char>(c)) == 0) {
      word += c;
      continue;
    }
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// The header that a line includes, with its delimiters ("foo.h" or <foo.h>); empty if none.
std::string included(std::string_view line) {
  const auto skip = [&](std::size_t at) {
    return std::min(line.find_first_not_of(" \t", at), line.size());
  };
  std::size_t at = skip(0);
  if (at == line.size() || line[at] != '#') return {};
  at = skip(at + 1);
  if (line.substr(at, 7) != "include") return {};
  at = skip(at + 7);
  if (at == line.size() || (line[at] != '"' && line[at] != '<')) return {};
  const std::size_t end = line.find(line[at] == '"' ? '"' : '>', at + 1);
  return end == std::string_view::npos ? "" : std::string(line.substr(at, end - at + 1));
}

bool mentions_word(const std::string& text, const std::string& word) {
  const auto part_of_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !part_of_word(text[at - 1])) &&
        (end == text.size() || !part_of_word(text[end])))
      return true;
  }
  return false;
}

// "foo_bar.h" -> "NFOO_BAR"; empty if the name cannot be that of a needs-flag header.
std::string count_name(const std::string& header) {
  if (!header.ends_with(".h")) return {};
  std::string name = "N";
  for (const char c : header.substr(0, header.size() - 2)) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_') return {};
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name.size() > 1 ? name : std::string();
}

class Search {
 public:
  Search(const Options& options, const Installation& installation, const Compiler& compiler,
         const Config& config, const std::string& directory)
      : options_(options),
        installation_(installation),
        compiler_(compiler),
        config_(config),
        directory_(directory) {}

  HeaderReport run() {
    // A header made in one round can lead to more includes in the next.
    static constexpr int rounds = 8;
    for (int round = 0; round < rounds; ++round) {
      files_.clear();
      missing_.clear();
      for (const std::string& source : options_.sources) ask(source);
      note_includes();
      if (!generate()) break;
    }
    HeaderReport report;
    for (auto& [name, includers] : missing_) report.missing.push_back({name, includers});
    for (const std::string& name : guessed_) report.guessed.push_back({name, includers_[name]});
    find_mixed(report);
    return report;
  }

 private:
  void ask(const std::string& source) {
    auto command = compiler_.command(options_, installation_, directory_, source);
    command.insert(command.end(), {"-M", "-MG", source});
    const Result result = build::run(command);
    // Whatever else is wrong with the source, the compiler will say it better.
    for (const std::string& name : prerequisites(result.output)) {
      std::error_code error;
      if (fs::exists(name, error)) {
        files_.insert(name);
      } else {
        missing_[name];
      }
    }
  }

  // Who includes what is missing, and whether in quotes.
  void note_includes() {
    for (const std::string& file : files_) {
      std::istringstream lines(read_text(file));
      std::string line;
      for (unsigned number = 1; std::getline(lines, line); ++number) {
        const std::string header = included(line);
        if (header.size() < 3) continue;
        const std::string name = header.substr(1, header.size() - 2);
        const auto found = missing_.find(name);
        if (found != missing_.end()) {
          found->second.push_back(fmt::format("{}:{}", file, number));
          if (header[0] == '"') quoted_.insert(name);
        }
      }
    }
  }

  // Whether anything was generated.
  bool generate() {
    bool any = false;
    for (auto it = missing_.begin(); it != missing_.end();) {
      const std::string text = text_for(it->first);
      if (text.empty()) {
        ++it;
        continue;
      }
      write_if_changed(directory_ + "/" + it->first, text);
      includers_[it->first] = it->second;
      it = missing_.erase(it);
      any = true;
    }
    return any;
  }

  std::string text_for(const std::string& name) {
    if (name.find('/') != std::string::npos || !quoted_.contains(name)) return {};
    if (name == "ioconf.h") return ioconf_h(config_);
    if (name == "locators.h") return locators_h(config_);
    if (name.starts_with("opt_") && name.ends_with(".h"))
      return "/* Generated: no options set. */\n";
    const std::string count = count_name(name);
    if (count.empty()) return {};
    const bool used = std::any_of(files_.begin(), files_.end(), [&](const std::string& file) {
      return !is_own(file) && mentions_word(read_text(file), count);
    });
    if (!used) guessed_.insert(name);
    return fmt::format("/* Generated: what config(1) would write. */\n#define {} 1\n", count);
  }

  [[nodiscard]] bool is_own(const std::string& file) const {
    return file.starts_with(installation_.headers() + "/") || file.starts_with(directory_ + "/");
  }

  // A tree's dev/pci/pcivar.h that a source beside it included as "pcivar.h", for example.
  void find_mixed(HeaderReport& report) {
    for (const std::string& file : files_) {
      if (is_own(file) || !file.ends_with(".h")) continue;
      for (const auto* list : {&options_.late_include_dirs, &options_.include_dirs}) {
        for (const std::string& directory : *list) {
          const std::string relative =
              fs::path(file)
                  .lexically_normal()
                  .lexically_relative(fs::path(directory).lexically_normal())
                  .string();
          if (relative.empty() || relative.starts_with("..")) continue;
          std::error_code error;
          if (fs::exists(installation_.headers() + "/" + relative, error))
            report.mixed.push_back({relative, {file}});
        }
      }
    }
  }

  const Options& options_;
  const Installation& installation_;
  const Compiler& compiler_;
  const Config& config_;
  std::string directory_;
  std::set<std::string> files_;
  std::map<std::string, std::vector<std::string>> missing_;
  std::map<std::string, std::vector<std::string>> includers_;
  std::set<std::string> quoted_;
  std::set<std::string> guessed_;
};

// Why a header is not there, where more can be said than that.
std::string_view hint(const std::string& name) {
  std::error_code error;
  if (name.starts_with("machine/") || name.starts_with("arch/") || name.starts_with("x86/"))
    return " (a machine header: pupci has no such machine; what needs it cannot be built)";
  if (name.find('/') == std::string::npos && fs::exists("/usr/include/" + name, error))
    return " (a libc header: drivers see kernel headers only)";
  return "";
}

}  // namespace

HeaderReport provide_headers(const Options& options, const Installation& installation,
                             const Compiler& compiler, const Config& config,
                             const std::string& directory) {
  return Search(options, installation, compiler, config, directory).run();
}

std::string describe(const std::vector<MissingHeader>& headers) {
  std::string text;
  for (const MissingHeader& header : headers) {
    text += fmt::format("\n  {}{}", header.name, hint(header.name));
    static constexpr std::size_t shown = 3;
    for (std::size_t i = 0; i < header.includers.size() && i < shown; ++i)
      text += fmt::format("{}{}", i == 0 ? ", included by " : ", ", header.includers[i]);
    if (header.includers.size() > shown)
      text += fmt::format(" and {} more", header.includers.size() - shown);
  }
  return text;
}

}  // namespace pupci::build
