// SPDX-License-Identifier: BSD-2-Clause
// pupci bind, unbind: gives functions to vfio-pci, and back to the driver that they had.
#include <fmt/core.h>
#include <pwd.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "cli/command.h"
#include "host/vfio/obstacle.h"
#include "host/vfio/rebind.h"
#include "host/vfio/usage.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

using vfio::Sysfs;
using vfio::SysfsFunction;

struct BindOptions {
  std::vector<std::string> addresses;
  std::string driver = "vfio-pci";
  std::string user;
  std::string root = "/";
  bool group = false;
  bool force = false;
};

bool is_vfio(const std::string& driver) {
  return driver.find("vfio") != std::string::npos;
}

SysfsFunction find(const Sysfs& sysfs, const std::string& text) {
  const auto address = parse_address(text);
  if (!address)
    throw Error(EINVAL, fmt::format("{}: not the address of a function; write it as 0000:03:00.0, "
                                    "03:00.0 or, as NetBSD does, 3:0:0",
                                    text));
  const auto function = sysfs.find(*address);
  if (!function) throw vfio::no_such_function(*address);
  return *function;
}

void refuse_bridge(const Sysfs& sysfs, const SysfsFunction& function) {
  if (function.bridge) throw vfio::is_bridge(sysfs, function);
}

void refuse_used(const Sysfs& sysfs, const SysfsFunction& function, bool force) {
  const auto uses = vfio::usage(sysfs, function);
  for (const vfio::Use& use : uses) {
    if (force) {
      complain(fmt::format("{}: {}; going on, as told", to_string(function.address), use.what));
      continue;
    }
    throw Error(EBUSY, fmt::format("{}: in use: {}; end that: {} (or --force)",
                                   to_string(function.address), use.what, use.remedy));
  }
}

bool noiommu_allowed(const Sysfs& sysfs) {
  std::error_code error;
  const auto path = sysfs.at("/sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
  if (!std::filesystem::exists(path, error)) return false;
  std::FILE* in = std::fopen(path.c_str(), "re");
  if (in == nullptr) return false;
  const int first = std::fgetc(in);
  std::fclose(in);
  return first == 'Y' || first == '1';
}

void refuse_missing_driver(const Sysfs& sysfs, const std::string& driver) {
  if (!sysfs.has_driver(driver)) throw vfio::not_loaded(driver);
}

// With --group, every endpoint of the groups of those that are named.
std::vector<SysfsFunction> chosen(const Sysfs& sysfs, const BindOptions& options) {
  std::vector<SysfsFunction> functions;
  const auto add = [&](const SysfsFunction& function) {
    const auto same = [&](const SysfsFunction& other) { return other.address == function.address; };
    if (std::none_of(functions.begin(), functions.end(), same)) functions.push_back(function);
  };
  for (const std::string& text : options.addresses) {
    const SysfsFunction function = find(sysfs, text);
    if (!options.group || !function.iommu_group) {
      add(function);
      continue;
    }
    for (const SysfsFunction& member : sysfs.members(*function.iommu_group))
      if (!member.bridge) add(member);
  }
  return functions;
}

const passwd& user_named(const std::string& name) {
  errno = 0;
  const passwd* user = ::getpwnam(name.c_str());  // NOLINT(concurrency-mt-unsafe)
  if (user == nullptr)
    throw Error(ENOENT,
                fmt::format("--user {}: there is no such user; getent passwd lists them", name));
  return *user;
}

void give_nodes(const Sysfs& sysfs, const SysfsFunction& function, const std::string& name) {
  const passwd& user = user_named(name);
  for (const std::string& node : {Sysfs::group_node(function), Sysfs::cdev_node(function)}) {
    if (node.empty()) continue;
    if (::chown(sysfs.at(node).c_str(), user.pw_uid, user.pw_gid) == 0) continue;
    const int error = errno;
    throw Error(error, fmt::format("{}: cannot be given to {}: {}", node, name,
                                   std::generic_category().message(error)));
  }
}

// A group belongs to user space as a whole, or not at all.
void tell_of_group(const Sysfs& sysfs, const SysfsFunction& function) {
  if (!function.iommu_group) return;
  const auto members = sysfs.members(*function.iommu_group);
  if (std::any_of(members.begin(), members.end(),
                  [](const SysfsFunction& member) { return member.holds_group(); })) {
    complain(vfio::group_not_viable(sysfs, function).what());
  }
}

void tell(const Sysfs& sysfs, const SysfsFunction& function, const BindOptions& options) {
  const std::string name = to_string(function.address);
  const SysfsFunction now = sysfs.find(function.address).value_or(function);
  if (!options.user.empty()) give_nodes(sysfs, now, options.user);
  const std::string node = now.on_vfio() ? Sysfs::group_node(now) : "";
  fmt::print("{}: {}{}{}\n", name, function.driver == options.driver ? "has " : "now has ",
             options.driver, node.empty() ? "" : fmt::format(", as {}", node));
}

int bind(const BindOptions& options) {
  const Sysfs sysfs(options.root);
  const auto functions = chosen(sysfs, options);
  // What pupci refuses, it refuses before anything is changed.
  if (!options.user.empty()) user_named(options.user);
  std::vector<SysfsFunction> others;
  for (const SysfsFunction& function : functions) {
    refuse_bridge(sysfs, function);
    if (function.driver == options.driver) continue;
    refuse_used(sysfs, function, options.force);
    // Without an IOMMU, vfio makes a group only once it has the function.
    if (is_vfio(options.driver) && !noiommu_allowed(sysfs) && !function.iommu_group)
      throw vfio::no_iommu_for(sysfs, function);
    others.push_back(function);
  }
  refuse_missing_driver(sysfs, options.driver);
  vfio::bind_all(sysfs, others, options.driver);
  for (const SysfsFunction& function : functions) tell(sysfs, function, options);
  if (is_vfio(options.driver) && !functions.empty())
    tell_of_group(sysfs, *sysfs.find(functions.front().address));
  return ok;
}

void refuse_not_bound(const Sysfs& sysfs, const SysfsFunction& function) {
  const std::string& driver = function.driver;
  if (vfio::remembered(sysfs, function.address) || function.on_vfio() || driver == "pci-stub" ||
      driver == "uio_pci_generic")
    return;
  throw Error(EINVAL, fmt::format("{}: {}, as the kernel wants it; there is nothing to give back",
                                  to_string(function.address),
                                  driver.empty() ? "it has no driver" : "its driver is " + driver));
}

int unbind(const BindOptions& options) {
  const Sysfs sysfs(options.root);
  const auto functions = chosen(sysfs, options);
  for (const SysfsFunction& function : functions) {
    refuse_bridge(sysfs, function);
    refuse_not_bound(sysfs, function);
    refuse_used(sysfs, function, options.force);
  }
  for (const SysfsFunction& function : functions) {
    const std::string driver = vfio::bind_back(sysfs, function);
    fmt::print("{}: {}\n", to_string(function.address),
               driver.empty() ? "has no driver" : "has " + driver + " again");
  }
  return ok;
}

void add_common(CLI::App& command, BindOptions& options) {
  command.add_option("ADDRESS", options.addresses, "Functions: 0000:03:00.0, 03:00.0 or 3:0:0")
      ->required();
  command.add_flag("--group", options.group, "And all other functions of their IOMMU groups");
  command.add_flag("--force", options.force,
                   "Even what a mounted disk, a network interface or a program needs");
  command.add_option("--root", options.root, "Where sys, dev, proc and run are")->group("");
}

}  // namespace

void add_bind(CLI::App& app, Context& context) {
  auto options = std::make_shared<BindOptions>();
  CLI::App* command = app.add_subcommand("bind", "Give functions of this machine to vfio-pci");
  add_common(*command, *options);
  command->add_option("--driver", options->driver, "Another driver")
      ->type_name("NAME")
      ->capture_default_str();
  command->add_option("--user", options->user, "Who may use them without being root")
      ->type_name("NAME");
  command->callback([options, &context] { context.status = bind(*options); });

  auto back = std::make_shared<BindOptions>();
  CLI::App* undo = app.add_subcommand("unbind", "Give functions back to the driver that they had");
  add_common(*undo, *back);
  undo->callback([back, &context] { context.status = unbind(*back); });
}

}  // namespace pupci::cli
