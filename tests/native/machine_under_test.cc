// SPDX-License-Identifier: BSD-2-Clause
#include "native/machine_under_test.h"

#include <cstdlib>

namespace pupci::native {

std::shared_ptr<Bus> open_machine() {
  const char* host = std::getenv("PUPCI_NATIVE_HOST");
  return open_bus(host == nullptr ? "netbsd:/dev/pci0" : host);
}

std::vector<Address> find(Bus& bus, std::uint32_t id) {
  std::vector<Address> found;
  for (const Address& address : bus.functions()) {
    if (bus.function(address)->config_read(0, 4) == id) found.push_back(address);
  }
  return found;
}

}  // namespace pupci::native
