// SPDX-License-Identifier: BSD-2-Clause
// Viewers that send garbage, say nothing, or go away in the middle.
#include <gtest/gtest.h>

#include <random>

#include "memory_display.h"
#include "rfb_client.h"
#include "wscons/output/output.h"

namespace pupci::wscons {
namespace {

using test::RfbClient;

class BadViewers : public ::testing::Test {
 protected:
  void SetUp() override {
    OpenedOutput opened = open_output("vnc:127.0.0.1:0");
    ASSERT_NE(opened.output, nullptr) << opened.error;
    server = std::move(opened.output);
    port = test::port_of(server->name());
    server->show(display);
  }
  // Others are served as ever.
  void expect_service() {
    display->scramble(++seed_);
    RfbClient client(port);
    ASSERT_TRUE(client.handshake());
    EXPECT_TRUE(client.watch(display->pixels()));
  }

  std::shared_ptr<test::MemoryDisplay> display = std::make_shared<test::MemoryDisplay>(203, 77);
  std::unique_ptr<Output> server;
  std::uint16_t port = 0;

 private:
  std::uint32_t seed_ = 0;
};

std::string words(std::initializer_list<int> bytes) {
  std::string text;
  for (const int byte : bytes) text += static_cast<char>(byte);
  return text;
}

TEST_F(BadViewers, MaySpeakNoRfb) {
  const std::string openings[] = {
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: \r\n\r\n",
      "GET /" + std::string(100000, 'x') + "\r\n\r\n",
      "SSH-2.0-client\r\n",
      words({0x16, 3, 1, 0, 0xa0, 1, 0, 0, 0x9c, 3, 3, 0, 0, 0, 0}),  // TLS
      words({0x80, 0x2e, 1, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0}),           // and its ancestor
      "RFB 004.000\n",
      "RFB 999.999\n",
      std::string(64, '\0'),
      std::string(64, '\xff'),
  };
  for (const std::string& opening : openings) {
    RfbClient client(port);
    try {
      client.send(opening);
      client.send(opening);
    } catch (const std::exception&) {
      continue;  // hung up already
    }
    client.vanish();
  }
  expect_service();
}

TEST_F(BadViewers, AreHungUpOnWhenTheyMakeNoSense) {
  RfbClient client(port);
  client.send("certainly no version\n");
  EXPECT_TRUE(client.hung_up());
  RfbClient other(port);
  ASSERT_TRUE(other.handshake());
  other.send(words({0x77, 0, 0, 0}));
  EXPECT_TRUE(other.hung_up());
  expect_service();
}

TEST_F(BadViewers, HoldUpNobodyBySilence) {
  RfbClient mute(port);
  RfbClient half(port);
  half.send("RFB 00");
  RfbClient within(port);
  ASSERT_TRUE(within.handshake());
  within.send(words({6, 0, 0, 0, 0, 0, 4, 0, 'x'}));  // clipboard of 1024 bytes, one of them
  expect_service();
}

TEST_F(BadViewers, HoldUpNobodyByNotReading) {
  RfbClient lazy(port);
  ASSERT_TRUE(lazy.handshake());
  for (unsigned i = 0; i < 2000; ++i) lazy.request(false);
  expect_service();
}

TEST_F(BadViewers, MayVanishAnywhere) {
  const std::string whole = "RFB 003.008\n" + words({1, 1, 3, 0, 0, 0, 0, 0, 0, 203, 0, 77});
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    RfbClient client(port);
    client.send(whole.substr(0, length));
  }
  expect_service();
}

TEST_F(BadViewers, MaySendImpossibleMessages) {
  const std::string zeros(16, '\0');
  const std::string messages[] = {
      words({0, 0, 0, 0, 7, 3, 0, 1, 0, 9, 0, 9, 0, 9, 77, 88, 99, 0, 0, 0}),  // format
      words({0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0}),
      words({0, 0, 0, 0, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}),  // colour map
      words({2, 0, 255, 255}) + std::string(4UL * 65535, '\x41'),           // encodings
      words({3, 0, 255, 255, 255, 255, 255, 255, 255, 255}),                // request
      words({3, 1, 0, 0, 0, 0, 0, 0, 0, 0}),                                // of nothing
      words({4, 9, 0, 0, 255, 255, 255, 255}),                              // key
      words({5, 255, 255, 255, 255, 255}),                                  // pointer
      words({6, 0, 0, 0, 255, 255, 255, 255}) + zeros,                      // clipboard
      words({6, 0, 0, 0, 128, 0, 0, 0}) + zeros,
      words({7, 255}) + zeros,  // file transfer
      words({7, 1, 1, 0, 0, 0, 0, 0, 255, 255, 255, 255}) + zeros,
      words({8, 0, 0, 0}) + zeros,  // scale to 0
      words({8, 255, 0, 0}) + zeros,
      words({10, 0, 0, 0, 0, 0}) + zeros,                // server input
      words({11, 0, 0, 0, 255, 255, 255, 255}) + zeros,  // text chat
      words({15, 255}) + zeros,
      words({248, 0, 0, 0, 0, 0, 0, 0, 255}) + std::string(255, 'f'),                 // fence
      words({250, 0, 1, 2}) + zeros,                                                  // power
      words({251, 0, 255, 255, 255, 255, 255, 0}) + std::string(255UL * 16, '\xff'),  // size
  };
  for (const std::string& message : messages) {
    RfbClient client(port);
    ASSERT_TRUE(client.handshake());
    try {
      client.send(message);
      client.request(false);
      client.send(message);
      client.request(true);
    } catch (const std::exception&) {
      continue;
    }
  }
  expect_service();
}

TEST_F(BadViewers, MaySendNoise) {
  std::mt19937 random(20261122);
  for (unsigned round = 0; round < 80; ++round) {
    RfbClient client(port);
    try {
      if (round % 2 == 0) client.handshake();
      std::string noise;
      for (unsigned i = 0; i < 200; ++i)
        noise += static_cast<char>(random() % (round % 4 == 0 ? 12 : 256));
      client.send(noise);
      client.request(false);
    } catch (const std::exception&) {
      continue;
    }
  }
  expect_service();
}

TEST_F(BadViewers, AreMoreThanThereIsRoomFor) {
  std::vector<std::unique_ptr<RfbClient>> crowd;
  unsigned turned_away = 0;
  for (unsigned i = 0; i < 40; ++i) {
    crowd.push_back(std::make_unique<RfbClient>(port));
    try {
      crowd.back()->read(12);
    } catch (const std::exception&) {
      ++turned_away;
    }
  }
  EXPECT_EQ(turned_away, 8U);
  const bool first_is_served = crowd.front()->silent(0);
  EXPECT_TRUE(first_is_served);
  server.reset();  // with all of them there
  EXPECT_TRUE(crowd.front()->hung_up());
}

TEST_F(BadViewers, DoNotKeepTheServerFromEnding) {
  RfbClient mute(port);
  RfbClient lazy(port);
  ASSERT_TRUE(lazy.handshake());
  for (unsigned i = 0; i < 2000; ++i) lazy.request(false);
  server.reset();
  EXPECT_TRUE(mute.hung_up());
}

}  // namespace
}  // namespace pupci::wscons
