// SPDX-License-Identifier: BSD-2-Clause
// A VNC server over a display in memory, for viewers to look at.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "cli/command.h"
#include "memory_display.h"
#include "rfb_client.h"
#include "wscons/output/output.h"

namespace pupci::test {

class VncServerTest : public ::testing::Test {
 protected:
  VncServerTest(unsigned width, unsigned height)
      : display(std::make_shared<MemoryDisplay>(width, height)) {}

  // At a port of the system's choice; options as in "vnc:127.0.0.1:0,password=FILE".
  void start(const std::string& options = {}) {
    wscons::OpenedOutput opened = wscons::open_output("vnc:127.0.0.1:0" + options);
    ASSERT_NE(opened.output, nullptr) << opened.error;
    server = std::move(opened.output);
    port = port_of(server->name());
    server->show(display);
  }

  Folder folder;
  std::shared_ptr<MemoryDisplay> display;
  std::unique_ptr<wscons::Output> server;
  std::uint16_t port = 0;
};

}  // namespace pupci::test
