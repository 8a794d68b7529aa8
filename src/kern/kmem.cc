// SPDX-License-Identifier: BSD-2-Clause
// kmem(9) and malloc(9).
#include "netbsd/sys/kmem.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdarg>
#include <cstring>

#include "kern/check.h"
#include "kern/format.h"
#include "kern/heap.h"
#include "kern/lwp.h"
#include "netbsd/sys/malloc.h"

namespace {

using pupci::kern::any_size;
using pupci::kern::heap_allocate;
using pupci::kern::heap_free;
using pupci::kern::heap_size;
using pupci::kern::Owner;
using pupci::kern::violation;

[[noreturn]] void no_memory(const char* function, std::size_t size, const void* caller) {
  violation(fmt::format("{}: no {} bytes of kernel memory left; give the bus a larger arena, or "
                        "let the driver use KM_NOSLEEP and cope",
                        function, size),
            caller);
}

// What may not fail tries everything first.
void* allocate_or_die(std::size_t size, Owner owner, const void* caller, bool zero,
                      const char* function) {
  void* p = heap_allocate(size, owner, caller, zero);
  if (p == nullptr) {
    pupci::kern::heap_reclaim();
    p = heap_allocate(size, owner, caller, zero);
  }
  if (p == nullptr) no_memory(function, size, caller);
  return p;
}

void check_request(std::size_t size, km_flag_t flags, const void* caller, const char* function) {
  if (size == 0) violation(fmt::format("{}: size 0", function), caller);
  const km_flag_t how = flags & (KM_SLEEP | KM_NOSLEEP);
  if (how != KM_SLEEP && how != KM_NOSLEEP) {
    violation(
        fmt::format("{}: flags {:#x}: neither KM_SLEEP nor KM_NOSLEEP, or both", function, flags),
        caller);
  }
}

// Whose caches a handler could find half changed, in NetBSD.
void check_context(const void* caller, const char* function) {
  if (pupci::kern::current()->context != pupci::kern::Context::interrupt) return;
  violation(
      fmt::format("{} in an interrupt handler, where kmem_intr_alloc and kmem_intr_free belong",
                  function),
      caller);
}

void* kmem(std::size_t size, km_flag_t flags, const void* caller, bool zero,
           const char* function) noexcept {
  check_request(size, flags, caller, function);
  if ((flags & KM_SLEEP) == 0) return heap_allocate(size, Owner::kmem, caller, zero);
  pupci::kern::check_sleepable(function, caller);
  return allocate_or_die(size, Owner::kmem, caller, zero, function);
}

void free_kmem(void* p, std::size_t size, const void* caller, const char* function) noexcept {
  if (size == 0) violation(fmt::format("{}: size 0", function), caller);
  if (p == nullptr) violation(fmt::format("{}: null pointer", function), caller);
  heap_free(p, size, Owner::kmem, caller, function);
}

char* print_to_kmem(const char* format, va_list arguments, const void* caller,
                    const char* function) noexcept {
  const auto length =
      static_cast<std::size_t>(pupci::kern::format_into(nullptr, 0, format, arguments));
  auto* text = static_cast<char*>(kmem(length + 1, KM_SLEEP, caller, false, function));
  pupci::kern::format_into(text, length + 1, format, arguments);
  return text;
}

char* copy_to_kmem(const char* from, std::size_t length, km_flag_t flags, const void* caller,
                   const char* function) noexcept {
  auto* text = static_cast<char*>(kmem(length + 1, flags, caller, false, function));
  if (text == nullptr) return nullptr;
  std::memcpy(text, from, length);
  text[length] = '\0';
  return text;
}

}  // namespace

#define CALLER __builtin_return_address(0)

void* kmem_alloc(size_t size, km_flag_t flags) {
  check_context(CALLER, "kmem_alloc");
  return kmem(size, flags, CALLER, false, "kmem_alloc");
}

void* kmem_zalloc(size_t size, km_flag_t flags) {
  check_context(CALLER, "kmem_zalloc");
  return kmem(size, flags, CALLER, true, "kmem_zalloc");
}

void kmem_free(void* p, size_t size) {
  check_context(CALLER, "kmem_free");
  free_kmem(p, size, CALLER, "kmem_free");
}

void* kmem_intr_alloc(size_t size, km_flag_t flags) {
  return kmem(size, flags, CALLER, false, "kmem_intr_alloc");
}

void* kmem_intr_zalloc(size_t size, km_flag_t flags) {
  return kmem(size, flags, CALLER, true, "kmem_intr_zalloc");
}

void kmem_intr_free(void* p, size_t size) {
  free_kmem(p, size, CALLER, "kmem_intr_free");
}

char* kmem_asprintf(const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char* text = print_to_kmem(format, arguments, CALLER, "kmem_asprintf");
  va_end(arguments);
  return text;
}

char* kmem_vasprintf(const char* format, va_list arguments) {
  return print_to_kmem(format, arguments, CALLER, "kmem_vasprintf");
}

char* kmem_strdupsize(const char* string, size_t* size, km_flag_t flags) {
  const size_t length = std::strlen(string);
  if (size != nullptr) *size = length + 1;
  return copy_to_kmem(string, length, flags, CALLER, "kmem_strdup");
}

char* kmem_strndup(const char* string, size_t longest, km_flag_t flags) {
  return copy_to_kmem(string, strnlen(string, longest), flags, CALLER, "kmem_strndup");
}

void kmem_strfree(char* string) {
  if (string != nullptr) free_kmem(string, std::strlen(string) + 1, CALLER, "kmem_strfree");
}

void* kmem_tmpbuf_alloc(size_t size, void* buffer, size_t buffer_size, km_flag_t flags) {
  if (size <= buffer_size) return buffer;
  return kmem(size, flags, CALLER, false, "kmem_tmpbuf_alloc");
}

void kmem_tmpbuf_free(void* p, size_t size, void* buffer) {
  if (p != buffer) free_kmem(p, size, CALLER, "kmem_tmpbuf_free");
}

// malloc(9).

MALLOC_DEFINE(M_DEVBUF, "devbuf", "device driver memory");
MALLOC_DEFINE(M_DMAMAP, "DMA map", "bus_dma(9) structures");
MALLOC_DEFINE(M_IOV, "iov", "large I/O vectors");
MALLOC_DEFINE(M_MBUF, "mbuf", "mbuf memory");
MALLOC_DEFINE(M_PCB, "pcb", "protocol control blocks");
MALLOC_DEFINE(M_SOFTINTR, "softintr", "software interrupts");
MALLOC_DEFINE(M_TEMP, "temp", "short-lived memory");
MALLOC_DEFINE(M_USB, "USB", "USB general");
MALLOC_DEFINE(M_USBDEV, "USB device", "USB device drivers");
MALLOC_DEFINE(M_USBHC, "USB HC", "USB host controllers");

namespace {

void* allocate_malloc(std::size_t size, int flags, const void* caller,
                      const char* function) noexcept {
  const bool zero = (flags & M_ZERO) != 0;
  size = std::max<std::size_t>(size, 1);
  if ((flags & M_NOWAIT) != 0) return heap_allocate(size, Owner::malloc, caller, zero);
  pupci::kern::check_sleepable(function, caller);
  if ((flags & M_CANFAIL) != 0) return heap_allocate(size, Owner::malloc, caller, zero);
  return allocate_or_die(size, Owner::malloc, caller, zero, function);
}

}  // namespace

void* kern_malloc(unsigned long size, struct malloc_type*, int flags) {
  return allocate_malloc(size, flags, CALLER, "malloc");
}

void kern_free(void* p, struct malloc_type*) {
  if (p == nullptr) violation("free: null pointer", CALLER);
  heap_free(p, any_size, Owner::malloc, CALLER, "free");
}

void* kern_realloc(void* p, unsigned long size, struct malloc_type*, int flags) {
  if (p == nullptr) return allocate_malloc(size, flags, CALLER, "realloc");
  if (size == 0) {
    heap_free(p, any_size, Owner::malloc, CALLER, "realloc");
    return nullptr;
  }
  const std::size_t old_size = heap_size(p, Owner::malloc, CALLER, "realloc");
  void* fresh = allocate_malloc(size, flags, CALLER, "realloc");
  if (fresh == nullptr) return nullptr;
  std::memcpy(fresh, p, std::min<std::size_t>(old_size, size));
  heap_free(p, any_size, Owner::malloc, CALLER, "realloc");
  return fresh;
}
