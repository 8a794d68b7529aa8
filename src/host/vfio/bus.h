// SPDX-License-Identifier: BSD-2-Clause
// The vfio host: functions of this machine that Linux gives to user space, and the bridges above
// them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/vfio/device.h"
#include "host/vfio/fault_log.h"
#include "host/vfio/iommu.h"
#include "host/vfio/spec.h"
#include "pupci/bus.h"

namespace pupci::vfio {

class VfioBus final : public Bus {
 public:
  VfioBus(std::string_view spec, const BusOptions& options, Sysfs sysfs = Sysfs());
  /// No function masters the bus any more before memory is unmapped.
  ~VfioBus() override;

  [[nodiscard]] std::string name() const override { return spec_.name; }
  [[nodiscard]] std::vector<Address> functions() override;
  std::shared_ptr<Function> function(const Address& address) override;
  Dma& dma() noexcept override { return *dma_; }
  [[nodiscard]] int notice_fd() const noexcept override { return notices_.get(); }
  std::optional<Notice> take_notice() override;

 private:
  struct Opened {
    SysfsFunction place;
    std::shared_ptr<Device> device;
    Fd request;  // signalled when the kernel wants the function back
    Fd error;    // signalled when the function reported an error that it cannot recover from
  };

  void open_functions();
  void find_bridges();
  void listen(Opened& opened);
  [[nodiscard]] Fd listen_to(const Device& device, unsigned index) const;
  void watch(int fd) const;

  Sysfs sysfs_;
  Spec spec_;
  std::shared_ptr<Iommu> iommu_;
  Fd notices_;  // epoll
  std::map<Address, Opened> opened_;
  std::map<Address, SysfsFunction> bridges_;
  FaultLog faults_;
  std::unique_ptr<Dma> dma_;

  std::mutex mutex_;
  std::map<Address, std::weak_ptr<Function>> functions_;
};

}  // namespace pupci::vfio

namespace pupci {

/// `rest` is what stands after "vfio:".
std::shared_ptr<Bus> open_vfio(std::string_view rest, const BusOptions& options);

}  // namespace pupci
