// SPDX-License-Identifier: BSD-2-Clause
#include "driver/machine.h"

#include <gtest/gtest.h>

#include <cstring>

#include "kern/console.h"
#include "kern/devsw.h"
#include "kern/user_memory.h"
#include "netbsd/sys/conf.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/stat.h"
#include "netbsd/sys/uio.h"

namespace pupci::test {

namespace {

std::shared_ptr<Bus> open(std::string_view host, std::vector<std::string> arguments) {
  BusOptions options;
  options.arguments = std::move(arguments);
  return open_bus(host, options);
}

}  // namespace

Machine::Machine(std::string_view host, std::vector<std::string> arguments,
                 const std::vector<std::string>& drivers, std::vector<std::string> properties)
    : Machine(open(host, std::move(arguments)), drivers, std::move(properties)) {}

Machine::Machine(std::shared_ptr<Bus> bus, const std::vector<std::string>& drivers,
                 std::vector<std::string> properties)
    : bus_(std::move(bus)) {
  kern::set_console([text = console_](std::string_view more) { text->append(more); });
  kern::KernelOptions options;
  options.properties = std::move(properties);
  kernel_ = std::make_unique<kern::Kernel>(bus_, options);
  for (const std::string& driver : drivers) {
    kernel_->load(std::string(PUPCI_DRIVER_DIR "/") + driver + ".so");
  }
  attached_ = kernel_->attach_all();
}

Machine::~Machine() {
  kernel_.reset();
  kern::set_console({});
}

Node::Node(const std::string& name)
    : dev_(kern::device_by_name(name)),
      open_error_(cdev_open(dev_, FREAD | FWRITE, S_IFCHR, nullptr)) {
  EXPECT_EQ(open_error_, 0) << name << ": " << std::strerror(open_error_);
}

Node::~Node() {
  if (open_error_ == 0) cdev_close(dev_, FREAD | FWRITE, S_IFCHR, nullptr);
}

int Node::ioctl(unsigned long command, void* argument, std::size_t size) {
  constexpr std::uintptr_t user = 0x1000;
  vmspace space;
  const auto* bytes = static_cast<const std::byte*>(argument);
  space.add(user, std::vector<std::byte>(bytes, bytes + size));
  const kern::UserScope scope(&space);
  const int error = kern::device_ioctl(dev_, command, user, FREAD | FWRITE);
  if (error == 0) space.copy_in(user, argument, size);
  return error;
}

long Node::transfer(std::size_t offset, std::byte* bytes, std::size_t size, bool to_device) {
  iovec vector{bytes, size};
  uio transfer{};
  transfer.uio_iov = &vector;
  transfer.uio_iovcnt = 1;
  transfer.uio_offset = static_cast<off_t>(offset);
  transfer.uio_resid = size;
  transfer.uio_rw = to_device ? UIO_WRITE : UIO_READ;
  UIO_SETUP_SYSSPACE(&transfer);
  const int error = to_device ? cdev_write(dev_, &transfer, 0) : cdev_read(dev_, &transfer, 0);
  return error != 0 ? -error : static_cast<long>(size - transfer.uio_resid);
}

long Node::write(std::size_t offset, const std::vector<std::byte>& bytes) {
  std::vector<std::byte> copy = bytes;
  return transfer(offset, copy.data(), copy.size(), true);
}

long Node::read(std::size_t offset, std::vector<std::byte>& bytes) {
  return transfer(offset, bytes.data(), bytes.size(), false);
}

}  // namespace pupci::test
