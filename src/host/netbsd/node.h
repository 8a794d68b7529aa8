// SPDX-License-Identifier: BSD-2-Clause
// An open node of pupci(4): the requests of dev/pci/pupciio.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "dev/pci/pupciio.h"
#include "host/netbsd/system.h"
#include "pupci/address.h"

namespace pupci::netbsd {

/// Thread-safe.
class Node {
 public:
  /// Throws Error: cannot_open_node(), other_version().
  Node(std::shared_ptr<System> system, std::string path);
  /// The kernel quiets the function.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  [[nodiscard]] System& system() const noexcept { return *system_; }
  [[nodiscard]] const std::shared_ptr<System>& shared_system() const noexcept { return system_; }
  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  [[nodiscard]] const pupci_info& info() const noexcept { return info_; }
  [[nodiscard]] const Address& address() const noexcept { return address_; }
  /// "netbsd: /dev/pupci0: 0000:00:03.0", as messages begin.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// 0 or an errno value.
  int request(unsigned long command, void* argument = nullptr) const noexcept;

  /// Nothing where the function is gone, or the access no good.
  bool config_read(unsigned offset, unsigned width, std::uint32_t& value) const noexcept;
  void config_write(unsigned offset, unsigned width, std::uint32_t value) const noexcept;
  void set_command(unsigned set, unsigned clear) const noexcept;

 private:
  void identify();

  std::shared_ptr<System> system_;
  std::string path_;
  int fd_;
  pupci_info info_{};
  Address address_;
  std::string name_;
};

}  // namespace pupci::netbsd
