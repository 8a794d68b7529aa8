// SPDX-License-Identifier: BSD-2-Clause
#include "module/ports_in_memory.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <mutex>
#include <utility>

#include "host/direct_access.h"
#include "host/forwarding.h"
#include "kern/bus_space.h"
#include "kern/devsw.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/param.h"

namespace pupci::test {
namespace {

class WindowRegion final : public Region {
 public:
  WindowRegion(std::uint64_t port, std::uint64_t size, std::byte* window)
      : Region(Space::io, port, size, window + port), base_(window + port) {}
  std::uint64_t read(std::uint64_t offset, unsigned width) noexcept override {
    return in_bounds(offset, width) ? load_direct(base_ + offset, width) : all_ones(width);
  }
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) noexcept override {
    if (in_bounds(offset, width)) store_direct(base_ + offset, width, value);
  }

 private:
  std::byte* base_;
};

class WindowFunction final : public ForwardingFunction {
 public:
  WindowFunction(std::shared_ptr<Function> inner, std::byte* window)
      : ForwardingFunction(std::move(inner)), window_(window) {}
  std::unique_ptr<Region> map(unsigned index, std::uint64_t offset, std::uint64_t size,
                              MapMode mode) override {
    for (const Bar& bar : bars()) {
      if (bar.index == index && bar.kind == Bar::Kind::io) {
        return std::make_unique<WindowRegion>(bar.address + offset, size, window_);
      }
    }
    return inner().map(index, offset, size, mode);
  }

 private:
  std::byte* window_;
};

class WindowBus final : public ForwardingBus {
 public:
  WindowBus(std::shared_ptr<Bus> inner, std::byte* window)
      : ForwardingBus(std::move(inner)), window_(window) {}
  std::unique_ptr<Region> map(Space space, std::uint64_t bus_address, std::uint64_t size,
                              MapMode mode) override {
    if (space != Space::io) return inner().map(space, bus_address, size, mode);
    return std::make_unique<WindowRegion>(bus_address, size, window_);
  }

 private:
  std::shared_ptr<Function> wrap(std::shared_ptr<Function> function) override {
    return std::make_shared<WindowFunction>(std::move(function), window_);
  }

  std::byte* window_;
};

// This process's own memory.
struct OwnMemory final : vmspace {
  bool copy_in(std::uintptr_t address, void* to, std::size_t size) const override {
    std::memcpy(to, reinterpret_cast<const void*>(address), size);
    return true;
  }
  bool copy_out(const void* from, std::uintptr_t address, std::size_t size) override {
    std::memcpy(reinterpret_cast<void*>(address), from, size);
    return true;
  }
  [[nodiscard]] std::size_t bytes_from(std::uintptr_t address) const override {
    return PAGE_SIZE - (address & PAGE_MASK);
  }
  [[nodiscard]] bool accessible(std::uintptr_t /*address*/, std::size_t /*size*/,
                                bool /*write*/) const override {
    return true;
  }
};

}  // namespace

std::shared_ptr<Bus> ports_in_memory(std::shared_ptr<Bus> inner, std::byte* window) {
  return std::make_shared<WindowBus>(std::move(inner), window);
}

class LocalSystem::Pages final : public kern::PageClient {
 public:
  void revoke(std::uint64_t address, std::uint64_t size) noexcept override {
    const std::scoped_lock lock(mutex_);
    for (std::uint64_t at = 0; at < size; at += PAGE_SIZE) revoked_.insert(address + at);
  }
  [[nodiscard]] std::set<std::uint64_t> revoked() {
    const std::scoped_lock lock(mutex_);
    return revoked_;
  }

 private:
  std::mutex mutex_;
  std::set<std::uint64_t> revoked_;
};

LocalSystem::LocalSystem(Dma& arena, std::byte* window)
    : arena_(arena),
      window_(window),
      pages_(std::make_shared<Pages>()),
      memory_(new OwnMemory),
      silent_(::eventfd(0, EFD_CLOEXEC)) {}

LocalSystem::~LocalSystem() {
  files_.close_all();
  kern::mapping_remove_all(*pages_);
  ::close(silent_);
}

int LocalSystem::fail(int error) noexcept {
  if (error == 0) return 0;
  errno = error;
  return -1;
}

int LocalSystem::open(const char* path, int flags) noexcept {
  const kern::ClientScope scope(files_);
  int fd = -1;
  const dev_t dev = kern::device_by_name(path + std::strlen("/dev/"));
  const int error = files_.open(dev, (flags & (FREAD | FWRITE)) + 1, fd);
  return error == 0 ? fd : fail(error);
}

int LocalSystem::close(int fd) noexcept {
  return fd == silent_ ? 0 : fail(files_.close(fd));
}

int LocalSystem::ioctl(int fd, unsigned long command, void* argument) noexcept {
  const auto file = files_.find(fd);
  if (file == nullptr) return fail(EBADF);
  const kern::ClientScope scope(files_);
  return fail(file->ioctl(command, *memory_, reinterpret_cast<std::uintptr_t>(argument)));
}

std::ptrdiff_t LocalSystem::read(int /*fd*/, void* /*to*/, std::size_t /*size*/) noexcept {
  return fail(ENODEV);
}

void* LocalSystem::mmap(int fd, std::size_t size, int prot, std::int64_t offset) noexcept {
  const auto file = files_.find(fd);
  if (file == nullptr || offset % PAGE_SIZE != 0) {
    fail(file == nullptr ? EBADF : EINVAL);
    return nullptr;
  }
  std::uint64_t first = 0;
  for (std::uint64_t at = 0; at < size; at += PAGE_SIZE) {
    paddr_t page = 0;
    const int error = file->map_page(offset + static_cast<std::int64_t>(at), prot, page);
    if (error != 0) {
      fail(error);
      return nullptr;
    }
    if (at == 0) first = ptoa(page);
  }
  kern::mapping_enter(pages_, first, size);
  if (first >= kern::port_window) return window_ + (first - kern::port_window);
  return arena_.from_bus(first, size);
}

int LocalSystem::munmap(void* /*address*/, std::size_t /*size*/) noexcept {
  return 0;
}
int LocalSystem::kqueue() noexcept {
  return silent_;
}
int LocalSystem::kevent_add(int /*kq*/, int /*fd*/) noexcept {
  return 0;
}
std::optional<netbsd::Event> LocalSystem::kevent_take(int /*kq*/) noexcept {
  return std::nullopt;
}
int LocalSystem::pollable(int /*fd*/) noexcept {
  return silent_;
}
void LocalSystem::settle(int /*fd*/) noexcept {}
void LocalSystem::retire(int /*fd*/) noexcept {}

std::set<std::uint64_t> LocalSystem::revoked() const {
  return pages_->revoked();
}

}  // namespace pupci::test
