// SPDX-License-Identifier: BSD-2-Clause
// bus_space(9): the accesses that are not an inline load or store. Trapped ones, blocks of either
// kind, peek and poke, and in drivers built with DEBUG all of them, for the check of bounds.
#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "kern/bus_space_table.h"
#include "kern/check.h"
#include "kern/console.h"
#include "kern/pci_chipset.h"
#include "kern/symbolize.h"
#include "pupci/bus.h"

namespace pupci::kern {
namespace {

[[maybe_unused]] constexpr unsigned faults_told = 10;  // for each mapping

// What a handle and an offset lead to; where `mapping` is null the access must not be made.
struct Target {
  Mapping* mapping = nullptr;
  std::uint64_t offset = 0;
};

void report(const Located& at, bus_space_handle_t handle, bus_size_t offset, const char* what,
            unsigned width, const void* caller) noexcept try {
  const std::string text =
      at.mapping == nullptr
          ? fmt::format("{}_{}: handle {:#x} is not mapped", what, width, handle)
          : fmt::format("{}_{}: offset {:#x} is outside the mapping of {:#x} bytes", what, width,
                        at.offset + offset, at.mapping->size());
#ifdef PUPCI_DEBUG
  violation(text, caller);
#else
  if (at.mapping != nullptr && at.mapping->faults.fetch_add(1) >= faults_told) return;
  console_write(Message::error, fmt::format("{}, in {}\n", text, symbolize(caller)));
#endif
} catch (...) {
  return;  // no memory for the message; the access itself has its answer
}

Target find(bus_space_handle_t handle, bus_size_t offset, std::uint64_t length, const char* what,
            unsigned width, const void* caller) noexcept {
  const Located at = is_trapped(handle) ? locate_trapped(handle) : locate(handle);
  // Offsets of either sign: a sum that wraps round is a step down from the handle.
  const std::uint64_t target = at.offset + offset;
  if (__predict_true(at.mapping != nullptr && at.mapping->contains(target, length))) {
    return {at.mapping, target};
  }
  report(at, handle, offset, what, width, caller);
  return {};
}

template <typename T>
T direct_load(const Mapping& mapping, std::uint64_t offset) noexcept {
  return *reinterpret_cast<volatile T*>(reinterpret_cast<std::uintptr_t>(mapping.direct()) +
                                        offset);
}

template <typename T>
void direct_store(const Mapping& mapping, std::uint64_t offset, T value) noexcept {
  *reinterpret_cast<volatile T*>(reinterpret_cast<std::uintptr_t>(mapping.direct()) + offset) =
      value;
}

template <typename T>
T load(Mapping& mapping, std::uint64_t offset) noexcept {
  if (mapping.direct() != nullptr) return direct_load<T>(mapping, offset);
  return static_cast<T>(mapping.read(offset, sizeof(T)));
}

template <typename T>
void store(Mapping& mapping, std::uint64_t offset, T value) noexcept {
  if (mapping.direct() != nullptr) {
    direct_store<T>(mapping, offset, value);
  } else {
    mapping.write(offset, sizeof(T), value);
  }
}

template <typename T>
T read_one(bus_space_handle_t handle, bus_size_t offset, const void* caller) noexcept {
  const Target at = find(handle, offset, sizeof(T), "bus_space_read", sizeof(T), caller);
  return at.mapping == nullptr ? static_cast<T>(~T{0}) : load<T>(*at.mapping, at.offset);
}

template <typename T>
void write_one(bus_space_handle_t handle, bus_size_t offset, T value, const void* caller) noexcept {
  const Target at = find(handle, offset, sizeof(T), "bus_space_write", sizeof(T), caller);
  if (at.mapping != nullptr) store<T>(*at.mapping, at.offset, value);
}

// The bytes that `count` items span; all ones when that is no number.
std::uint64_t span_of(std::size_t count, unsigned width, unsigned step) noexcept {
  if (step == 0 || count == 0) return count == 0 ? 0 : width;
  std::uint64_t bytes = 0;
  return __builtin_mul_overflow(count, step, &bytes) ? UINT64_MAX : bytes;
}

template <typename T>
void read_items(Mapping& mapping, std::uint64_t offset, unsigned step, void* to,
                std::size_t count) noexcept {
  auto* item = static_cast<std::byte*>(to);
  for (std::size_t i = 0; i < count; i++, offset += step, item += sizeof(T)) {
    const T value = direct_load<T>(mapping, offset);
    std::memcpy(item, &value, sizeof(T));
  }
}

template <typename T>
void write_items(Mapping& mapping, std::uint64_t offset, unsigned step, const void* from,
                 std::size_t count) noexcept {
  const auto* item = static_cast<const std::byte*>(from);
  for (std::size_t i = 0; i < count; i++, offset += step, item += sizeof(T)) {
    T value;
    std::memcpy(&value, item, sizeof(T));
    direct_store<T>(mapping, offset, value);
  }
}

// Calls `use` with a value of the type that is `width` bytes wide.
template <typename Use>
void with_width(unsigned width, Use use) noexcept {
  switch (width) {
    case 1:
      return use(std::uint8_t{});
    case 2:
      return use(std::uint16_t{});
    case 4:
      return use(std::uint32_t{});
    default:
      return use(std::uint64_t{});
  }
}

void put_block(Mapping& mapping, std::uint64_t offset, unsigned width, unsigned step,
               const void* from, std::size_t count) noexcept {
  if (mapping.direct() == nullptr) {
    mapping.write_block(offset, width, step, from, count);
    return;
  }
  with_width(width,
             [&](auto item) { write_items<decltype(item)>(mapping, offset, step, from, count); });
}

void get_block(Mapping& mapping, std::uint64_t offset, unsigned width, unsigned step, void* to,
               std::size_t count) noexcept {
  if (mapping.direct() == nullptr) {
    mapping.read_block(offset, width, step, to, count);
    return;
  }
  with_width(width,
             [&](auto item) { read_items<decltype(item)>(mapping, offset, step, to, count); });
}

bool bus_lost() noexcept {
  Bus* bus = running_bus();
  return bus != nullptr && !bus->failure().empty();
}

template <typename T>
int peek(bus_space_handle_t handle, bus_size_t offset, T* value) noexcept {
  const Located at = locate(handle);
  if (at.mapping == nullptr || !at.mapping->contains(at.offset + offset, sizeof(T))) return EFAULT;
  const T read = load<T>(*at.mapping, at.offset + offset);
  if (read == static_cast<T>(~T{0}) && bus_lost()) return EFAULT;
  *value = read;
  return 0;
}

template <typename T>
int poke(bus_space_handle_t handle, bus_size_t offset, T value) noexcept {
  const Located at = locate(handle);
  if (at.mapping == nullptr || !at.mapping->contains(at.offset + offset, sizeof(T))) return EFAULT;
  store<T>(*at.mapping, at.offset + offset, value);
  return bus_lost() ? EFAULT : 0;
}

}  // namespace
}  // namespace pupci::kern

using namespace pupci::kern;

#define ACCESSORS(n, type)                                                                        \
  type __pupci_bus_space_read_##n(bus_space_tag_t, bus_space_handle_t h, bus_size_t o) {          \
    return read_one<type>(h, o, __builtin_return_address(0));                                     \
  }                                                                                               \
  void __pupci_bus_space_write_##n(bus_space_tag_t, bus_space_handle_t h, bus_size_t o, type v) { \
    write_one<type>(h, o, v, __builtin_return_address(0));                                        \
  }                                                                                               \
  int bus_space_peek_##n(bus_space_tag_t, bus_space_handle_t h, bus_size_t o, type* v) {          \
    return peek<type>(h, o, v);                                                                   \
  }                                                                                               \
  int bus_space_poke_##n(bus_space_tag_t, bus_space_handle_t h, bus_size_t o, type v) {           \
    return poke<type>(h, o, v);                                                                   \
  }

ACCESSORS(1, std::uint8_t)
ACCESSORS(2, std::uint16_t)
ACCESSORS(4, std::uint32_t)
ACCESSORS(8, std::uint64_t)
#undef ACCESSORS

void __pupci_bus_space_read_block(bus_space_handle_t handle, bus_size_t offset, void* to,
                                  std::size_t count, unsigned int width, unsigned int step) {
  const Target at = find(handle, offset, span_of(count, width, step), "bus_space_read block", width,
                         __builtin_return_address(0));
  if (at.mapping == nullptr) {
    std::memset(to, 0xff, count * width);
    return;
  }
  get_block(*at.mapping, at.offset, width, step, to, count);
}

void __pupci_bus_space_write_block(bus_space_handle_t handle, bus_size_t offset, const void* from,
                                   std::size_t count, unsigned int width, unsigned int step) {
  const Target at = find(handle, offset, span_of(count, width, step), "bus_space_write block",
                         width, __builtin_return_address(0));
  if (at.mapping != nullptr) put_block(*at.mapping, at.offset, width, step, from, count);
}

void __pupci_bus_space_set_block(bus_space_handle_t handle, bus_size_t offset, uint64_t value,
                                 std::size_t count, unsigned int width, unsigned int step) {
  const Target at = find(handle, offset, span_of(count, width, step), "bus_space_set", width,
                         __builtin_return_address(0));
  if (at.mapping == nullptr) return;
  std::array<std::byte, 512> same;  // a multiple of every width
  for (std::size_t i = 0; i < same.size(); i += width) std::memcpy(&same[i], &value, width);
  for (std::size_t done = 0; done < count;) {
    const std::size_t now = std::min(count - done, same.size() / width);
    put_block(*at.mapping, at.offset + done * step, width, step, same.data(), now);
    done += now;
  }
}

void __pupci_bus_space_copy_block(bus_space_handle_t from, bus_size_t from_offset,
                                  bus_space_handle_t to, bus_size_t to_offset, std::size_t count,
                                  unsigned int width) {
  const void* caller = __builtin_return_address(0);
  const std::uint64_t length = span_of(count, width, width);
  const Target source = find(from, from_offset, length, "bus_space_copy_region", width, caller);
  const Target target = find(to, to_offset, length, "bus_space_copy_region", width, caller);
  if (source.mapping == nullptr || target.mapping == nullptr) return;
  // Piece by piece; backwards when a later source would be overwritten by an earlier target.
  const bool backwards = from + from_offset < to + to_offset;
  std::array<std::byte, 512> piece;
  const std::size_t most = piece.size() / width;
  for (std::size_t done = 0; done < count;) {
    const std::size_t now = std::min(count - done, most);
    const std::uint64_t at = (backwards ? count - done - now : done) * width;
    get_block(*source.mapping, source.offset + at, width, width, piece.data(), now);
    put_block(*target.mapping, target.offset + at, width, width, piece.data(), now);
    done += now;
  }
}

void bus_space_barrier(bus_space_tag_t, bus_space_handle_t handle, bus_size_t, bus_size_t, int) {
  // A host takes trapped accesses in program order, and memory stores before a later access are
  // seen by it: only the CPU's own reordering of direct accesses is left to prevent.
  if (!is_trapped(handle)) __sync_synchronize();
}
