// SPDX-License-Identifier: BSD-2-Clause
#include "kern/entropy.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "kern/check.h"

namespace pupci::kern {
namespace {

using Key = std::array<std::uint32_t, 8>;
using Block = std::array<std::uint32_t, 16>;

void quarter_round(Block& s, int a, int b, int c, int d) noexcept {
  s[a] += s[b];
  s[d] = std::rotl(s[d] ^ s[a], 16);
  s[c] += s[d];
  s[b] = std::rotl(s[b] ^ s[c], 12);
  s[a] += s[b];
  s[d] = std::rotl(s[d] ^ s[a], 8);
  s[c] += s[d];
  s[b] = std::rotl(s[b] ^ s[c], 7);
}

// What drivers added. The key of a block cipher that absorbs: whoever adds cannot cancel what was
// added before.
struct Pool {
  std::mutex mutex;
  Key state{};
  std::uint32_t absorbed = 0;
  std::atomic<std::uint64_t> epoch{1};
};

Pool& pool() {
  static auto& the = *new Pool;
  return the;
}

void absorb(Pool& p, const std::uint32_t nonce[3]) noexcept {
  Block block;
  chacha20_block(p.state.data(), p.absorbed++, nonce, block.data());
  std::copy_n(block.begin(), p.state.size(), p.state.begin());
}

void from_system(void* to, std::size_t size) noexcept {
  auto* at = static_cast<unsigned char*>(to);
  while (size > 0) {
    const ssize_t got = getrandom(at, size, 0);
    if (got < 0 && errno != EINTR) panic("the operating system gives no random bytes (getrandom)");
    if (got <= 0) continue;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
}

// With fast key erasure: each block's first half is the next key, so that what was handed out
// cannot be computed from what is in memory.
class Generator {
 public:
  void fill(void* to, std::size_t size) noexcept {
    auto* at = static_cast<unsigned char*>(to);
    while (size > 0) {
      if (left_ == 0) refill();
      const std::size_t part = std::min(size, left_);
      std::memcpy(at, output_.data() + output_.size() - left_, part);
      std::memset(output_.data() + output_.size() - left_, 0, part);
      left_ -= part;
      at += part;
      size -= part;
    }
  }
  void rekey_if_stale() noexcept {
    const std::uint64_t epoch = pool().epoch.load(std::memory_order_acquire);
    if (epoch != epoch_ || blocks_ >= blocks_per_key) rekey(epoch);
  }

 private:
  static constexpr std::uint32_t blocks_per_key = 1U << 20;

  void refill() noexcept {
    rekey_if_stale();
    static constexpr std::array<std::uint32_t, 3> nonce{};
    Block block;
    chacha20_block(key_.data(), blocks_++, nonce.data(), block.data());
    std::copy_n(block.begin(), key_.size(), key_.begin());
    std::memcpy(output_.data(), block.data() + key_.size(), output_.size());
    left_ = output_.size();
  }
  void rekey(std::uint64_t epoch) noexcept {
    from_system(key_.data(), sizeof(key_));
    Pool& p = pool();
    const std::scoped_lock lock(p.mutex);
    for (std::size_t i = 0; i < key_.size(); ++i) key_[i] ^= p.state[i];
    static constexpr std::array<std::uint32_t, 3> nonce{1, 1, 1};
    absorb(p, nonce.data());  // no two generators see the same
    epoch_ = epoch;
    blocks_ = 0;
    left_ = 0;
  }

  Key key_{};
  std::uint32_t blocks_ = 0;
  std::uint64_t epoch_ = 0;
  std::array<unsigned char, 32> output_{};
  std::size_t left_ = 0;
};

}  // namespace

void chacha20_block(const std::uint32_t key[8], std::uint32_t counter, const std::uint32_t nonce[3],
                    std::uint32_t out[16]) noexcept {
  Block start{0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};  // "expand 32-byte k"
  std::copy_n(key, 8, start.begin() + 4);
  start[12] = counter;
  std::copy_n(nonce, 3, start.begin() + 13);
  Block s = start;
  for (int round = 0; round < 10; ++round) {
    quarter_round(s, 0, 4, 8, 12);
    quarter_round(s, 1, 5, 9, 13);
    quarter_round(s, 2, 6, 10, 14);
    quarter_round(s, 3, 7, 11, 15);
    quarter_round(s, 0, 5, 10, 15);
    quarter_round(s, 1, 6, 11, 12);
    quarter_round(s, 2, 7, 8, 13);
    quarter_round(s, 3, 4, 9, 14);
  }
  for (std::size_t i = 0; i < s.size(); ++i) out[i] = s[i] + start[i];
}

void entropy_add(const void* data, std::size_t size) noexcept {
  Pool& p = pool();
  const auto* at = static_cast<const unsigned char*>(data);
  const std::scoped_lock lock(p.mutex);
  while (size > 0) {
    std::array<std::uint32_t, 3> nonce{};
    const std::size_t part = std::min(size, sizeof(nonce));
    std::memcpy(nonce.data(), at, part);
    absorb(p, nonce.data());
    at += part;
    size -= part;
  }
  p.epoch.fetch_add(1, std::memory_order_release);
}

void random_bytes(void* to, std::size_t size) noexcept {
  thread_local Generator generator;
  generator.rekey_if_stale();
  generator.fill(to, size);
}

}  // namespace pupci::kern
