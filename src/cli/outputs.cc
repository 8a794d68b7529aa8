// SPDX-License-Identifier: BSD-2-Clause
#include "cli/outputs.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "cli/command.h"
#include "kern/console.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

constexpr const char* library = "libpupci-display.so.0";

using Open = void (*)(const char* what, wscons::OpenedOutput* opened);

// Beside the library of displays, wherever the tree lies. Not left to our RUNPATH: under a
// sanitizer it is the sanitizer that calls dlopen(3).
std::string library_path() {
  Dl_info info{};
  const auto* of_displays = reinterpret_cast<const void*>(&wscons::displays);
  if (::dladdr(of_displays, &info) == 0 || info.dli_fname == nullptr) return library;
  const std::filesystem::path folder = std::filesystem::path(info.dli_fname).parent_path();
  return (folder / library).string();
}

}  // namespace

void* load_outputs() {
#ifdef PUPCI_NO_OUTPUTS
  throw Error(ENOTSUP,
              "--display: this pupci was built without libvncserver and libpng; install them, and "
              "build it again");
#endif
  void* handle = ::dlopen(library_path().c_str(), RTLD_NOW | RTLD_LOCAL);
  void* symbol = handle == nullptr ? nullptr : ::dlsym(handle, "pupci_open_output");
  if (symbol == nullptr) {
    const char* why = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps one a thread
    throw Error(ENOENT, fmt::format("--display: {}; it comes with pupci, and needs libvncserver "
                                    "and libpng",
                                    why == nullptr ? library : why));
  }
  return symbol;
}

namespace {

std::shared_ptr<wscons::Display> find(const wscons::Output& output) {
  const auto displays = wscons::displays();
  const std::string wanted = output.wanted();
  std::string names;
  for (const auto& display : displays) {
    if (wanted.empty() || display->name() == wanted) return display;
    names += (names.empty() ? "" : ", ") + display->name();
  }
  if (displays.empty())
    throw Error(ENXIO,
                fmt::format("--display {}: no driver has attached a display", output.name()));
  throw Error(ENXIO, fmt::format("--display {}: there is no display {}; there {} {}", output.name(),
                                 wanted, displays.size() == 1 ? "is" : "are", names));
}

}  // namespace

Outputs::Outputs(const std::vector<std::string>& wanted) {
  if (wanted.empty()) return;
  const auto open = reinterpret_cast<Open>(load_outputs());
  for (const std::string& what : wanted) {
    wscons::OpenedOutput opened;
    open(what.c_str(), &opened);
    if (opened.output == nullptr) throw Error(EINVAL, opened.error);
    outputs_.push_back(std::move(opened.output));
  }
}

void Outputs::show() {
  for (const auto& output : outputs_) {
    const auto display = find(*output);
    output->show(display);
    kern::console_write_to(fmt::format("{}: shown at {}\n", display->name(), output->name()), true,
                           false);
    if (const std::string warning = output->warning(); !warning.empty())
      complain(fmt::format("{}: {}", output->name(), warning));
  }
}

bool Outputs::save() {
  bool saved = true;
  for (const auto& output : outputs_) {
    try {
      output->save();
    } catch (const Error& error) {
      complain(error.what());
      saved = false;
    }
  }
  return saved;
}

}  // namespace pupci::cli
