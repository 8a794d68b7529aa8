// SPDX-License-Identifier: BSD-2-Clause
#include "host/vfio/region.h"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "host/direct_access.h"
#include "host/vfio/obstacle.h"

namespace pupci::vfio {
namespace {

constexpr std::uint64_t page = 4096;

// A mapping of whole pages.
class Window {
 public:
  // `at`: the file's offset of `pages.begin`. Without a mapping when the kernel refuses.
  Window(int fd, std::uint64_t at, const Stretch& pages) noexcept : pages_(pages) {
    void* got = ::mmap(nullptr, pages.end - pages.begin, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
                       static_cast<off_t>(at));
    error_ = got == MAP_FAILED ? errno : 0;
    if (got == MAP_FAILED) return;
    base_ = static_cast<std::byte*>(got);
    ::madvise(got, pages.end - pages.begin, MADV_DONTFORK);
  }
  Window(Window&& other) noexcept
      : pages_(other.pages_), base_(std::exchange(other.base_, nullptr)), error_(other.error_) {}
  Window& operator=(Window&&) = delete;
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;
  ~Window() {
    if (base_ != nullptr) ::munmap(base_, pages_.end - pages_.begin);
  }

  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] bool holds(std::uint64_t offset, std::uint64_t length) const noexcept {
    return base_ != nullptr && offset >= pages_.begin && offset + length <= pages_.end;
  }
  /// `offset` in the BAR, as pages.
  [[nodiscard]] std::byte* at(std::uint64_t offset) const noexcept {
    return base_ + (offset - pages_.begin);
  }

 private:
  Stretch pages_;
  std::byte* base_ = nullptr;
  int error_ = 0;
};

class DirectRegion final : public Region {
 public:
  DirectRegion(std::shared_ptr<Device> device, const BarPart& part, Window window)
      : Region(part.space, part.bus_address, part.size, window.at(part.offset)),
        device_(std::move(device)),
        window_(std::move(window)),
        base_(window_.at(part.offset)) {}

  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return all_ones(width);
    return load_direct(base_ + offset, width);
  }
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override {
    if (good_width(width) && in_bounds(offset, width)) store_direct(base_ + offset, width, value);
  }

 private:
  std::shared_ptr<Device> device_;
  Window window_;
  std::byte* base_;
};

class TrappedRegion final : public Region {
 public:
  TrappedRegion(std::shared_ptr<Device> device, const BarPart& part, std::vector<Window> windows)
      : Region(part.space, part.bus_address, part.size, nullptr),
        device_(std::move(device)),
        file_(part.info.offset),
        offset_(part.offset),
        windows_(std::move(windows)) {}

  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return all_ones(width);
    const std::uint64_t at = offset_ + offset;
    if (const Window* window = window_of(at, width)) return load_direct(window->at(at), width);
    std::uint64_t value = 0;
    return device_->read(file_ + at, &value, width) ? value : all_ones(width);
  }

  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override {
    if (!good_width(width) || !in_bounds(offset, width)) return;
    const std::uint64_t at = offset_ + offset;
    if (const Window* window = window_of(at, width)) {
      store_direct(window->at(at), width, value);
    } else {
      device_->write(file_ + at, &value, width);
    }
  }

 private:
  [[nodiscard]] const Window* window_of(std::uint64_t at, unsigned width) const noexcept {
    for (const Window& window : windows_) {
      if (window.holds(at, width)) return &window;
    }
    return nullptr;
  }

  std::shared_ptr<Device> device_;
  std::uint64_t file_;    // of the BAR's first byte
  std::uint64_t offset_;  // in the BAR
  std::vector<Window> windows_;
};

Stretch pages_of(const BarPart& part) {
  return {part.offset / page * page, (part.offset + part.size + page - 1) / page * page};
}

bool inside(const Stretch& inner, const Stretch& outer) {
  return inner.begin >= outer.begin && inner.end <= outer.end;
}

// The mappable stretches within `pages`, without the guarded one.
std::vector<Stretch> allowed(const BarPart& part) {
  const Stretch pages = pages_of(part);
  std::vector<Stretch> list;
  const auto add = [&](std::uint64_t begin, std::uint64_t end) {
    begin = std::max(begin, pages.begin);
    end = std::min(end, pages.end);
    if (begin < end) list.push_back({begin, end});
  };
  for (const Stretch& each : part.info.mappable) {
    const bool apart = part.guarded.end <= each.begin || part.guarded.begin >= each.end;
    if (apart) {
      add(each.begin, each.end);
    } else {
      add(each.begin, part.guarded.begin);
      add(part.guarded.end, each.end);
    }
  }
  return list;
}

Window map_all(const Device& device, const BarPart& part) {
  const Stretch pages = pages_of(part);
  if (part.combining.empty()) return {device.fd(), part.info.offset + pages.begin, pages};
  const Fd file(::open(part.combining.c_str(), O_RDWR | O_CLOEXEC));
  return {file.get(), pages.begin, pages};
}

}  // namespace

bool can_combine(const std::string& file) noexcept {
  const Fd fd(::open(file.c_str(), O_RDWR | O_CLOEXEC));
  return fd && Window(fd.get(), 0, {0, page}).error() == 0;
}

std::unique_ptr<Region> make_region(std::shared_ptr<Device> device, const BarPart& part,
                                    const BarRequest& request) {
  const std::vector<Stretch> stretches = allowed(part);
  if (stretches.size() == 1 && inside(pages_of(part), stretches[0])) {
    Window window = map_all(*device, part);
    if (window.error() == 0) {
      return std::make_unique<DirectRegion>(std::move(device), part, std::move(window));
    }
    request.refuse(window.error(), why_not_mapped(window.error()));
  }
  std::vector<Window> windows;
  for (const Stretch& each : stretches) {
    windows.emplace_back(device->fd(), part.info.offset + each.begin, each);
  }
  return std::make_unique<TrappedRegion>(std::move(device), part, std::move(windows));
}

}  // namespace pupci::vfio
