// SPDX-License-Identifier: BSD-2-Clause
// The kernel's small C library, as far as it is no inline function and not libc itself.
#include "netbsd/lib/libkern/libkern.h"

#include <sys/random.h>
#include <time.h>

#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cinttypes>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace {

// strtoi(3): a value within limits, and what was wrong.
template <typename Integer>
Integer to_integer(const char* text, char** end, int base, Integer low, Integer high, int* status,
                   Integer (*convert)(const char*, char**, int)) {
  char* own_end = nullptr;
  const int saved = errno;
  errno = 0;
  Integer value = convert(text, &own_end, base);
  int problem = errno == EINVAL ? EINVAL : 0;
  const bool overflowed = errno == ERANGE;
  errno = saved;
  if (end != nullptr) *end = own_end;
  if (problem == 0 && own_end == text) {
    problem = ECANCELED;
  } else if (problem == 0 && (value < low || value > high || overflowed)) {
    problem = ERANGE;
  } else if (problem == 0 && *own_end != '\0') {
    problem = ENOTSUP;
  }
  if (status != nullptr) *status = problem;
  if (problem != EINVAL) value = value < low ? low : value > high ? high : value;
  return value;
}

constexpr std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320U : 0);
    table[i] = crc;
  }
  return table;
}
constexpr auto crc_table = make_crc_table();

struct Heap {
  std::byte* base;
  std::size_t size;
  int (*compare)(const void*, const void*);
  std::byte* scratch;

  [[nodiscard]] std::byte* at(std::size_t index) const { return base + index * size; }
  void swap(std::size_t a, std::size_t b) const {
    std::memcpy(scratch, at(a), size);
    std::memcpy(at(a), at(b), size);
    std::memcpy(at(b), scratch, size);
  }
  void sift(std::size_t root, std::size_t count) const {
    for (std::size_t child = 0; (child = 2 * root + 1) < count; root = child) {
      if (child + 1 < count && compare(at(child), at(child + 1)) < 0) ++child;
      if (compare(at(root), at(child)) >= 0) return;
      swap(root, child);
    }
  }
};

// splitmix64 over a counter: no lock, a different number for each caller.
std::atomic<std::uint64_t>& random_state() {
  static std::atomic<std::uint64_t> state{[] {
    std::uint64_t seed = 0;
    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed)) {
      seed = static_cast<std::uint64_t>(time(nullptr));
    }
    return seed;
  }()};
  return state;
}

}  // namespace

size_t kern_strlcpy(char* to, const char* from, size_t size) {
  const size_t length = std::strlen(from);
  if (size != 0) {
    const size_t copied = length < size ? length : size - 1;
    std::memcpy(to, from, copied);
    to[copied] = '\0';
  }
  return length;
}

size_t kern_strlcat(char* to, const char* from, size_t size) {
  const size_t length = strnlen(to, size);
  return length == size ? size + std::strlen(from)
                        : length + kern_strlcpy(to + length, from, size - length);
}

char* kern_strsep(char** string, const char* separators) {
  return strsep(string, separators);
}
char* kern_strpbrk(const char* string, const char* wanted) {
  return const_cast<char*>(std::strpbrk(string, wanted));
}
size_t kern_strspn(const char* string, const char* accepted) {
  return std::strspn(string, accepted);
}
size_t kern_strcspn(const char* string, const char* rejected) {
  return std::strcspn(string, rejected);
}
void* kern_memmem(const void* haystack, size_t size, const void* needle, size_t needle_size) {
  return memmem(haystack, size, needle, needle_size);
}

// Not to be optimised away.
void* kern_explicit_memset(void* to, int value, size_t size) {
  std::memset(to, value, size);
  __asm volatile("" : : "r"(to) : "memory");
  return to;
}

int kern_consttime_memequal(const void* a, const void* b, size_t size) {
  const auto* x = static_cast<const unsigned char*>(a);
  const auto* y = static_cast<const unsigned char*>(b);
  unsigned difference = 0;
  for (size_t i = 0; i < size; ++i) difference |= static_cast<unsigned>(x[i] ^ y[i]);
  return static_cast<int>(1 & ((difference - 1) >> 8));
}

unsigned long kern_strtoul(const char* text, char** end, int base) {
  return std::strtoul(text, end, base);
}
long kern_strtol(const char* text, char** end, int base) {
  return std::strtol(text, end, base);
}
long long kern_strtoll(const char* text, char** end, int base) {
  return std::strtoll(text, end, base);
}
unsigned long long kern_strtoull(const char* text, char** end, int base) {
  return std::strtoull(text, end, base);
}
intmax_t kern_strtoimax(const char* text, char** end, int base) {
  return std::strtoimax(text, end, base);
}
uintmax_t kern_strtoumax(const char* text, char** end, int base) {
  return std::strtoumax(text, end, base);
}
intmax_t kern_strtoi(const char* __restrict text, char** __restrict end, int base, intmax_t low,
                     intmax_t high, int* status) {
  return to_integer<intmax_t>(text, end, base, low, high, status, std::strtoimax);
}
uintmax_t kern_strtou(const char* __restrict text, char** __restrict end, int base, uintmax_t low,
                      uintmax_t high, int* status) {
  return to_integer<uintmax_t>(text, end, base, low, high, status, std::strtoumax);
}

unsigned int kern_popcount(unsigned int word) {
  return static_cast<unsigned int>(std::popcount(word));
}
unsigned int kern_popcountl(unsigned long word) {
  return static_cast<unsigned int>(std::popcount(word));
}
unsigned int kern_popcountll(unsigned long long word) {
  return static_cast<unsigned int>(std::popcount(word));
}
unsigned int kern_popcount32(uint32_t word) {
  return static_cast<unsigned int>(std::popcount(word));
}
unsigned int kern_popcount64(uint64_t word) {
  return static_cast<unsigned int>(std::popcount(word));
}

uint32_t kern_crc32(uint32_t crc, const uint8_t* data, size_t size) {
  crc = ~crc;
  for (size_t i = 0; i < size; ++i) crc = crc_table[(crc ^ data[i]) & 0xff] ^ (crc >> 8);
  return ~crc;
}

int kheapsort(void* base, size_t count, size_t size, int (*compare)(const void*, const void*),
              void* scratch) {
  if (size == 0) return -1;
  const Heap heap{static_cast<std::byte*>(base), size, compare, static_cast<std::byte*>(scratch)};
  for (std::size_t root = count / 2; root-- > 0;) heap.sift(root, count);
  for (std::size_t last = count; last > 1; --last) {
    heap.swap(0, last - 1);
    heap.sift(0, last - 1);
  }
  return 0;
}

long kern_random(void) {
  std::uint64_t z = random_state().fetch_add(0x9e3779b97f4a7c15U, std::memory_order_relaxed);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return static_cast<long>((z ^ (z >> 31)) & 0x7fffffff);
}
void kern_srandom(unsigned long seed) {
  random_state().store(seed, std::memory_order_relaxed);
}
