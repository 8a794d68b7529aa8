// SPDX-License-Identifier: BSD-2-Clause
// A function whose interrupt a driver of the kernel's serves, uio_pci_generic: its handler masks
// the line at the function and wakes who reads /dev/uioN. Linux, as root.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "host/fd.h"
#include "host/vfio/rebind.h"
#include "host/vfio/sysfs.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci::bench {

class BareUio {
 public:
  explicit BareUio(const std::string& address) {
    const vfio::Sysfs sysfs;
    const auto function = sysfs.find(parse_address(address).value());
    if (!function) throw Error(ENODEV, address + ": there is no such function");
    if (function->driver != "uio_pci_generic") {
      vfio::bind_all(sysfs, {*function}, "uio_pci_generic");
    }
    const auto uio = std::filesystem::directory_iterator(function->directory / "uio")->path();
    node_ = open("/dev" / uio.filename());
    config_ = open(function->directory / "config");
    unmask();
    const Fd bar = open(function->directory / "resource0");
    void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, bar.get(), 0);
    if (at == MAP_FAILED) fail("resource0");
    registers = static_cast<volatile std::uint32_t*>(at);
  }
  ~BareUio() { ::munmap(const_cast<std::uint32_t*>(registers), size); }
  BareUio(const BareUio&) = delete;
  BareUio& operator=(const BareUio&) = delete;

  /// Until the next interrupt.
  void wait() const {
    std::int32_t count = 0;
    if (::read(node_.get(), &count, sizeof count) != sizeof count) fail("read");
  }
  void unmask() const {
    const std::uint16_t command = pci::command_bit::memory;
    if (::pwrite(config_.get(), &command, sizeof command, pci::command) < 0) fail("config");
  }

  volatile std::uint32_t* registers = nullptr;

 private:
  static constexpr std::size_t size = 4096;

  [[noreturn]] static void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), "bare uio: " + what);
  }
  static Fd open(const std::filesystem::path& path) {
    Fd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd) fail(path.string());
    return fd;
  }

  Fd node_;
  Fd config_;
};

/// A thread that serves its interrupts one by one; `serve` is to make the device quiet.
class UioLoop {
 public:
  /// `raise` has the device send one.
  UioLoop(const BareUio& uio, std::function<void()> serve, std::function<void()> raise)
      : raise_(std::move(raise)), loop_([this, &uio, serve = std::move(serve)] {
          while (!stop_) {
            uio.wait();
            serve();
            count.fetch_add(1, std::memory_order_release);
            uio.unmask();
          }
        }) {}
  ~UioLoop() {
    stop_ = true;
    raise_();
    loop_.join();
  }
  UioLoop(const UioLoop&) = delete;
  UioLoop& operator=(const UioLoop&) = delete;

  std::atomic<unsigned> count = 0;

 private:
  std::atomic<bool> stop_ = false;
  std::function<void()> raise_;
  std::thread loop_;
};

}  // namespace pupci::bench
