// SPDX-License-Identifier: BSD-2-Clause
// The table of device switches, and calls through it: devsw(9).
#include "kern/devsw.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>

#include "kern/check.h"
#include "kern/klock.h"
#include "kern/lwp.h"
#include "kern/track.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/intr.h"
#include "netbsd/sys/ioctl.h"
#include "netbsd/sys/poll.h"
#include "netbsd/sys/uio.h"

using namespace pupci::kern;

namespace {

struct Switch {
  std::string name;
  const bdevsw* block = nullptr;
  const cdevsw* character = nullptr;
  unsigned inside = 0;  // calls under way
  bool leaving = false;
};

struct Table {
  std::mutex mutex;
  std::condition_variable changed;
  std::map<devmajor_t, Switch> by_major;
};

Table& table() {
  static auto& the_table = *new Table;
  return the_table;
}

constexpr devmajor_t first_major = 1;
constexpr devmajor_t last_major = 4095;

Switch* find(dev_t dev) {  // mutex held
  const auto found = table().by_major.find(major(dev));
  return found == table().by_major.end() || found->second.leaving ? nullptr : &found->second;
}

// A call through a character switch: keeps the switch, takes the kernel lock unless MPSAFE, and
// says for which device the thread works.
class Call {
 public:
  explicit Call(dev_t dev) : dev_(dev) {
    const std::scoped_lock lock(table().mutex);
    Switch* found = find(dev);
    if (found == nullptr || found->character == nullptr) return;
    found->inside++;
    device_switch_ = found->character;
    name_ = found->name;
  }
  ~Call() {
    if (device_switch_ == nullptr) return;
    const std::scoped_lock lock(table().mutex);
    Switch& ours = table().by_major.at(major(dev_));
    if (--ours.inside == 0) table().changed.notify_all();
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  explicit operator bool() const { return device_switch_ != nullptr; }
  const cdevsw* operator->() const { return device_switch_; }

  template <typename Function>
  auto run(Function function) {
    const KernelLock kernel((device_switch_->d_flag & D_MPSAFE) == 0);
    const ContextScope context(Context::thread, device(), IPL_NONE);
    return function();
  }

  [[nodiscard]] int unit() const {
    return device_switch_->d_devtounit != nullptr ? device_switch_->d_devtounit(dev_)
                                                  : static_cast<int>(minor(dev_));
  }

 private:
  // As far as can be told: a driver's switch has its name.
  [[nodiscard]] device_t device() const {
    cfdriver* driver = device_switch_->d_cfdriver != nullptr
                           ? device_switch_->d_cfdriver
                           : config_cfdriver_lookup(name_.c_str());
    return driver == nullptr ? current()->device : device_lookup(driver, unit());
  }

  dev_t dev_;
  const cdevsw* device_switch_ = nullptr;
  std::string name_;
};

// Keeps the device of a switch with d_cfdriver from detaching during its open.
class Held {
 public:
  Held(const Call& call) : needed_(call->d_cfdriver != nullptr && call->d_devtounit != nullptr) {
    if (needed_) device_ = device_lookup_acquire(call->d_cfdriver, call.unit());
  }
  ~Held() {
    if (device_ != nullptr) device_release(device_);
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  explicit operator bool() const { return !needed_ || device_ != nullptr; }

 private:
  bool needed_;
  device_t device_ = nullptr;
};

// The major to use, or -1 when it is taken. Mutex held.
devmajor_t choose_major(const devmajor_t* block_major, const devmajor_t* character_major) {
  const auto wanted = [](const devmajor_t* m) { return m == nullptr ? NODEVMAJOR : *m; };
  const devmajor_t asked =
      wanted(character_major) != NODEVMAJOR ? wanted(character_major) : wanted(block_major);
  const auto& taken = table().by_major;
  if (asked != NODEVMAJOR) {
    return asked >= 0 && asked <= last_major && taken.count(asked) == 0 ? asked : NODEVMAJOR;
  }
  for (devmajor_t candidate = first_major; candidate <= last_major; candidate++) {
    if (taken.count(candidate) == 0) return candidate;
  }
  return NODEVMAJOR;
}

}  // namespace

int devsw_attach(const char* name, const bdevsw* block, devmajor_t* block_major,
                 const cdevsw* character, devmajor_t* character_major) {
  if (name == nullptr || character == nullptr) return EINVAL;
  const std::scoped_lock lock(table().mutex);
  for (const auto& [number, other] : table().by_major) {
    if (other.name == name || other.character == character) return EEXIST;
  }
  const devmajor_t number = choose_major(block_major, character_major);
  if (number == NODEVMAJOR) return EINVAL;
  table().by_major[number] = Switch{name, block, character};
  if (character_major != nullptr) *character_major = number;
  if (block != nullptr && block_major != nullptr) *block_major = number;
  track(Kind::devsw, character, 0, __builtin_return_address(0));
  return 0;
}

int devsw_detach(const bdevsw* /*block*/, const cdevsw* character) {
  std::unique_lock lock(table().mutex);
  auto& all = table().by_major;
  const auto found = std::find_if(all.begin(), all.end(), [character](const auto& entry) {
    return entry.second.character == character;
  });
  if (found == all.end()) return 0;
  found->second.leaving = true;
  if (found->second.inside != 0) {
    lock.unlock();
    check_sleepable("devsw_detach", __builtin_return_address(0));
    const unsigned holds = kernel_unlock_all();
    lock.lock();
    table().changed.wait(lock, [&] { return found->second.inside == 0; });
    all.erase(found);
    lock.unlock();
    if (holds != 0) kernel_lock(holds);
  } else {
    all.erase(found);
  }
  untrack(Kind::devsw, character);
  return 0;
}

const bdevsw* bdevsw_lookup(dev_t dev) {
  const std::scoped_lock lock(table().mutex);
  const Switch* found = find(dev);
  return found == nullptr ? nullptr : found->block;
}

const cdevsw* cdevsw_lookup(dev_t dev) {
  const std::scoped_lock lock(table().mutex);
  const Switch* found = find(dev);
  return found == nullptr ? nullptr : found->character;
}

devmajor_t bdevsw_lookup_major(const bdevsw* block) {
  const std::scoped_lock lock(table().mutex);
  for (const auto& [number, entry] : table().by_major) {
    if (entry.block == block) return number;
  }
  return NODEVMAJOR;
}

devmajor_t cdevsw_lookup_major(const cdevsw* character) {
  const std::scoped_lock lock(table().mutex);
  for (const auto& [number, entry] : table().by_major) {
    if (entry.character == character) return number;
  }
  return NODEVMAJOR;
}

const char* cdevsw_getname(devmajor_t number) {
  const std::scoped_lock lock(table().mutex);
  const auto found = table().by_major.find(number);
  return found == table().by_major.end() ? nullptr : found->second.name.c_str();
}

devmajor_t devsw_name2chr(const char* name, char* suffix, size_t suffix_size) {
  const std::scoped_lock lock(table().mutex);
  for (const auto& [number, entry] : table().by_major) {
    if (std::strncmp(name, entry.name.c_str(), entry.name.size()) != 0) continue;
    const char* rest = name + entry.name.size();
    if (*rest != '\0' && std::isdigit(static_cast<unsigned char>(*rest)) == 0) continue;
    if (suffix != nullptr) std::snprintf(suffix, suffix_size, "%s", rest);
    return number;
  }
  return NODEVMAJOR;
}

int dev_minor_unit(dev_t dev) {
  return static_cast<int>(minor(dev));
}

int cdev_open(dev_t dev, int flag, int kind, lwp_t* l) {
  Call call(dev);
  if (!call) return ENXIO;
  const Held held(call);
  if (!held) return ENXIO;
  return call.run([&] { return call->d_open(dev, flag, kind, l); });
}

int cdev_close(dev_t dev, int flag, int kind, lwp_t* l) {
  Call call(dev);
  if (!call) return ENXIO;
  return call.run([&] { return call->d_close(dev, flag, kind, l); });
}

int cdev_read(dev_t dev, uio* uio, int flag) {
  Call call(dev);
  if (!call) return ENXIO;
  return call.run([&] { return call->d_read(dev, uio, flag); });
}

int cdev_write(dev_t dev, uio* uio, int flag) {
  Call call(dev);
  if (!call) return ENXIO;
  return call.run([&] { return call->d_write(dev, uio, flag); });
}

int cdev_ioctl(dev_t dev, unsigned long command, void* data, int flag, lwp_t* l) {
  Call call(dev);
  if (!call) return ENXIO;
  return call.run([&] { return call->d_ioctl(dev, command, data, flag, l); });
}

int cdev_poll(dev_t dev, int events, lwp_t* l) {
  Call call(dev);
  if (!call) return POLLERR;
  return call.run([&] { return call->d_poll(dev, events, l); });
}

paddr_t cdev_mmap(dev_t dev, off_t offset, int protection) {
  Call call(dev);
  if (!call) return static_cast<paddr_t>(-1);
  return call.run([&] { return call->d_mmap(dev, offset, protection); });
}

int cdev_kqfilter(dev_t dev, knote* kn) {
  Call call(dev);
  if (!call) return ENXIO;
  return call.run([&] { return call->d_kqfilter(dev, kn); });
}

int cdev_type(dev_t dev) {
  const cdevsw* found = cdevsw_lookup(dev);
  return found == nullptr ? D_OTHER : found->d_flag & D_TYPEMASK;
}

int cdev_flags(dev_t dev) {
  const cdevsw* found = cdevsw_lookup(dev);
  return found == nullptr ? 0 : found->d_flag & ~D_TYPEMASK;
}

int noopen(dev_t, int, int, lwp_t*) {
  return ENODEV;
}
int noclose(dev_t, int, int, lwp_t*) {
  return ENODEV;
}
int noread(dev_t, uio*, int) {
  return ENODEV;
}
int nowrite(dev_t, uio*, int) {
  return ENODEV;
}
int noioctl(dev_t, unsigned long, void*, int, lwp_t*) {
  return ENODEV;
}
void nostop(tty*, int) {}
paddr_t nommap(dev_t, off_t, int) {
  return static_cast<paddr_t>(-1);
}
int nodump(dev_t, int64_t, void*, size_t) {
  return ENODEV;
}
int nodiscard(dev_t, off_t, off_t) {
  return ENODEV;
}
int nullopen(dev_t, int, int, lwp_t*) {
  return 0;
}
int nullclose(dev_t, int, int, lwp_t*) {
  return 0;
}
int nullread(dev_t, uio*, int) {
  return 0;
}
int nullwrite(dev_t, uio*, int) {
  return 0;
}
int nullioctl(dev_t, unsigned long, void*, int, lwp_t*) {
  return 0;
}

namespace pupci::kern {

std::vector<DeviceSwitch> device_switches() {
  const std::scoped_lock lock(table().mutex);
  std::vector<DeviceSwitch> all;
  for (const auto& [number, entry] : table().by_major) all.push_back({entry.name, number});
  return all;
}

dev_t device_by_name(const std::string& name) {
  const auto colon = name.find(':');
  std::size_t digits = name.size();
  if (colon != std::string::npos) {
    digits = colon + 1;
  } else {
    while (digits > 0 && std::isdigit(static_cast<unsigned char>(name[digits - 1])) != 0) digits--;
  }
  unsigned number = 0;
  const char* end = name.data() + name.size();
  const auto [at, error] = std::from_chars(name.data() + digits, end, number);
  const bool numbered = error == std::errc{} && at == end && number < (1u << 20);
  const std::string base = name.substr(0, colon != std::string::npos ? colon : digits);
  const std::scoped_lock lock(table().mutex);
  for (const auto& [major_number, entry] : table().by_major) {
    if (entry.name == name) return makedev(major_number, 0);
  }
  if (!numbered) return NODEV;
  for (const auto& [major_number, entry] : table().by_major) {
    if (entry.name == base) return makedev(major_number, number);
  }
  return NODEV;
}

int ioctl_argument(unsigned long command, std::uintptr_t user,
                   const std::function<int(void*)>& call) {
  const std::size_t size = IOCPARM_LEN(command);
  if (size > IOCPARM_MAX) return ENOTTY;
  alignas(16) std::array<char, 128> small{};
  std::vector<char> large(size > small.size() ? size : 0);
  char* data = large.empty() ? small.data() : large.data();
  auto* address = reinterpret_cast<void*>(user);
  if ((command & IOC_IN) != 0 && size != 0) {
    if (const int error = copyin(address, data, size)) return error;
  } else if ((command & IOC_VOID) != 0 || size == 0) {
    std::memcpy(data, &user, sizeof user);
  }
  int error = call(data);
  if (error == EPASSTHROUGH) error = ENOTTY;
  if (error == 0 && (command & IOC_OUT) != 0 && size != 0) error = copyout(data, address, size);
  return error;
}

int device_ioctl(dev_t dev, unsigned long command, std::uintptr_t user, int flag) {
  return ioctl_argument(
      command, user, [&](void* data) { return cdev_ioctl(dev, command, data, flag, current()); });
}

}  // namespace pupci::kern
