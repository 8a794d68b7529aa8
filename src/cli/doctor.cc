// SPDX-License-Identifier: BSD-2-Clause
// pupci doctor: what is missing here, and the command that mends it.
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "build/compile.h"
#include "build/installation.h"
#include "cli/command.h"
#include "cli/doctor.h"
#include "cli/outputs.h"
#include "kern/symbolize.h"
#include "os/process.h"
#include "pupci/error.h"
#include "pupci/pci_ids.h"

namespace pupci::cli {
namespace {

namespace fs = std::filesystem;

const char* word_for(Verdict verdict) {
  switch (verdict) {
    case Verdict::good:
      return "ok";
    case Verdict::optional_missing:
      return "optional";
    case Verdict::bad:
      return "missing";
  }
  return "unknown";
}

Finding check_ids() {
  static constexpr std::uint16_t red_hat = 0x1b36;
  if (!PciIds::system().vendor(red_hat))
    return {Verdict::optional_missing, "no pci.ids: functions are shown by number",
            os::remedy("apt install pci.ids", "pkgin install pciids")};
  return {Verdict::good, "names of vendors and products", ""};
}

Finding check_compiler() {
  try {
    const build::Compiler compiler = build::find_compiler({});
    return {Verdict::good, fmt::format("{}, for pupci build", compiler.cc), ""};
  } catch (const Error& e) {
    return {Verdict::optional_missing, fmt::format("{} (for pupci build)", e.what()),
            os::remedy("apt install gcc", "install the set comp, by sysinst")};
  }
}

Finding check_headers() {
  try {
    return {Verdict::good, build::find_installation().headers(), ""};
  } catch (const Error& e) {
    return {Verdict::bad, e.what(), "cmake --install build"};
  }
}

Finding check_symbols() {
#ifdef HAVE_LIBDW
  return {Verdict::good, "functions and lines of drivers can be named", ""};
#else
  return {Verdict::optional_missing, "built without libdw: backtraces name exported functions only",
          os::remedy("apt install libdw-dev, and build pupci again", "")};
#endif
}

std::string control_directory() {
  const char* runtime = std::getenv("XDG_RUNTIME_DIR");  // NOLINT(concurrency-mt-unsafe)
  if (runtime != nullptr && runtime[0] != '\0') return fmt::format("{}/pupci", runtime);
  return fmt::format("/tmp/pupci-{}", ::geteuid());
}

Finding check_control() {
  const fs::path directory = fs::path(control_directory());
  std::error_code error;
  if (!fs::exists(directory, error)) {
    const fs::path parent = directory.parent_path();
    if (::access(parent.c_str(), W_OK) == 0 || !fs::exists(parent, error))
      return {Verdict::good, fmt::format("{} will be made when needed", directory.string()), ""};
    return {Verdict::bad, fmt::format("{}: cannot be written", parent.string()),
            "export XDG_RUNTIME_DIR=$(mktemp -d)"};
  }
  struct stat facts{};
  if (::stat(directory.c_str(), &facts) != 0 || facts.st_uid != ::geteuid() ||
      (facts.st_mode & 077) != 0)
    return {Verdict::bad, fmt::format("{}: not yours alone", directory.string()),
            fmt::format("rm -r {}", directory.string())};
  return {Verdict::good, directory.string(), ""};
}

Finding check_displays() {
  try {
    load_outputs();
    return {Verdict::good, "VNC and PNG, for run --display", ""};
  } catch (const Error& e) {
    return {Verdict::optional_missing, e.what(),
            os::remedy("apt install libvncserver1 libpng16-16", "pkgin install libvncserver png")};
  }
}

struct Check {
  const char* name;
  std::function<Finding()> run;
};

std::vector<Findings> check_all([[maybe_unused]] const fs::path& root) {
  const std::array<Check, 6> checks{{{"pci.ids", check_ids},
                                     {"compiler", check_compiler},
                                     {"headers", check_headers},
                                     {"symbols", check_symbols},
                                     {"control", check_control},
                                     {"displays", check_displays}}};
  std::vector<Findings> all;
#ifdef __linux__
  all = check_qemu();
#endif
  for (const Check& check : checks) all.push_back({check.name, {check.run()}});
#ifdef __linux__
  for (Findings& findings : check_vfio(root)) all.push_back(std::move(findings));
#endif
#ifdef __NetBSD__
  for (Findings& findings : check_netbsd(root, netbsd_claim())) all.push_back(std::move(findings));
#endif
  return all;
}

int doctor(bool json, const fs::path& root) {
  int status = ok;
  auto facts = nlohmann::ordered_json::array();
  for (const Findings& findings : check_all(root)) {
    for (const Finding& finding : findings.found) {
      if (finding.verdict == Verdict::bad) status = failed;
      facts.push_back({{"check", findings.check},
                       {"verdict", word_for(finding.verdict)},
                       {"text", finding.text},
                       {"remedy", finding.remedy}});
      if (json) continue;
      fmt::print("{:<9} {:<9} {}{}\n", word_for(finding.verdict), findings.check, finding.text,
                 finding.remedy.empty() ? "" : "; " + finding.remedy);
    }
  }
  if (json) fmt::print("{}\n", facts.dump(2));
  return status;
}

}  // namespace

void add_doctor(CLI::App& app, Context& context) {
  auto json = std::make_shared<bool>(false);
  auto root = std::make_shared<std::string>("/");
  CLI::App* command =
      app.add_subcommand("doctor", "Say what is missing here, and the command that mends it");
  command->add_flag("--json", *json, "Print as JSON");
  command->add_option("--root", *root, "Where sys, dev and proc are")->group("");
  command->callback([json, root, &context] { context.status = doctor(*json, *root); });
}

}  // namespace pupci::cli
