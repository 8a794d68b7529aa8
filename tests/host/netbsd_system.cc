// SPDX-License-Identifier: BSD-2-Clause
#include "host/netbsd_system.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/filio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "pupci/pci_config.h"

namespace pupci::netbsd::test {

FakeSystem::FakeSystem() : silent_(::eventfd(0, EFD_CLOEXEC)) {}

FakeSystem::~FakeSystem() {
  ::close(silent_);
}

FakeFunction& FakeSystem::add(const Address& address, std::uint32_t id) {
  FakeFunction& made = functions[address];
  made.config[pci::vendor_id / 4] = id;
  made.writable[pci::command / 4] = 0x407;
  made.config[4] = 0xf0000000;
  made.writable[4] = 0xfffff000;
  made.config[15] = 0x0000010b;  // pin A, line 11
  return made;
}

FakeNode& FakeSystem::add_node(unsigned number, const Address& address) {
  const std::string name = "pupci" + std::to_string(number);
  FakeNode& made = nodes["/dev/" + name];
  made.info.version = PUPCI_IO_VERSION;
  made.info.bus = address.bus;
  made.info.device = address.device;
  made.info.function = address.function;
  made.info.config_size = 256;
  made.info.intx = 1;
  made.info.msi = 1;
  made.info.flags = PUPCI_INFO_INTX_MASK | PUPCI_INFO_PRIVILEGED;
  made.info.bar[0] = {0xf0000000, 0x1000, 0, PUPCI_BAR_MMAP, 0};
  if (functions.count(address) != 0) functions[address].driver = name;
  return made;
}

int FakeSystem::fail(int error) noexcept {
  errno = error;
  return -1;
}

int FakeSystem::descriptor() {
  open_descriptors.insert(next_);
  return next_++;
}

int FakeSystem::open(const char* path, int flags) noexcept {
  const std::string name = path;
  if (const auto node = nodes.find(name); node != nodes.end()) {
    if (node->second.open_error != 0) return fail(node->second.open_error);
  } else if (name.find("/pci") == std::string::npos) {
    return fail(ENOENT);
  } else {
    const auto error = bus_errors.find(name + ((flags & O_ACCMODE) == O_RDWR ? " rw" : ""));
    if (error != bus_errors.end()) return fail(error->second);
  }
  const int fd = descriptor();
  paths_[fd] = name;
  return fd;
}

int FakeSystem::close(int fd) noexcept {
  paths_.erase(fd);
  interrupts_.erase(fd);
  return open_descriptors.erase(fd) != 0 ? 0 : fail(EBADF);
}

int FakeSystem::ioctl(int fd, unsigned long command, void* argument) noexcept {
  calls++;
  if (open_descriptors.count(fd) == 0) return fail(EBADF);
  if (interrupts_.count(fd) != 0) return 0;
  const auto node = nodes.find(paths_[fd]);
  const int error = node == nodes.end() ? bus_request(command, argument)
                                        : request(node->second, command, argument);
  return error == 0 ? 0 : fail(error);
}

int FakeSystem::request(FakeNode& node, unsigned long command, void* argument) {
  if (node.gone) return ENXIO;
  if (const auto error = node.errors.find(command); error != node.errors.end()) {
    return error->second;
  }
  switch (command) {
    case PUPCI_IOC_INFO:
      std::memcpy(argument, &node.info, sizeof node.info);
      return 0;
    case PUPCI_IOC_CONFIG_READ:
      static_cast<pupci_config*>(argument)->value = 0;
      return 0;
    case PUPCI_IOC_DMA_ALLOC: {
      auto& alloc = *static_cast<pupci_dma_alloc*>(argument);
      node.allocations.push_back(alloc.size);
      const bool reached = node.dma_address <= alloc.highest;
      if (alloc.size > (reached ? node.largest : node.largest_low)) return ENOMEM;
      alloc.address = reached ? node.dma_address : 0x1000000;
      alloc.id = 1;
      return 0;
    }
    case PUPCI_IOC_DMA_PIN: {
      auto& pin = *static_cast<pupci_dma_pin*>(argument);
      auto* segment = reinterpret_cast<pupci_segment*>(static_cast<std::uintptr_t>(pin.segments));
      segment->address = node.pin_address;
      segment->length = pin.size;
      if (node.copies_pins) node.pin_address += 0x100000;
      pin.id = 100;
      node.pins++;
      return 0;
    }
    case PUPCI_IOC_DMA_RELEASE:
      if (*static_cast<std::uint32_t*>(argument) == 100) node.pins--;
      return 0;
    case PUPCI_IOC_INTR_ESTABLISH: {
      auto& wanted = *static_cast<pupci_intr_establish*>(argument);
      wanted.fd = descriptor();
      interrupts_.insert(wanted.fd);
      node.established.push_back(wanted);
      return 0;
    }
    default:
      return 0;
  }
}

int FakeSystem::bus_request(unsigned long command, void* argument) {
  switch (command) {
    case PCI_IOC_BUSINFO:
      *static_cast<pciio_businfo*>(argument) = {0, 32};
      return 0;
    case PCI_IOC_DRVNAMEONBUS: {
      auto& name = *static_cast<pciio_drvnameonbus*>(argument);
      const Address address{0, static_cast<std::uint8_t>(name.bus),
                            static_cast<std::uint8_t>(name.device),
                            static_cast<std::uint8_t>(name.function)};
      const auto found = functions.find(address);
      if (found == functions.end() || found->second.driver.empty()) return ENXIO;
      found->second.driver.copy(name.name, sizeof name.name - 1);
      return 0;
    }
    case PCI_IOC_BDF_CFGREAD:
    case PCI_IOC_BDF_CFGWRITE: {
      auto& access = *static_cast<pciio_bdf_cfgreg*>(argument);
      const Address address{0, static_cast<std::uint8_t>(access.bus),
                            static_cast<std::uint8_t>(access.device),
                            static_cast<std::uint8_t>(access.function)};
      const auto found = functions.find(address);
      const bool there = found != functions.end() && access.cfgreg.reg < 256;
      if (command == PCI_IOC_BDF_CFGREAD) {
        access.cfgreg.val = there ? found->second.config[access.cfgreg.reg / 4] : UINT32_MAX;
      } else if (there) {
        writes++;
        const std::uint32_t bits = found->second.writable[access.cfgreg.reg / 4];
        std::uint32_t& reg = found->second.config[access.cfgreg.reg / 4];
        reg = (reg & ~bits) | (access.cfgreg.val & bits);
      }
      return 0;
    }
    default:
      return ENOTTY;
  }
}

std::ptrdiff_t FakeSystem::read(int fd, void* /*to*/, std::size_t /*size*/) noexcept {
  if (open_descriptors.count(fd) == 0) return fail(EBADF);
  for (const auto& [path, node] : nodes) {
    if (node.gone) return fail(ENXIO);
  }
  return fail(EAGAIN);
}

void* FakeSystem::mmap(int fd, std::size_t size, int prot, std::int64_t offset) noexcept {
  const auto node = nodes.find(paths_[fd]);
  if (node != nodes.end() && !node->second.mappable) {
    errno = ENODEV;
    return nullptr;
  }
  if (node == nodes.end() && offset != 0xf0000000) {
    errno = ENXIO;
    return nullptr;
  }
  void* got = ::mmap(nullptr, size, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  maps_.insert(got);
  return got;
}

int FakeSystem::munmap(void* address, std::size_t size) noexcept {
  if (maps_.erase(address) == 0) return fail(EINVAL);
  return ::munmap(address, size);
}

int FakeSystem::kqueue() noexcept {
  const int fd = descriptor();
  paths_[fd] = "kqueue";
  return fd;
}

int FakeSystem::kevent_add(int kq, int fd) noexcept {
  return open_descriptors.count(kq) != 0 && open_descriptors.count(fd) != 0 ? 0 : fail(EBADF);
}

std::optional<Event> FakeSystem::kevent_take(int /*kq*/) noexcept {
  for (const auto& [fd, path] : paths_) {
    const auto node = nodes.find(path);
    if (node != nodes.end() && node->second.gone) return Event{fd, 0, true};
  }
  return std::nullopt;
}

int FakeSystem::pollable(int fd) noexcept {
  return open_descriptors.count(fd) != 0 ? silent_ : fail(EBADF);
}

void FakeSystem::settle(int /*fd*/) noexcept {}

void FakeSystem::retire(int fd) noexcept {
  retired.insert(fd);
}

}  // namespace pupci::netbsd::test
