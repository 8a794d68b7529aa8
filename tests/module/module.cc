// SPDX-License-Identifier: BSD-2-Clause
#include "module/module.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "kern/console.h"
#include "kern/devsw.h"
#include "netbsd/sys/fcntl.h"

namespace pupci::test {

ModuleMachine::ModuleMachine(const std::string& spec) {
  kern::set_console([text = console_](std::string_view more) { text->append(more); });
  bus_ = sim::open(spec);
  kernel_ = std::make_unique<kern::Kernel>(bus_, kern::KernelOptions{});
  kernel_->load(PUPCI_MODULE);
  kernel_->attach_all();
}

ModuleMachine::~ModuleMachine() {
  kernel_.reset();
  kern::set_console({});
}

std::shared_ptr<Function> ModuleMachine::function(unsigned number) {
  unsigned next = 0;
  for (const Address& address : bus_->functions()) {
    auto function = bus_->function(address);
    const bool bridge = function->config_read(0x0b, 1) == 6;
    if (!bridge && next++ == number) return function;
  }
  return nullptr;
}

ModuleNode::ModuleNode(const std::string& name) : ModuleNode(name, FREAD | FWRITE) {
  EXPECT_EQ(opened_, 0) << name << ": " << std::strerror(opened_);
}

ModuleNode::ModuleNode(const std::string& name, int flags) {
  const kern::ClientScope scope(files_);
  opened_ = files_.open(kern::device_by_name(name), flags, fd_);
}

int ModuleNode::raw(int fd, unsigned long command, void* argument, std::size_t size) {
  constexpr std::uintptr_t address = 0x1000;
  const auto file = files_.find(fd);
  if (file == nullptr) return EBADF;
  const kern::ClientScope scope(files_);
  // It lasts as long as memory of it is pinned.
  const kern::SpaceHandle user(new vmspace);
  const auto* bytes = static_cast<const std::byte*>(argument);
  if (size != 0) user->add(address, std::vector<std::byte>(bytes, bytes + size));
  if (!memory.empty()) user->add(memory_address, memory);
  const int error = file->ioctl(command, *user, size != 0 ? address : 0);
  if (size != 0) user->copy_in(address, argument, size);
  if (!memory.empty()) user->copy_in(memory_address, memory.data(), memory.size());
  return error;
}

int ModuleNode::allocate(std::uint32_t type, std::uint32_t count) {
  pupci_intr_alloc request{type, count};
  return ioctl(PUPCI_IOC_INTR_ALLOC, request);
}

int ModuleNode::establish(unsigned vector) {
  pupci_intr_establish request{};
  request.vector = vector;
  if (const int error = ioctl(PUPCI_IOC_INTR_ESTABLISH, request)) return -error;
  if (const int error = ioctl_of(request.fd, PUPCI_IOC_INTR_UNMASK)) return -error;
  return request.fd;
}

long ModuleNode::take(int fd) {
  const auto file = files_.find(fd);
  if (file == nullptr) return -EBADF;
  const kern::ClientScope scope(files_);
  std::vector<std::byte> data(4);
  if (const int error = file->read(data)) return -error;
  std::uint32_t count = 0;
  EXPECT_EQ(data.size(), sizeof count);
  std::memcpy(&count, data.data(), sizeof count);
  return count;
}

pupci_info ModuleNode::info() {
  pupci_info info{};
  EXPECT_EQ(ioctl(PUPCI_IOC_INFO, info), 0);
  return info;
}

std::uint32_t ModuleNode::config(unsigned offset, unsigned width) {
  pupci_config config{offset, width, 0};
  EXPECT_EQ(ioctl(PUPCI_IOC_CONFIG_READ, config), 0);
  return config.value;
}

int ModuleNode::config_write(unsigned offset, unsigned width, std::uint32_t value) {
  pupci_config config{offset, width, value};
  return ioctl(PUPCI_IOC_CONFIG_WRITE, config);
}

std::uint64_t ModuleNode::read(unsigned bar, std::uint64_t offset, unsigned width) {
  pupci_access access{bar, width, offset, 0};
  EXPECT_EQ(ioctl(PUPCI_IOC_READ, access), 0);
  return access.value;
}

int ModuleNode::write(unsigned bar, std::uint64_t offset, unsigned width, std::uint64_t value) {
  pupci_access access{bar, width, offset, value};
  return ioctl(PUPCI_IOC_WRITE, access);
}

}  // namespace pupci::test
