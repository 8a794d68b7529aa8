// SPDX-License-Identifier: BSD-2-Clause
// Single loads and stores of device memory that is mapped here, at any offset. Devices are
// little-endian, and so are the machines that this is for.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pupci {

namespace direct {

// Also where it is not aligned: x86 does such an access in one, others in bytes.
template <typename T>
struct [[gnu::packed, gnu::may_alias]] Item {
  T value;
};
template <typename T>
std::uint64_t load(const volatile std::byte* at) noexcept {
  return reinterpret_cast<const volatile Item<T>*>(at)->value;
}
template <typename T>
void store(volatile std::byte* at, std::uint64_t value) noexcept {
  reinterpret_cast<volatile Item<T>*>(at)->value = static_cast<T>(value);
}

}  // namespace direct

constexpr bool good_width(unsigned width) noexcept {
  return width == 1 || width == 2 || width == 4 || width == 8;
}
/// What a read of `width` bytes answers where nothing does.
constexpr std::uint64_t all_ones(unsigned width) noexcept {
  return width >= 8 ? UINT64_MAX : (std::uint64_t{1} << (8 * width)) - 1;
}

/// `width` as good_width() has it.
inline std::uint64_t load_direct(const volatile std::byte* at, unsigned width) noexcept {
  switch (width) {
    case 1:
      return direct::load<std::uint8_t>(at);
    case 2:
      return direct::load<std::uint16_t>(at);
    case 4:
      return direct::load<std::uint32_t>(at);
    default:
      return direct::load<std::uint64_t>(at);
  }
}
inline void store_direct(volatile std::byte* at, unsigned width, std::uint64_t value) noexcept {
  switch (width) {
    case 1:
      return direct::store<std::uint8_t>(at, value);
    case 2:
      return direct::store<std::uint16_t>(at, value);
    case 4:
      return direct::store<std::uint32_t>(at, value);
    default:
      return direct::store<std::uint64_t>(at, value);
  }
}

}  // namespace pupci
