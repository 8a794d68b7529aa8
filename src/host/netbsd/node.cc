// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd/node.h"

#include <fcntl.h>
#include <fmt/core.h>

#include <cerrno>
#include <utility>

#include "host/netbsd/obstacle.h"
#include "pupci/pci_config.h"

namespace pupci::netbsd {

Node::Node(std::shared_ptr<System> system, std::string path)
    : system_(std::move(system)), path_(std::move(path)), fd_(-1) {
  fd_ = system_->open(path_.c_str(), O_RDWR);
  if (fd_ < 0) throw cannot_open_node(path_, errno);
  try {
    identify();
  } catch (...) {
    system_->close(fd_);
    throw;
  }
}

Node::~Node() {
  system_->close(fd_);
}

void Node::identify() {
  // The request's number holds the size of its argument, so that of another version may be unknown.
  if (const int error = request(PUPCI_IOC_INFO, &info_)) {
    if (error == ENOTTY || error == EINVAL) throw other_version(path_, 0);
    throw cannot_open_node(path_, error);
  }
  if (info_.version != PUPCI_IO_VERSION) throw other_version(path_, info_.version);
  address_.segment = static_cast<std::uint16_t>(info_.segment);
  address_.bus = static_cast<std::uint8_t>(info_.bus);
  address_.device = static_cast<std::uint8_t>(info_.device);
  address_.function = static_cast<std::uint8_t>(info_.function);
  name_ = fmt::format("netbsd: {}: {}", path_, to_string(address_));
}

int Node::request(unsigned long command, void* argument) const noexcept {
  while (system_->ioctl(fd_, command, argument) < 0) {
    if (errno != EINTR) return errno == 0 ? EIO : errno;
  }
  return 0;
}

bool Node::config_read(unsigned offset, unsigned width, std::uint32_t& value) const noexcept {
  pupci_config access{offset, width, 0};
  if (request(PUPCI_IOC_CONFIG_READ, &access) != 0) return false;
  value = access.value;
  return true;
}

void Node::config_write(unsigned offset, unsigned width, std::uint32_t value) const noexcept {
  pupci_config access{offset, width, value};
  request(PUPCI_IOC_CONFIG_WRITE, &access);
}

void Node::set_command(unsigned set, unsigned clear) const noexcept {
  std::uint32_t command = 0;
  if (!config_read(pci::command, 2, command)) return;
  config_write(pci::command, 2, (command & ~clear) | set);
}

}  // namespace pupci::netbsd
