// SPDX-License-Identifier: BSD-2-Clause
// cprng(9) and rnd(9).
#include "netbsd/sys/cprng.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>

#include "kern/check.h"
#include "kern/entropy.h"
#include "kern/track.h"
#include "netbsd/sys/rndsource.h"

// All generators draw from the same thread's stream; what differs is the name.
struct cprng_strong_generator {
  std::string name;
};

namespace {

using pupci::kern::Kind;
using pupci::kern::random_bytes;
using pupci::kern::violation;

cprng_strong_t the_kern_cprng{"kernel"};
cprng_strong_t the_user_cprng{"user"};

template <typename Number>
Number random_number() {
  Number value{};
  random_bytes(&value, sizeof(value));
  return value;
}

// What a krndsource holds.
struct Source {
  std::array<char, 32> name;
  std::uint32_t type;
  std::uint32_t flags;
  void (*more)(std::size_t, void*);
  void* argument;
  std::uint64_t added;  // bytes
  std::uint64_t magic;
};
static_assert(sizeof(Source) <= sizeof(krndsource));
constexpr std::uint64_t attached = 0x726e642e6c697665;
constexpr std::size_t wanted_at_once = 32;  // bytes: a whole key

Source& source_of(krndsource* source) {
  return *reinterpret_cast<Source*>(source);
}

// The value is worth what it is; when it came is worth something too.
void add(krndsource* source, const void* data, std::uint32_t size) noexcept {
  std::uint32_t flags = RND_FLAG_DEFAULT;
  if (source != nullptr) {
    Source& s = source_of(source);
    flags = s.flags;
    if (s.magic != attached || (flags & RND_FLAG_NO_COLLECT) != 0) return;
    __atomic_fetch_add(&s.added, size, __ATOMIC_RELAXED);
  }
  if ((flags & RND_FLAG_COLLECT_TIME) != 0) {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    pupci::kern::entropy_add(&now, sizeof(now));
  }
  if ((flags & RND_FLAG_COLLECT_VALUE) != 0) pupci::kern::entropy_add(data, size);
}

}  // namespace

cprng_strong_t* kern_cprng = &the_kern_cprng;
cprng_strong_t* user_cprng = &the_user_cprng;

cprng_strong_t* cprng_strong_create(const char* name, int, int) {
  auto* generator = new cprng_strong_t{name};
  pupci::kern::track(Kind::other, generator, 0, __builtin_return_address(0));
  return generator;
}

void cprng_strong_destroy(cprng_strong_t* generator) {
  if (!pupci::kern::untrack(Kind::other, generator)) {
    violation(fmt::format("cprng_strong_destroy: {} is no generator, or was destroyed",
                          fmt::ptr(generator)),
              __builtin_return_address(0));
  }
  delete generator;
}

size_t cprng_strong(cprng_strong_t*, void* to, size_t size, int) {
  size = std::min<size_t>(size, CPRNG_MAX_LEN);
  random_bytes(to, size);
  return size;
}

uint32_t cprng_strong32(void) {
  return random_number<uint32_t>();
}
uint64_t cprng_strong64(void) {
  return random_number<uint64_t>();
}
size_t cprng_fast(void* to, size_t size) {
  random_bytes(to, size);
  return size;
}
uint32_t cprng_fast32(void) {
  return random_number<uint32_t>();
}
uint64_t cprng_fast64(void) {
  return random_number<uint64_t>();
}
uint32_t kern_arc4random(void) {
  return random_number<uint32_t>();
}
void kern_arc4randbytes(void* to, size_t size) {
  random_bytes(to, size);
}

void rndsource_setcb(struct krndsource* source, void (*more)(size_t, void*), void* argument) {
  Source& s = source_of(source);
  s.more = more;
  s.argument = argument;
}

void rnd_attach_source(struct krndsource* source, const char* name, uint32_t type, uint32_t flags) {
  const void* caller = __builtin_return_address(0);
  Source& s = source_of(source);
  if (s.magic == attached && pupci::kern::untrack(Kind::other, source)) {
    violation(fmt::format("rnd_attach_source: {} is attached already", name), caller);
  }
  const std::size_t length = std::min(std::strlen(name), s.name.size() - 1);
  s.name.fill('\0');
  std::copy_n(name, length, s.name.begin());
  s.type = type;
  s.flags = flags;
  s.added = 0;
  s.magic = attached;
  pupci::kern::track(Kind::other, source, 0, caller);
  if ((flags & RND_FLAG_HASCB) != 0 && s.more != nullptr) s.more(wanted_at_once, s.argument);
}

void rnd_detach_source(struct krndsource* source) {
  if (!pupci::kern::untrack(Kind::other, source)) {
    violation(fmt::format("rnd_detach_source: {} is not attached", fmt::ptr(source)),
              __builtin_return_address(0));
  }
  source_of(source).magic = 0;
}

void rnd_add_uint32(struct krndsource* source, uint32_t value) {
  add(source, &value, sizeof(value));
}
void rnd_add_data(struct krndsource* source, const void* data, uint32_t size, uint32_t) {
  add(source, data, size);
}
void rnd_add_data_intr(struct krndsource* source, const void* data, uint32_t size, uint32_t) {
  add(source, data, size);
}
void rnd_add_data_sync(struct krndsource* source, const void* data, uint32_t size, uint32_t) {
  add(source, data, size);
}
