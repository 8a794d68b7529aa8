// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/board.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/qemu/doorbell.h"
#include "host/qemu/intx.h"

namespace pupci::qemu {

std::string idle_firmware() {
  constexpr std::size_t size = 65536;
  constexpr std::size_t reset_vector = 0xfff0;  // in the last 64 KiB below 4 GiB
  constexpr char cli = '\xfa';
  constexpr char hlt = '\xf4';
  constexpr char jump_to_hlt[] = {'\xeb', '\xfd'};
  std::string image(size, hlt);
  image[reset_vector] = cli;
  image[reset_vector + 1] = hlt;
  image.replace(reset_vector + 2, sizeof jump_to_hlt, jump_to_hlt, sizeof jump_to_hlt);
  return image;
}

std::vector<std::string> board_arguments(const Channels& channels, std::uint64_t memory) {
  const auto channel = [](const char* id, int fd) {
    return fmt::format("socket,id={},fd={}", id, fd);
  };
  // Descriptors have names here: QEMU opens them anew, and nothing is left in the file system.
  return {
      "-nodefaults",
      "-no-user-config",
      "-accel",
      "tcg",
      "-display",
      "none",
      "-machine",
      "q35,memory-backend=pupci-memory,vmport=off,pit=off",
      "-m",
      fmt::format("{}M", memory >> 20),
      "-object",
      fmt::format("memory-backend-file,id=pupci-memory,size={},"
                  "mem-path=/proc/self/fd/{},share=on",
                  memory, channels.memory),
      "-bios",
      fmt::format("/proc/self/fd/{}", channels.firmware),
      "-chardev",
      channel("pupci-qmp", channels.qmp),
      "-mon",
      "chardev=pupci-qmp,mode=control",
      "-chardev",
      channel("pupci-doorbell", channels.doorbell),
      "-device",
      fmt::format("ivshmem-doorbell,id=pupci-doorbell,chardev=pupci-doorbell,"
                  "vectors={},ioeventfd=off,addr={:x}.{:x}",
                  Doorbell::count, doorbell_address.device, doorbell_address.function),
  };
}

void connect_qtest(Qmp& qmp, const Channels& channels) {
  // The command line knows no character device with one file to read and another to write.
  const auto opened = [](int fd) { return fmt::format("/proc/self/fd/{}", fd); };
  const nlohmann::json files{{"in", opened(channels.commands)}, {"out", opened(channels.answers)}};
  qmp.execute("chardev-add",
              {{"id", "pupci-qtest"}, {"backend", {{"type", "file"}, {"data", files}}}});
  qmp.execute(
      "object-add",
      {{"qom-type", "qtest"}, {"id", "pupci-qtest"}, {"chardev", "pupci-qtest"}, {"log", "none"}});
}

void enable_config_window(Qtest& transport) {
  // The host bridge's PCIEXBAR (Intel 3 Series Express Chipset, 5.1.16), through the ports that
  // work from the start.
  constexpr std::uint64_t address_port = 0xcf8;
  constexpr std::uint64_t data_port = 0xcfc;
  constexpr std::uint32_t pciexbar = 0x80000060;
  constexpr std::uint32_t enable = 1;
  transport.write(Space::io, address_port, 4, pciexbar + 4);
  transport.write(Space::io, data_port, 4, config_window >> 32);
  transport.write(Space::io, address_port, 4, pciexbar);
  transport.write(Space::io, data_port, 4, static_cast<std::uint32_t>(config_window) | enable);
}

std::uint64_t config_address(const Address& address) noexcept {
  return config_window | std::uint64_t{address.bus} << 20 | std::uint64_t{address.device} << 15 |
         std::uint64_t{address.function} << 12;
}

BusResources board_resources(std::uint64_t memory) {
  constexpr std::uint64_t config_end = config_window + (std::uint64_t{256} << 20);
  constexpr std::uint64_t chipset = 0xfec00000;  // I/O APIC, HPET, local APIC, flash
  constexpr std::uint64_t four_gib = std::uint64_t{1} << 32;
  constexpr std::uint64_t first_free_port = 0x1000;
  BusResources resources;
  resources.io = {{first_free_port, 0x10000}};
  resources.memory = {{config_end, chipset}};
  if (memory < config_window) resources.memory.push_back({memory, config_window});
  resources.memory64 = {{four_gib, memory_end}};
  return resources;
}

unsigned interrupt_line(const EnumeratedFunction& function, unsigned pin) noexcept {
  // Each bridge turns the pins by the device number on the bus behind it
  // (PCI-to-PCI Bridge 1.2, 9.1).
  unsigned device = function.address.device;
  for (auto bridge = function.path.rbegin(); bridge != function.path.rend(); ++bridge) {
    pin = (pin - 1 + device) % 4 + 1;
    device = *bridge;
  }
  return q35_line(device, pin);
}

std::uint32_t BoardConfig::read(const Address& address, unsigned offset, unsigned width) noexcept {
  return static_cast<std::uint32_t>(
      transport_.read(Space::memory, config_address(address) + offset, width));
}

void BoardConfig::write(const Address& address, unsigned offset, unsigned width,
                        std::uint32_t value) noexcept {
  transport_.write(Space::memory, config_address(address) + offset, width, value);
}

}  // namespace pupci::qemu
