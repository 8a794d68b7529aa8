// SPDX-License-Identifier: BSD-2-Clause
// The netbsd host: functions of a NetBSD system, through pci(4) for what it lets processes see, and
// through pupci(4) for what was handed to them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/netbsd/bus_node.h"
#include "host/netbsd/spec.h"
#include "host/netbsd/system.h"
#include "pupci/bus.h"

namespace pupci::netbsd {

class Node;

class NetbsdBus final : public Bus {
 public:
  NetbsdBus(Spec spec, const BusOptions& options, std::shared_ptr<System> system);
  /// No function masters the bus any more before memory is unmapped.
  ~NetbsdBus() override;

  [[nodiscard]] std::string name() const override { return spec_.name; }
  [[nodiscard]] std::vector<Address> functions() override;
  std::shared_ptr<Function> function(const Address& address) override;
  Dma& dma() noexcept override { return *dma_; }
  [[nodiscard]] int failure_fd() const noexcept override { return system_->failure_fd(); }
  [[nodiscard]] std::string failure() const override;
  [[nodiscard]] int notice_fd() const noexcept override { return notice_fd_; }
  std::optional<Notice> take_notice() override;

 private:
  // A function that is not ours by a node of its own.
  struct Seen {
    std::shared_ptr<BusNode> bus;
    std::string holder;
  };

  void open_node(const std::string& path);
  void look_at(const std::string& path);
  void watch();
  [[nodiscard]] std::string why_no_dma() const;
  std::unique_ptr<Dma> make_dma(std::size_t size) const;

  Spec spec_;
  std::shared_ptr<System> system_;
  std::map<Address, std::shared_ptr<Node>> nodes_;
  std::map<Address, Seen> seen_;
  std::unique_ptr<Dma> dma_;
  int kq_ = -1;
  int notice_fd_ = -1;
  bool noticed_ = false;

  std::mutex mutex_;
  std::map<Address, std::weak_ptr<Function>> functions_;
};

}  // namespace pupci::netbsd

namespace pupci {

/// `rest` is what stands after "netbsd:".
std::shared_ptr<Bus> open_netbsd(std::string_view rest, const BusOptions& options);

}  // namespace pupci
