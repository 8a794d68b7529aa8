// SPDX-License-Identifier: BSD-2-Clause
// The sim host: a PCI bus whose functions are C++ objects in this process. For tests of drivers
// and of everything above the hosts, for fault injection, and for measuring overhead.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pupci/bus.h"

namespace pupci::sim {

class Bus;
class Clock;
class Port;
class Topology;

/// What configuration space says of a function.
struct Identity {
  std::uint16_t vendor = 0x1234;
  std::uint16_t device = 0;
  std::uint32_t class_code = 0xff0000;  ///< class, subclass, interface
  std::uint8_t revision = 0;
  std::uint8_t interrupt_pin = 0;  ///< 0 none, 1 INTA .. 4 INTD
  std::uint16_t subsystem_vendor = 0;
  std::uint16_t subsystem = 0;
};

struct BarSpec {
  Bar::Kind kind = Bar::Kind::memory32;
  std::uint64_t size = 0;  ///< a power of two: at least 4 for I/O, 16 for memory
  bool prefetchable = false;
  bool direct =
      false;  ///< plain memory, Region::base() is set; else the model's read() and write()
};

/// A device model. Derive, describe the function in the constructor, answer read() and write().
///
/// The virtual functions, and events of after(), are called one at a time for one model, so a model
/// needs no lock. Everything under "services" may only be used from within them.
class Model {
 public:
  virtual ~Model();
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;

  [[nodiscard]] Port& port() noexcept { return *port_; }  ///< the sim host's own business

  /// The function vanishes from the bus (surprise removal): reads answer all ones, writes and
  /// interrupts are lost. For tests, from any thread but never from within the model.
  void remove();

 protected:
  explicit Model(const Identity& identity);

  // --- Description, in constructors. These throw std::invalid_argument.

  void add_bar(unsigned index, const BarSpec& spec);
  /// Appends to the capability list; `body` is what follows id and pointer, `writable` the bits of
  /// it that software may change. The offset that it got.
  unsigned add_capability(unsigned id, std::span<const std::uint8_t> body,
                          std::span<const std::uint8_t> writable = {});
  unsigned add_extended_capability(unsigned id, unsigned version,
                                   std::span<const std::uint8_t> body);
  void add_power_management();
  void add_msi(unsigned vectors, bool maskable);  ///< a power of two up to 32
  /// The table and the pending bits lie in BAR `bar`, which must be trapped.
  void add_msix(unsigned vectors, unsigned bar, std::uint32_t table_offset,
                std::uint32_t pending_offset);
  /// Makes the function PCI Express, with extended configuration space.
  void add_express(bool flr);
  /// Sets a register as it is after reset, and the bits of it that software may write.
  void set_config(unsigned offset, unsigned width, std::uint32_t value, std::uint32_t writable = 0);
  /// Neither the function nor the host can reset it: Function::reset() throws ENOTSUP.
  void set_no_reset() noexcept;

  // --- What software does to the function.

  /// `width` bytes at `offset` of a trapped BAR, within its bounds; any alignment.
  virtual std::uint64_t read(unsigned bar, std::uint64_t offset, unsigned width);
  virtual void write(unsigned bar, std::uint64_t offset, unsigned width, std::uint64_t value);
  /// A configuration register was written; the new value is in place.
  virtual void config_written(unsigned offset, unsigned width);
  /// Back to power-on. INTx is lowered, vectors are disabled and events forgotten already.
  virtual void reset();

  // --- Services.

  [[nodiscard]] std::uint32_t config(unsigned offset, unsigned width) const noexcept;
  /// Changes what a register reads, writable or not.
  void set_register(unsigned offset, unsigned width, std::uint32_t value);
  /// DMA at a bus address. False when any of it is no allocated arena memory, or bus mastering is
  /// off: then nothing was written, reads give all ones, and Bus::faults() has a record.
  bool dma_read(std::uint64_t bus_address, void* to, std::size_t size);
  bool dma_write(std::uint64_t bus_address, const void* from, std::size_t size);
  void raise_intx();
  void lower_intx();
  /// Sends the message of a vector, 0 ..; nothing happens if it is not enabled.
  void signal(unsigned vector);
  /// The message of `vector` if MSI or MSI-X is enabled, else raises INTx.
  void interrupt(unsigned vector = 0);
  [[nodiscard]] bool messages_enabled() const noexcept;
  [[nodiscard]] unsigned enabled_vectors() const noexcept;  ///< of MSI or MSI-X
  /// The memory of a direct BAR.
  [[nodiscard]] std::byte* memory(unsigned bar);
  /// Runs `event` later, on the bus's clock. A reset forgets it.
  void after(std::chrono::nanoseconds delay, std::function<void()> event);
  /// As remove(), from within.
  void vanish();
  /// The function dies and takes the bus with it: Bus::failure() says `reason`.
  void die(const std::string& reason);

 private:
  friend class Port;
  std::unique_ptr<Port> port_;
};

/// A bus segment: bus 0, or what lies behind a bridge. Owned by its Bus.
class Segment {
 public:
  /// Puts a model at a place that is free, or at the first device (then function) that is. Throws
  /// EEXIST or ENOSPC, and EBUSY once the bus is in use.
  void add(unsigned device, unsigned function, std::shared_ptr<Model> model);
  void add(std::shared_ptr<Model> model);
  /// A PCI-to-PCI bridge, and the segment behind it.
  Segment& add_bridge(unsigned device, unsigned function = 0);
  Segment& add_bridge();

 private:
  friend class Topology;
  Segment(Topology& topology, Segment* parent) noexcept : topology_(topology), parent_(parent) {}
  struct Place {
    unsigned device;
    unsigned function;
  };
  [[nodiscard]] Place first_free() const;

  struct Entry {
    unsigned device;
    unsigned function;
    std::shared_ptr<Model> model;
    std::unique_ptr<Segment> behind;  // of a bridge
  };
  Topology& topology_;
  Segment* parent_;
  unsigned parent_device_ = 0;  // of the bridge
  std::vector<Entry> entries_;
};

/// DMA that an IOMMU would have stopped.
struct DmaFault {
  Address function;
  std::uint64_t bus_address;
  std::size_t size;
  bool write;
};

struct Options {
  std::string name = "sim";
  bool shared_arena = false;  ///< of a file: Dma::arena_fd()
  std::size_t arena_size = std::size_t{64} << 20;
  std::uint64_t arena_bus = 0x100000;  ///< bus address of the arena
  /// Time stands still but for advance(); otherwise events run on a thread of the bus.
  bool manual_clock = false;
  unsigned vector_limit = 2048;  ///< vectors for the whole bus; then ENOSPC
  bool trace = false;            ///< DMA faults on standard error
};

/// Build it up through root(), then use it as any pupci::Bus: at the first such use bus numbers
/// and addresses are assigned, as firmware would, and the topology stands.
class Bus final : public pupci::Bus {
 public:
  explicit Bus(const Options& options = {});
  ~Bus() override;

  [[nodiscard]] Segment& root() noexcept;

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::vector<Address> functions() override;
  std::shared_ptr<Function> function(const Address& address) override;
  Dma& dma() noexcept override;
  [[nodiscard]] int failure_fd() const noexcept override;
  [[nodiscard]] std::string failure() const override;

  /// The bus is lost, for this reason; the first one counts.
  void fail(const std::string& reason);
  /// With a manual clock: passes time, and runs the events that fall due in this thread, in order.
  void advance(std::chrono::nanoseconds by);
  [[nodiscard]] std::vector<DmaFault> faults() const;
  /// The model at an address. Throws ENODEV.
  std::shared_ptr<Model> model(const Address& address);

 private:
  std::shared_ptr<Topology> topology_;
};

/// What "sim:SPEC" opens. SPEC is a list, separated by commas, of MODEL[=VARIANT][*COUNT], each
/// perhaps behind a bridge of its own: "edu,bridge/edu,regs*3,bridge/bridge/msix". Throws EINVAL
/// that names the models there are.
std::shared_ptr<Bus> open(std::string_view spec, const BusOptions& options = {});

/// Makes models by the names of open(): "edu", "regs", "dma", "msix", "testdev", "faulty".
std::shared_ptr<Model> make_model(std::string_view name, std::string_view variant = {});

}  // namespace pupci::sim
