// SPDX-License-Identifier: BSD-2-Clause
// The bus hierarchy as enumeration sees it: the result of discovery, the subject of assignment.
// Internal to enumerate.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "host/enumerate.h"

namespace pupci::enumeration {

/// Warnings, bounded: a hostile configuration space must not fill memory with them.
class Warnings {
 public:
  void add(const Address& address, std::string_view text);
  std::vector<std::string> finish();

 private:
  std::vector<std::string> texts_;
  std::size_t dropped_ = 0;
};

/// What a range of addresses is for. `wide` is memory above 4 GiB, behind bridges the 64-bit
/// prefetchable window.
enum class Pool : std::uint8_t { io, memory, wide };
constexpr std::size_t pool_count = 3;

struct BarState {
  Bar bar;  // address: as found, then as assigned
  bool refused = false;
};

struct Window {
  bool exists = false;
  bool kept = false;
  AddressRange range;  // empty: closed
  std::uint64_t size = 0;
  std::uint64_t alignment = 1;
};

struct Node {
  Address address;
  std::uint8_t header_type = 0;
  std::uint16_t command = 0;  // as found
  bool alone = false;         // nothing of it may be touched
  bool vga = false;
  std::vector<BarState> bars;

  // Of a bridge.
  bool bridge = false;
  bool express_link = false;   // a port: device 0 alone can be behind it
  std::uint8_t secondary = 0;  // 0: nothing behind it is reachable
  std::uint8_t subordinate = 0;
  Window windows[pool_count];
  std::vector<std::unique_ptr<Node>> children;
};

using Nodes = std::vector<std::unique_ptr<Node>>;

/// Finds everything below bus 0 and numbers the buses. Functions found have memory and I/O decoding
/// off, but for bridges and those to be left alone.
Nodes discover(ConfigAccess& config, std::uint8_t last_bus, Warnings& warnings);

/// Gives addresses to everything and turns decoding on.
void assign(ConfigAccess& config, const BusResources& resources, Nodes& bus0, Warnings& warnings);

}  // namespace pupci::enumeration
