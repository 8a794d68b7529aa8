// SPDX-License-Identifier: BSD-2-Clause
// The qemu host: QEMU's device models as a PCI bus of this process.
//
// QEMU runs a q35 machine without KVM, firmware or guest: its CPU is halted, and this process
// stands in the CPU's place. The parts, each in a file of its own:
//
//   process    QEMU as a child that dies with us; its error output
//   machine    process and connections together, and the thread that watches them
//   board      command line, map of addresses, configuration space by memory access (ECAM)
//   qtest      accesses: reads waited for, writes posted
//   intx       interrupt lines, whose levels arrive among the answers of qtest
//   doorbell   the end of every MSI and MSI-X message: an ivshmem-doorbell device served by us
//   message    a vector on top of a doorbell
//   function   one function: configuration space, BARs, interrupts, reset
//   display    modes of displays, as firmware sets them
//   qmp        the monitor, for the user and tests
//
// Memory is one file, mapped here and there: what a device writes by DMA is in the arena at once,
// and a bus address is an offset in that file. Since no firmware runs, host/enumerate numbers
// the buses and gives out addresses. All channels are socket pairs and anonymous memory; nothing
// has a name in the file system, so any number of buses and processes go side by side.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "host/enumerate.h"
#include "host/qemu/function.h"
#include "host/qemu/machine.h"
#include "pupci/qemu.h"

namespace pupci::qemu {

class Board : public QemuBus {
 public:
  /// Throws as open_bus().
  explicit Board(const BusOptions& options);
  ~Board() override;

  [[nodiscard]] std::string name() const override { return "qemu"; }
  [[nodiscard]] std::vector<Address> functions() override;
  std::shared_ptr<Function> function(const Address& address) override;
  Dma& dma() noexcept override { return machine_->dma(); }
  /// Any ports, and any memory that is not the arena: legacy addresses too.
  std::unique_ptr<Region> map(Space space, std::uint64_t bus_address, std::uint64_t size,
                              MapMode mode) override;
  [[nodiscard]] int failure_fd() const noexcept override { return machine_->failure_fd(); }
  [[nodiscard]] std::string failure() const override { return machine_->failure(); }

  std::string monitor(std::string_view command) override;
  std::string qmp(std::string_view command, std::string_view arguments) override;
  [[nodiscard]] pid_t qemu_pid() const noexcept override { return machine_->pid(); }
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept override {
    return found_.warnings;
  }

 private:
  void connect_doorbell();
  void note_interrupt_lines();
  void light_displays(const std::string& mode);
  [[nodiscard]] QemuFunction::Place place(const EnumeratedFunction& self) const;

  std::shared_ptr<Machine> machine_;
  Enumeration found_;
  std::map<Address, Framebuffer> framebuffers_;
  std::mutex mutex_;
  std::map<Address, std::weak_ptr<QemuFunction>> open_;
};

}  // namespace pupci::qemu

namespace pupci {
/// For the list of hosts. `rest` must be empty: QEMU's arguments are in the options.
std::shared_ptr<Bus> open_qemu(std::string_view rest, const BusOptions& options);
}  // namespace pupci
