// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/cprng.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <thread>
#include <vector>

#include "expect_violation.h"
#include "kern/entropy.h"
#include "kern/track.h"
#include "netbsd/sys/rndsource.h"

namespace pupci::kern {
namespace {

TEST(Chacha20, BlockOfTheStandard) {  // RFC 8439, 2.3.2
  std::array<std::uint32_t, 8> key{0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
                                   0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c};
  std::array<std::uint32_t, 3> nonce{0x09000000, 0x4a000000, 0x00000000};
  std::array<std::uint32_t, 16> out{};
  chacha20_block(key.data(), 1, nonce.data(), out.data());
  EXPECT_EQ(out[0], 0xe4e7f110U);
  EXPECT_EQ(out[1], 0x15593bd1U);
  EXPECT_EQ(out[15], 0x4e3c50a2U);
}

TEST(Cprng, DoesNotRepeat) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 10000; ++i) EXPECT_TRUE(seen.insert(cprng_strong64()).second);
  for (int i = 0; i < 10000; ++i) EXPECT_TRUE(seen.insert(cprng_fast64()).second);
}

TEST(Cprng, ThreadsDiffer) {
  std::vector<std::uint64_t> values(8);
  std::vector<std::thread> threads;
  for (auto& value : values) threads.emplace_back([&value] { value = cprng_fast64(); });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::set<std::uint64_t>(values.begin(), values.end()).size(), values.size());
}

TEST(Cprng, FillsWholeBuffersEvenly) {
  std::vector<unsigned char> bytes(100001);
  cprng_strong_t* generator = cprng_strong_create("test", 0, CPRNG_INIT_ANY);
  EXPECT_EQ(cprng_strong(generator, bytes.data(), bytes.size(), 0), bytes.size());
  cprng_strong_destroy(generator);
  std::array<int, 256> histogram{};
  for (const unsigned char byte : bytes) ++histogram[byte];
  for (const int count : histogram) {  // 390 expected, with a deviation of 20
    EXPECT_GT(count, 200);
    EXPECT_LT(count, 600);
  }
  std::vector<unsigned char> much(CPRNG_MAX_LEN + 1);
  EXPECT_EQ(cprng_strong(kern_cprng, much.data(), much.size(), 0),
            static_cast<size_t>(CPRNG_MAX_LEN));
}

TEST(Rnd, SourcesComeAndGo) {
  krndsource source{};
  rnd_attach_source(&source, "edu0", RND_TYPE_RNG, RND_FLAG_DEFAULT);
  EXPECT_EQ(tracked_for(nullptr).size(), 1U);
  rnd_add_uint32(&source, 42);
  const char data[50] = "some data";
  rnd_add_data(&source, data, sizeof(data), 0);
  rnd_add_data(nullptr, data, sizeof(data), 0);
  rnd_detach_source(&source);
  EXPECT_TRUE(tracked_for(nullptr).empty());
  rnd_add_uint32(&source, 42);  // ignored
}

size_t& asked() {
  static size_t bytes = 0;
  return bytes;
}

TEST(Rnd, AsksItsSourceForBytes) {
  krndsource source{};
  rndsource_setcb(
      &source,
      [](size_t bytes, void* cookie) {
        asked() = bytes;
        const std::vector<char> some(bytes, 'x');
        rnd_add_data_sync(static_cast<krndsource*>(cookie), some.data(),
                          static_cast<uint32_t>(bytes), 8);
      },
      &source);
  rnd_attach_source(&source, "edu0", RND_TYPE_RNG, RND_FLAG_DEFAULT | RND_FLAG_HASCB);
  EXPECT_GE(asked(), 32U);
  rnd_detach_source(&source);
}

TEST(RndViolation, Twice) {
  EXPECT_VIOLATION(
      {
        krndsource source{};
        rnd_attach_source(&source, "edu0", RND_TYPE_NET, RND_FLAG_DEFAULT);
        rnd_attach_source(&source, "edu0", RND_TYPE_NET, RND_FLAG_DEFAULT);
      },
      "rnd_attach_source: edu0 is attached already");
  EXPECT_VIOLATION(
      {
        krndsource source{};
        rnd_detach_source(&source);
      },
      "rnd_detach_source: 0x[0-9a-f]+ is not attached");
}

}  // namespace
}  // namespace pupci::kern
