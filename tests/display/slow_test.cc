// SPDX-License-Identifier: BSD-2-Clause
// Viewers that are slow, or suspended for a while: they are served when they go on.
#include <gtest/gtest.h>

#include "vnc_server.h"

namespace pupci::test {
namespace {

// Longer than the library waits for anybody whom it was not told to wait for.
constexpr int pause_ms = 11000;

class SlowViewers : public VncServerTest {
 protected:
  // More than the system keeps for a connection.
  SlowViewers() : VncServerTest(3000, 2000) {}
};

TEST_F(SlowViewers, MayStopInTheMidstOfAPictureOrAMessage) {
  start();
  display->scramble(3);
  RfbClient reader(port);
  ASSERT_TRUE(reader.handshake());
  reader.request(false);
  RfbClient writer(port);
  ASSERT_TRUE(writer.handshake());
  const std::string key("\4\1\0\0\0\0\0a", 8);
  writer.send(key.substr(0, 3));
  ASSERT_TRUE(writer.silent(pause_ms)) << "it was hung up on";
  writer.send(key.substr(3));
  EXPECT_TRUE(display->wait_for_keys(1));
  EXPECT_EQ(reader.receive(), 3000U * 2000U * 4U);
  EXPECT_EQ(reader.image().pixels, display->pixels());
}

}  // namespace
}  // namespace pupci::test
