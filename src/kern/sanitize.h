// SPDX-License-Identifier: BSD-2-Clause
// What the sanitizers must be told about memory that is not malloc's.
#pragma once

#include <cstddef>

#include "os/sanitizers.h"

#ifdef PUPCI_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/lsan_interface.h>
#endif

namespace pupci::kern {

#ifdef PUPCI_ASAN
inline constexpr bool address_sanitizer = true;
inline void asan_poison(const void* p, std::size_t size) noexcept {
  ASAN_POISON_MEMORY_REGION(p, size);
}
inline void asan_unpoison(const void* p, std::size_t size) noexcept {
  ASAN_UNPOISON_MEMORY_REGION(p, size);
}
// Memory in which the leak checker finds pointers to malloc's memory.
inline void lsan_add_root(const void* p, std::size_t size) noexcept {
  __lsan_register_root_region(p, size);
}
inline void lsan_remove_root(const void* p, std::size_t size) noexcept {
  __lsan_unregister_root_region(p, size);
}
#else
inline constexpr bool address_sanitizer = false;
inline void asan_poison(const void*, std::size_t) noexcept {}
inline void asan_unpoison(const void*, std::size_t) noexcept {}
inline void lsan_add_root(const void*, std::size_t) noexcept {}
inline void lsan_remove_root(const void*, std::size_t) noexcept {}
#endif

}  // namespace pupci::kern
