// SPDX-License-Identifier: BSD-2-Clause
#include "build/build.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "build/compile.h"
#include "build/headers.h"
#include "build/ioconf.h"
#include "build/link.h"
#include "kern/elf_file.h"
#include "pupci/error.h"

namespace pupci::build {
namespace {

namespace fs = std::filesystem;

// A folder for what is generated: the user's, which stays, or our own, which goes.
class WorkDirectory {
 public:
  explicit WorkDirectory(const std::string& kept) : kept_(!kept.empty()), path_(kept) {
    std::error_code error;
    if (kept_) {
      fs::create_directories(path_, error);
      if (error) throw Error(error.value(), fmt::format("{}: {}", path_, error.message()));
      return;
    }
    path_ = (fs::temp_directory_path() / "pupci-build-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr)
      throw Error(errno, fmt::format("{}: {}", path_, std::generic_category().message(errno)));
  }
  ~WorkDirectory() {
    std::error_code ignored;
    if (!kept_) fs::remove_all(path_, ignored);
  }
  WorkDirectory(const WorkDirectory&) = delete;
  WorkDirectory& operator=(const WorkDirectory&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  bool kept_;
  std::string path_;
};

std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(errno, fmt::format("{}: {}", path, std::generic_category().message(errno)));
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> matches(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), pattern), end; it != end; ++it) {
    if (std::find(found.begin(), found.end(), (*it)[1].str()) == found.end())
      found.push_back((*it)[1].str());
  }
  return found;
}

// What the sources themselves say: their attachments, unless declared, and the interface attributes
// at which they look for children.
void read_sources(Config& config, const Options& options) {
  static const std::regex attachment(R"(\bCFATTACH_DECL\w*\s*\(\s*(\w+)\s*,)");
  static const std::regex carried(
      R"re((?:\.iattr\s*=\s*|CFARG_IATTR\s*,\s*|config_found_ia\s*\([^,;]*,\s*|config_search_ia\s*\([^;"]*,\s*)"(\w+)")re");
  std::string text;
  for (const std::string& source : options.sources) text += text_of(source);
  if (options.attachments.empty()) {
    for (const std::string& ca : matches(text, attachment)) add_attachment_for(config, ca);
  }
  for (const std::string& attribute : matches(text, carried)) {
    for (Device& device : config.devices) device.carries.push_back(attribute);
  }
}

std::string default_name(const Config& config, const Options& options) {
  if (!config.devices.empty()) return config.devices.front().name;
  std::string stem = fs::path(options.sources.front()).stem().string();
  return stem.starts_with("if_") ? stem.substr(3) : stem;
}

Config read_config(Options& options) {
  Config config;
  for (const std::string& text : options.devices) parse_device(config, text);
  for (const std::string& text : options.attachments) parse_attachment(config, text);
  read_sources(config, options);
  complete(config);
  if (options.name.empty()) options.name = default_name(config, options);
  config.name = options.name;
  return config;
}

// The attachments must be there; and where the sources' text showed none (a macro of their own),
// the objects do.
void check_attachments(Config& config, const std::vector<std::string>& objects) {
  static constexpr std::string_view suffix = "_ca";
  std::vector<std::string> defined;
  for (const std::string& object : objects) {
    const kern::ElfFile file(object, kern::ElfKind::object);
    for (const kern::ElfSymbol& symbol : file.symbols()) {
      if (symbol.defined && symbol.object && symbol.name.ends_with(suffix))
        defined.push_back(symbol.name.substr(0, symbol.name.size() - suffix.size()));
    }
  }
  if (config.attachments.empty()) {
    for (const std::string& ca : defined) add_attachment_for(config, ca);
    complete(config);
  }
  if (config.attachments.empty())
    throw Error(EINVAL, fmt::format("{}: the sources attach nothing: no CFATTACH_DECL_NEW() in "
                                    "them; name one with --attach 'DEVICE at pci with CA'",
                                    config.name));
  for (const Attachment& attachment : config.attachments) {
    if (std::find(defined.begin(), defined.end(), attachment.ca) != defined.end()) continue;
    throw Error(EINVAL,
                fmt::format("{} at {}: no source defines {}_ca (CFATTACH_DECL_NEW({}, ...)); they "
                            "define: {}; choose with --attach '{} at {} with CA'",
                            attachment.device, attachment.attribute, attachment.ca, attachment.ca,
                            defined.empty() ? "none" : fmt::format("{}", fmt::join(defined, ", ")),
                            attachment.device, attachment.attribute));
  }
}

// What a device is, by what its driver calls.
void guess_classes(Config& config, const std::vector<std::string>& objects) {
  std::string device_class;
  for (const std::string& object : objects) {
    const kern::ElfFile file(object, kern::ElfKind::object);
    for (const kern::ElfSymbol& symbol : file.symbols()) {
      if (symbol.defined) continue;
      if (symbol.name == "ether_ifattach" || symbol.name == "if_attach" ||
          symbol.name == "if_initialize")
        device_class = "DV_IFNET";
      else if (symbol.name == "disk_attach")
        device_class = "DV_DISK";
      else if (symbol.name == "tty_attach")
        device_class = "DV_TTY";
    }
  }
  if (device_class.empty()) return;
  for (Device& device : config.devices) {
    if (device.device_class == "DV_DULL") device.device_class = device_class;
  }
}

void check_headers(const Options& options, const HeaderReport& report) {
  if (!report.missing.empty()) {
    const char* remedy = options.late_include_dirs.empty()
                             ? "give the NetBSD tree they come from with --idirafter TREE/sys, "
                               "their folder with -I DIR"
                             : "give their folder with -I DIR";
    throw Error(ENOENT, fmt::format("{}: headers that are not there; {}:{}", options.name, remedy,
                                    describe(report.missing)));
  }
  if (!report.mixed.empty())
    throw Error(EINVAL,
                fmt::format("{}: headers of which pupci has its own were read from elsewhere, and "
                            "the two do not mix; copy the source out of the tree's folder, or "
                            "include them as <...>:{}",
                            options.name, describe(report.mixed)));
}

std::string warn_of(const Options& options, const std::vector<UnknownName>& unknown) {
  if (unknown.empty()) return {};
  std::string text =
      fmt::format("{} uses {} kernel name{} that pupci lacks, and will not load:", options.output,
                  unknown.size(), unknown.size() == 1 ? "" : "s");
  for (const UnknownName& name : unknown) {
    std::vector<std::string> users;
    for (const std::string& object : name.objects) {
      const std::string stem = fs::path(object).stem().string();
      users.push_back(stem.substr(stem.find('-') + 1));
    }
    text += fmt::format("\n  {} (in {})", name.name, fmt::join(users, ", "));
  }
  return text;
}

}  // namespace

Product build(Options options) {
  const Installation installation = find_installation();
  const Compiler compiler = find_compiler(options);
  Config config = read_config(options);
  if (options.output.empty()) options.output = options.name + ".so";
  const WorkDirectory directory(options.keep);

  const HeaderReport headers =
      provide_headers(options, installation, compiler, config, directory.path());
  check_headers(options, headers);
  std::vector<std::string> objects;
  try {
    objects = compile(options, installation, compiler, directory.path(), options.sources);
  } catch (const Error& e) {
    if (headers.guessed.empty()) throw;
    throw Error(e.errnum(),
                fmt::format("{}; and these headers are not there, but were taken for what "
                            "config(1) writes for needs-flag:{}",
                            e.what(), describe(headers.guessed)));
  }
  check_attachments(config, objects);
  guess_classes(config, objects);

  const std::string ioconf = directory.path() + "/ioconf.c";
  write_if_changed(ioconf, ioconf_c(config));
  objects.push_back(compile_one(options, installation, compiler, directory.path(), ioconf,
                                directory.path() + "/ioconf.o"));
  link(options, installation, compiler, objects);
  return {options.output, warn_of(options, unknown_names(options, objects))};
}

}  // namespace pupci::build
