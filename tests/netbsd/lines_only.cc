// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/lines_only.h"

#include <utility>

#include "host/forwarding.h"

namespace pupci::netbsd::test {
namespace {

class LineOnly final : public pupci::test::ForwardingFunction {
 public:
  using ForwardingFunction::ForwardingFunction;
  [[nodiscard]] unsigned interrupt_count(InterruptType type) override {
    return type == InterruptType::intx ? inner().interrupt_count(type) : 0;
  }
};

class LinesOnly final : public pupci::test::ForwardingBus {
 public:
  using ForwardingBus::ForwardingBus;

 private:
  std::shared_ptr<Function> wrap(std::shared_ptr<Function> function) override {
    return std::make_shared<LineOnly>(std::move(function));
  }
};

}  // namespace

std::shared_ptr<Bus> lines_only(std::shared_ptr<Bus> bus) {
  return std::make_shared<LinesOnly>(std::move(bus));
}

}  // namespace pupci::netbsd::test
