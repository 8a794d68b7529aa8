// SPDX-License-Identifier: BSD-2-Clause
// A PCI bus hierarchy as one host gives access to it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pupci/dma.h"
#include "pupci/error.h"
#include "pupci/function.h"

namespace pupci {

/// Something that the user should know of while the bus goes on.
struct Notice {
  std::string text;    ///< names the function
  bool leave = false;  ///< the bus will not go on for long: detach drivers and let it go
};

/// Set-up functions throw pupci::Error. Thread-safe.
class Bus {
 public:
  virtual ~Bus() = default;
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// The host's name and what it was opened with, as in messages: "qemu", "vfio:0000:03:00.0".
  [[nodiscard]] virtual std::string name() const = 0;

  /// All functions, bridges included, in order of address. Functions that the host needs for
  /// itself are left out.
  [[nodiscard]] virtual std::vector<Address> functions() = 0;

  /// The function at `address`; the same object each time while anyone holds it. Throws ENODEV.
  virtual std::shared_ptr<Function> function(const Address& address) = 0;

  virtual Dma& dma() noexcept = 0;

  /// Maps a range of bus addresses that need not be a whole BAR. The default looks for the function
  /// whose BAR holds the range, and throws ENXIO when there is none; a host may reach more (legacy
  /// ports).
  virtual std::unique_ptr<Region> map(Space space, std::uint64_t bus_address, std::uint64_t size,
                                      MapMode mode = MapMode::uncached);

  /// Readable once the bus is lost (QEMU ended, the device was unplugged); -1 where that cannot be.
  [[nodiscard]] virtual int failure_fd() const noexcept { return -1; }
  /// Why the bus is lost, for the user; empty while it is well.
  [[nodiscard]] virtual std::string failure() const { return {}; }

  /// Readable while take_notice() may have something; -1 where there never is.
  [[nodiscard]] virtual int notice_fd() const noexcept { return -1; }
  /// The next notice, if there is one. For one thread.
  virtual std::optional<Notice> take_notice() { return std::nullopt; }

 protected:
  Bus() = default;
};

struct BusOptions {
  std::vector<std::string> arguments;  ///< what stood after "--"; for qemu: its own arguments
  std::size_t arena_size = std::size_t{512}
                           << 20;  ///< bytes for DMA; sparse, so unused costs nothing
  bool shared_arena = false;  ///< of a file, Dma::arena_fd(), where the host has a choice (sim)
  /// What displays show before their drivers run, where the host stands in firmware's place (qemu):
  /// "1024x768x32", as parse_video_mode(); "none"; or empty for this default.
  std::string mode;
  bool trace = false;  ///< host-level trace on standard error
};

/// Opens what `--host SPEC` names: "qemu", "vfio:ADDRESS[,...]", "sim:MODEL[,MODEL...]". Throws
/// EINVAL, naming the hosts that exist, for one it does not know.
std::shared_ptr<Bus> open_bus(std::string_view spec, const BusOptions& options = {});

}  // namespace pupci
