// SPDX-License-Identifier: BSD-2-Clause
// The pipes to QEMU: nothing that happens at their far ends may be a signal or a wait without end.
#include "host/qemu/channel.h"

#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <thread>

#include "host/qemu/sys.h"

namespace pupci::qemu {
namespace {

struct Ends {
  Ends() {
    auto [out, in] = pipe_pair();
    auto [near, far] = pipe_pair();
    commands = out.get();
    answers = std::move(far);
    channel.emplace(std::move(in), std::move(out), std::move(near));
  }
  int commands = -1;  // open for as long as the channel is
  Fd answers;
  std::optional<Channel> channel;
};

TEST(QemuChannel, CommandsToNobodyFillThePipeAndNoMore) {
  Ends ends;
  ends.answers.reset();  // QEMU has ended, and nobody reads
  const std::string commands(4096, '\n');
  ssize_t sent = 0;
  for (int i = 0; i < 1000 && sent >= 0; i++) sent = ends.channel->send(commands);
  EXPECT_EQ(sent, -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_TRUE(ends.channel->wait(true));
  std::array<char, 16> answer{};
  EXPECT_EQ(ends.channel->receive(answer), 0);
}

TEST(QemuChannel, WaitsForRoom) {
  Ends ends;
  const std::string commands(4096, '\n');
  while (ends.channel->send(commands) > 0) {
  }
  std::thread reader([&] {
    std::array<char, 65536> read{};
    EXPECT_GT(::read(ends.commands, read.data(), read.size()), 0);
  });
  EXPECT_TRUE(ends.channel->wait(true));
  EXPECT_GT(ends.channel->send(commands), 0);
  reader.join();
}

TEST(QemuChannel, NoAnswerIsNoEnd) {
  Ends ends;
  std::array<char, 16> answer{};
  EXPECT_EQ(ends.channel->receive(answer), -1);
  EXPECT_EQ(errno, EAGAIN);
  ASSERT_EQ(::write(ends.answers.get(), "OK\n", 3), 3);
  EXPECT_TRUE(ends.channel->wait(false));
  EXPECT_EQ(ends.channel->receive(answer), 3);
}

TEST(QemuChannel, ClosedItEndsEveryWait) {
  Ends ends;
  std::thread waiter([&] { EXPECT_FALSE(ends.channel->wait(false)); });
  ends.channel->close();
  waiter.join();
  EXPECT_FALSE(ends.channel->wait(true));
}

}  // namespace
}  // namespace pupci::qemu
