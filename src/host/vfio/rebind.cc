// SPDX-License-Identifier: BSD-2-Clause
// The kernel's Documentation/ABI/testing/sysfs-bus-pci: driver_override, drivers_probe, unbind.
#include "host/vfio/rebind.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>
#include <fstream>

#include "host/fd.h"
#include "pupci/error.h"

namespace pupci::vfio {
namespace {

namespace fs = std::filesystem;

fs::path memory_of(const Sysfs& sysfs, const Address& address) {
  return sysfs.at("/run/pupci/bind") / to_string(address);
}

// An attribute takes a value in one write, and answers with its status.
void set(const Sysfs& sysfs, const fs::path& attribute, const std::string& value) {
  const fs::path path = sysfs.at(attribute);
  const std::string line = value + "\n";
  const Fd fd(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (fd && ::write(fd.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()))
    return;
  const int error = errno;
  throw Error(error, fmt::format("{}: writing \"{}\": {}{}", path.string(), value,
                                 std::generic_category().message(error),
                                 error == EACCES || error == EPERM ? "; run it as root" : ""));
}

fs::path device_of(const Address& address) {
  return fs::path("/sys/bus/pci/devices") / to_string(address);
}

std::string driver_of(const Sysfs& sysfs, const Address& address) {
  const auto function = sysfs.find(address);
  return function ? function->driver : "";
}

// The kernel may have given it back already, or a failing probe may have left it without one.
void release(const Sysfs& sysfs, const Address& address) {
  const std::string driver = driver_of(sysfs, address);
  if (driver.empty()) return;
  set(sysfs, fs::path("/sys/bus/pci/drivers") / driver / "unbind", to_string(address));
}

// A probe's own failure shows only in who drives the function afterwards, and in the kernel's log.
void probe(const Sysfs& sysfs, const Address& address) {
  try {
    set(sysfs, "/sys/bus/pci/drivers_probe", to_string(address));
  } catch (const Error& error) {
    if (error.errnum() == EACCES || error.errnum() == EPERM) throw;
  }
}

void remember(const Sysfs& sysfs, const SysfsFunction& function) {
  const fs::path path = memory_of(sysfs, function.address);
  std::error_code error;
  if (fs::exists(path, error)) return;  // of an earlier change: that is the original
  fs::create_directories(path.parent_path(), error);
  std::ofstream out(path);
  out << function.driver << '\n' << function.driver_override << '\n';
  if (!out.flush())
    throw Error(EIO, fmt::format("{}: cannot be written, so that {} could not get its driver back; "
                                 "run it as root",
                                 path.string(), to_string(function.address)));
}

void forget(const Sysfs& sysfs, const Address& address) {
  std::error_code error;
  fs::remove(memory_of(sysfs, address), error);
}

void restore(const Sysfs& sysfs, const Address& address, const Original& original) {
  set(sysfs, device_of(address) / "driver_override", original.driver_override);
  release(sysfs, address);
  if (!original.driver.empty()) probe(sysfs, address);
}

// What a function had before it was changed, and whether nothing was remembered of it then.
struct Change {
  SysfsFunction before;
  bool first;
};

void undo(const Sysfs& sysfs, const Change& change) {
  const SysfsFunction& before = change.before;
  restore(sysfs, before.address, {before.driver, before.driver_override});
  if (change.first) forget(sysfs, before.address);
}

Change bind_to(const Sysfs& sysfs, const SysfsFunction& function, const std::string& driver) {
  const Address& address = function.address;
  const Change change{function, !remembered(sysfs, address)};
  remember(sysfs, function);
  try {
    set(sysfs, device_of(address) / "driver_override", driver);
    release(sysfs, address);
  } catch (const Error&) {
    if (change.first) forget(sysfs, address);
    throw;
  }
  probe(sysfs, address);
  if (driver_of(sysfs, address) == driver) return change;
  undo(sysfs, change);
  throw Error(ENODEV,
              fmt::format("{}: {} does not take it; the kernel's log tells why: dmesg | tail",
                          to_string(address), driver));
}

// In words, and never by throwing: it is told along with the error that it follows.
std::string undone(const Sysfs& sysfs, const Change& change) {
  const std::string& driver = change.before.driver;
  const std::string name = to_string(change.before.address);
  try {
    undo(sysfs, change);
  } catch (const Error& error) {
    return fmt::format("; {} could not be given back: {}", name, error.what());
  }
  if (driver_of(sysfs, change.before.address) != driver)
    return fmt::format("; {} is not taken back by {}, which it had", name, driver);
  return fmt::format("; {} has {} again", name, driver.empty() ? "no driver" : driver);
}

}  // namespace

std::optional<Original> remembered(const Sysfs& sysfs, const Address& address) {
  std::ifstream in(memory_of(sysfs, address));
  Original original;
  if (!std::getline(in, original.driver)) return std::nullopt;
  std::getline(in, original.driver_override);
  return original;
}

void bind_all(const Sysfs& sysfs, const std::vector<SysfsFunction>& functions,
              const std::string& driver) {
  std::vector<Change> done;
  for (const SysfsFunction& function : functions) {
    try {
      done.push_back(bind_to(sysfs, function, driver));
    } catch (const Error& error) {
      std::string text = error.what();
      for (auto change = done.rbegin(); change != done.rend(); ++change)
        text += undone(sysfs, *change);
      throw Error(error.errnum(), text);
    }
  }
}

std::string bind_back(const Sysfs& sysfs, const SysfsFunction& function) {
  const Address& address = function.address;
  const auto original = remembered(sysfs, address);
  // Nothing is known of it: the kernel chooses.
  if (!original) {
    set(sysfs, device_of(address) / "driver_override", "");
    release(sysfs, address);
    probe(sysfs, address);
    return driver_of(sysfs, address);
  }
  restore(sysfs, address, *original);
  forget(sysfs, address);
  const std::string now = driver_of(sysfs, address);
  if (now == original->driver) return now;
  throw Error(ENODEV, fmt::format("{}: its driver was {}, which does not take it back; load it: "
                                  "modprobe {}",
                                  to_string(address), original->driver, original->driver));
}

}  // namespace pupci::vfio
