// SPDX-License-Identifier: BSD-2-Clause
// What each system has its own way for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <thread>

#include "os/poller.h"
#include "os/process.h"

namespace pupci::os {
namespace {

Fd event(unsigned count) {
  return Fd(::eventfd(count, EFD_CLOEXEC | EFD_NONBLOCK));
}

TEST(Poller, NamesWhatIsReadableUntilItIsRead) {
  Poller poller;
  ASSERT_TRUE(poller.good());
  const Fd ready = event(1);
  const Fd idle = event(0);
  ASSERT_EQ(poller.add(idle.get()), 0);
  ASSERT_EQ(poller.add(ready.get()), 0);
  std::array<int, 4> found{};
  for (int time = 0; time < 2; ++time) {
    ASSERT_EQ(poller.wait(found), 1);
    EXPECT_EQ(found[0], ready.get());
  }
  eventfd_t count = 0;
  ASSERT_EQ(::eventfd_read(ready.get(), &count), 0);
  ASSERT_EQ(::eventfd_write(idle.get(), 1), 0);
  ASSERT_EQ(poller.wait(found), 1);
  EXPECT_EQ(found[0], idle.get());
}

TEST(Poller, NamesNoMoreThanFit) {
  Poller poller;
  std::array<Fd, 3> events{event(1), event(1), event(1)};
  for (const Fd& each : events) ASSERT_EQ(poller.add(each.get()), 0);
  std::array<int, 2> few{};
  EXPECT_EQ(poller.wait(few), 2);
  std::array<int, 64> many{};
  EXPECT_EQ(poller.wait(many), 3);
}

TEST(Poller, ForgetsWhatIsRemoved) {
  Poller poller;
  const Fd removed = event(1);
  const Fd kept = event(1);
  ASSERT_EQ(poller.add(removed.get()), 0);
  ASSERT_EQ(poller.add(kept.get()), 0);
  poller.remove(removed.get());
  std::array<int, 4> found{};
  ASSERT_EQ(poller.wait(found), 1);
  EXPECT_EQ(found[0], kept.get());
  EXPECT_EQ(poller.add(removed.get()), 0);
  EXPECT_EQ(poller.wait(found), 2);
}

TEST(Poller, SaysWhatCannotBeWaitedFor) {
  Poller poller;
  EXPECT_EQ(poller.add(-1), EBADF);
}

TEST(Poller, WakesAThreadThatWaits) {
  Poller poller;
  const Fd fd = event(0);
  ASSERT_EQ(poller.add(fd.get()), 0);
  std::array<int, 1> found{};
  int count = 0;
  std::thread waiter([&] { count = poller.wait(found); });
  ASSERT_EQ(::eventfd_write(fd.get(), 1), 0);
  waiter.join();
  EXPECT_EQ(count, 1);
  EXPECT_EQ(found[0], fd.get());
}

TEST(MemoryFile, IsMemoryThatMappingsShare) {
  const Fd file = memory_file("pupci-test");
  const Fd other = memory_file("pupci-test");
  ASSERT_TRUE(file);
  ASSERT_TRUE(other);
  constexpr std::size_t size = 8192;
  for (const Fd* each : {&file, &other}) ASSERT_EQ(::ftruncate(each->get(), size), 0);
  const auto map = [](const Fd& fd) {
    return static_cast<char*>(
        ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0));
  };
  const std::array<char*, 3> views{map(file), map(file), map(other)};
  for (char* view : views) ASSERT_NE(view, MAP_FAILED);
  views[0][5000] = 'x';
  EXPECT_EQ(views[1][5000], 'x');
  EXPECT_EQ(views[2][5000], '\0');
  for (char* view : views) ::munmap(view, size);
}

TEST(Executable, IsThisProgram) {
  const std::filesystem::path path = executable();
  EXPECT_TRUE(path.is_absolute());
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
  EXPECT_THAT(path.filename().string(), testing::EndsWith("tests"));
}

}  // namespace
}  // namespace pupci::os
