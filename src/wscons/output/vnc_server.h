// SPDX-License-Identifier: BSD-2-Clause
// The VNC server: RFB for viewers and, on the same port, WebSockets for browsers.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "wscons/output/listener.h"
#include "wscons/output/output.h"
#include "wscons/output/picture.h"
#include "wscons/output/spec.h"

namespace pupci::wscons {

class VncClient;

class VncServer final : public Output {
 public:
  // `what` is how the user wrote it. Listens at once, answers once there is a display. Throws
  // pupci::Error.
  VncServer(const std::string& what, const OutputSpec& spec);
  ~VncServer() override;

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::string wanted() const override { return spec_.display; }
  [[nodiscard]] std::string warning() const override;
  void show(std::shared_ptr<Display> display) override;
  void save() override {}

 private:
  void serve();
  void accept(int socket);
  void reap();
  void notify() const noexcept;

  OutputSpec spec_;
  std::string password_;
  Listener listener_;
  Fd wake_;
  std::atomic<bool> stop_{false};
  bool claimed_ = false;
  std::unique_ptr<Picture> picture_;
  std::list<std::unique_ptr<VncClient>> clients_;  // of the thread
  std::thread thread_;
};

}  // namespace pupci::wscons
