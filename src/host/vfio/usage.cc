// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/usage.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <sstream>

#include "host/fd.h"
#include "host/vfio/sysfs.h"

namespace pupci::vfio {
namespace {

namespace fs = std::filesystem;

bool is_below(const fs::path& path, const fs::path& directory) {
  return path.string().starts_with(directory.string() + "/");
}

// What a folder holds; empty if it cannot be read.
std::vector<fs::path> entries_of(const fs::path& directory) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    entries.push_back(entry->path());
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

// An NVMe namespace that several controllers may reach is a child of their subsystem, which has a
// link to each.
bool is_shared_nvme(const fs::path& device, const fs::path& function) {
  const fs::path subsystem = device.parent_path();
  if (subsystem.parent_path().filename() != "nvme-subsystem") return false;
  std::error_code error;
  const auto links = entries_of(subsystem);
  return std::any_of(links.begin(), links.end(), [&](const fs::path& link) {
    return fs::is_symlink(link, error) && is_below(fs::canonical(link, error), function);
  });
}

// A block device: a disk, a partition, or what was made of them.
struct Block {
  std::string name;    // "sda1"
  std::string number;  // "8:1"
  std::string label;   // "sda1", "dm-0 (vg-root)"
};

class Blocks {
 public:
  Blocks(const Sysfs& sysfs, const SysfsFunction& function) : sysfs_(sysfs) {
    for (const fs::path& link : entries_of(sysfs.at("/sys/class/block"))) {
      std::error_code error;
      const fs::path device = fs::canonical(link, error);
      if (error) continue;
      const fs::path disk = fs::exists(device / "partition", error) ? device.parent_path() : device;
      if (is_below(device, function.directory) || is_shared_nvme(disk, function.directory))
        add(device);
    }
  }

  [[nodiscard]] const std::map<std::string, Block>& all() const { return blocks_; }
  [[nodiscard]] const std::vector<Use>& held() const { return held_; }

  [[nodiscard]] const Block* by_number(const std::string& number) const {
    for (const auto& [name, block] : blocks_) {
      if (block.number == number) return &block;
    }
    return nullptr;
  }
  // `node` as the kernel shows it in tables: "/dev/sda1", "/dev/mapper/vg-root".
  [[nodiscard]] const Block* by_node(const fs::path& node) const {
    std::error_code error;
    const fs::path real = fs::canonical(sysfs_.at(node), error);
    const auto found = blocks_.find((error ? node : real).filename().string());
    return found == blocks_.end() ? nullptr : &found->second;
  }

 private:
  void add(const fs::path& device) {
    const std::string name = device.filename().string();
    if (blocks_.contains(name)) return;
    const std::string mapped = read_line(device / "dm" / "name");
    const std::string label = mapped.empty() ? name : fmt::format("{} ({})", name, mapped);
    blocks_[name] = {name, read_line(device / "dev"), label};
    for (const fs::path& link : entries_of(device / "holders")) {
      std::error_code error;
      const fs::path holder = fs::canonical(link, error);
      if (error) continue;
      add(holder);
      const Block& by = blocks_[holder.filename().string()];
      held_.push_back({fmt::format("{} is held by {}", label, by.label),
                       by.name.starts_with("md") ? fmt::format("mdadm --stop /dev/{}", by.name)
                                                 : fmt::format("dmsetup remove {}", by.name)});
    }
  }

  const Sysfs& sysfs_;
  std::map<std::string, Block> blocks_;
  std::vector<Use> held_;
};

// The kernel writes spaces and the like as \ooo.
std::string unescape(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// proc_pid_mountinfo(5). Some file systems have a device number of their own, so the source counts
// too.
void find_mounts(const Sysfs& sysfs, const Blocks& blocks, std::vector<Use>& found) {
  std::ifstream in(sysfs.at("/proc/self/mountinfo"));
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string id, parent, number, root, point, word, type, source;
    words >> id >> parent >> number >> root >> point;
    while (words >> word && word != "-") continue;
    words >> type >> source;
    const Block* block = blocks.by_number(number);
    if (block == nullptr && source.starts_with("/dev/")) block = blocks.by_node(unescape(source));
    if (block != nullptr)
      found.push_back({fmt::format("{} is mounted at {}", block->label, unescape(point)),
                       fmt::format("umount '{}'", unescape(point))});
  }
}

void find_swap(const Sysfs& sysfs, const Blocks& blocks, std::vector<Use>& found) {
  std::ifstream in(sysfs.at("/proc/swaps"));
  for (std::string line; std::getline(in, line);) {
    const std::string node = unescape(line.substr(0, line.find_first_of(" \t")));
    if (!node.starts_with('/')) continue;
    if (const Block* block = blocks.by_node(node); block != nullptr)
      found.push_back({fmt::format("{} is swap space", block->label), "swapoff " + node});
  }
}

// A mount in another namespace, ZFS, a virtual machine: whoever has claimed it.
void find_claims(const Sysfs& sysfs, const Blocks& blocks, std::vector<Use>& found) {
  for (const auto& [name, block] : blocks.all()) {
    const fs::path node = sysfs.at("/dev") / name;
    const Fd fd(::open(node.c_str(), O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC));
    if (!fd && errno == EBUSY)
      found.push_back({fmt::format("/dev/{} is open for a program or mounted elsewhere", name),
                       fmt::format("fuser -v /dev/{} tells for whom", name)});
  }
}

void find_interfaces(const Sysfs& sysfs, const SysfsFunction& function, std::vector<Use>& found) {
  constexpr unsigned long up = 1;  // IFF_UP of netdevice(7)
  for (const fs::path& link : entries_of(sysfs.at("/sys/class/net"))) {
    std::error_code error;
    const fs::path interface = fs::canonical(link, error);
    if (error || !is_below(interface, function.directory)) continue;
    const std::string flags = read_line(interface / "flags");
    if ((std::strtoul(flags.c_str(), nullptr, 16) & up) != 0)
      found.push_back({fmt::format("the network interface {} is up", interface.filename().string()),
                       fmt::format("ip link set {} down", interface.filename().string())});
  }
}

}  // namespace

std::vector<Use> vfio_holders(const Sysfs& sysfs, const SysfsFunction& function) {
  std::vector<Use> holders;
  if (!function.on_vfio()) return holders;
  const std::string group = Sysfs::group_node(function);
  const std::string cdev = Sysfs::cdev_node(function);
  for (const fs::path& process : entries_of(sysfs.at("/proc"))) {
    const std::string id = process.filename().string();
    if (id.find_first_not_of("0123456789") != std::string::npos) continue;
    for (const fs::path& fd : entries_of(process / "fd")) {
      std::error_code error;
      const std::string open = fs::read_symlink(fd, error).string();
      if (error || open.empty() || (open != group && open != cdev)) continue;
      holders.push_back({fmt::format("{} ({}) has it open", read_line(process / "comm"), id),
                         fmt::format("kill {}", id)});
      break;
    }
  }
  return holders;
}

std::vector<Use> usage(const Sysfs& sysfs, const SysfsFunction& function) {
  std::vector<Use> found;
  const Blocks blocks(sysfs, function);
  find_mounts(sysfs, blocks, found);
  find_swap(sysfs, blocks, found);
  found.insert(found.end(), blocks.held().begin(), blocks.held().end());
  if (found.empty()) find_claims(sysfs, blocks, found);
  find_interfaces(sysfs, function, found);
  for (Use& holder : vfio_holders(sysfs, function)) found.push_back(std::move(holder));
  return found;
}

}  // namespace pupci::vfio
