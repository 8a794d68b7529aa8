// SPDX-License-Identifier: BSD-2-Clause
// pci_intr(9) and pci_msi(9).
#include "kern/pci_intr.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "kern/check.h"
#include "kern/console.h"
#include "kern/lwp.h"
#include "kern/pci_chipset.h"
#include "kern/symbolize.h"
#include "kern/track.h"
#include "netbsd/sys/device.h"
#include "pupci/error.h"

extern "C" __attribute__((__weak__)) const char* device_xname(device_t);

namespace pupci::kern {
namespace {

InterruptRouter& router() {
  return InterruptRouter::instance();
}

unsigned offered(const pci_attach_args& pa, InterruptType type) noexcept try {
  const int flag = type == InterruptType::msi    ? PCI_FLAGS_MSI_OKAY
                   : type == InterruptType::msix ? PCI_FLAGS_MSIX_OKAY
                                                 : 0;
  if (flag != 0 && (pa.pa_flags & flag) == 0) return 0;
  const auto function = pa.pa_pc->find(pa.pa_tag);
  return function == nullptr ? 0 : function->interrupt_count(type);
} catch (...) {
  return 0;
}

// The array that a driver gets, and gives back to pci_intr_release().
int make_handles(const pci_attach_args& pa, InterruptType type, const unsigned* numbers,
                 unsigned count, pci_intr_handle_t** result, const void* caller) noexcept {
  auto* handles = new (std::nothrow) pci_intr_handle_t[count];
  if (handles == nullptr) {
    router().release(pa.pa_tag);
    return ENOMEM;
  }
  for (unsigned i = 0; i < count; i++) {
    handles[i] = Vector{pa.pa_tag, type, numbers == nullptr ? i : numbers[i]}.handle();
  }
  track(Kind::vectors, handles, count * sizeof *handles, caller);
  *result = handles;
  return 0;
}

int allocate(const pci_attach_args& pa, InterruptType type, unsigned count,
             pci_intr_handle_t** result, const void* caller) noexcept {
  if (count == 0 || count > offered(pa, type)) return EINVAL;
  if (type == InterruptType::msi && !std::has_single_bit(count)) return EINVAL;
  const int error = router().enable(pa.pa_pc, pa.pa_tag, type, count, true);
  return error != 0 ? error : make_handles(pa, type, nullptr, count, result, caller);
}

// As many as can be had, `*count` at most.
int allocate_most(const pci_attach_args& pa, InterruptType type, int* count,
                  pci_intr_handle_t** result, const void* caller) noexcept {
  if (*count <= 0) return EINVAL;
  unsigned wanted = std::min(static_cast<unsigned>(*count), offered(pa, type));
  if (type == InterruptType::msi) wanted = std::bit_floor(wanted);
  int error = EINVAL;
  for (; wanted > 0; wanted = type == InterruptType::msi ? wanted / 2 : wanted - 1) {
    error = allocate(pa, type, wanted, result, caller);
    if (error == 0) {
      *count = static_cast<int>(wanted);
      return 0;
    }
    if (error == EBUSY) return error;
  }
  return error;
}

std::string handler_name(const char* xname, InterruptFunction function) {
  if (xname != nullptr) return xname;
  const device_t device = current()->device;
  if (device != nullptr && device_xname != nullptr) return device_xname(device);
  std::string name = function_at(reinterpret_cast<const void*>(function));
  return name.empty() ? "?" : name;
}

void* establish(pci_intr_handle_t handle, int ipl, InterruptFunction function, void* argument,
                const char* xname, const void* caller) noexcept try {
  const Vector vector = Vector::of(handle);
  auto handler = std::make_shared<Handler>(Handler{
      function, argument, ipl, vector.mpsafe, handler_name(xname, function), current()->device});
  Established* established = router().establish(vector, std::move(handler)).release();
  track(Kind::interrupt, established, 0, caller);
  return established;
} catch (const Error& error) {
  console_write(Message::error, fmt::format("{}\n", error.what()));
  return nullptr;
} catch (...) {
  return nullptr;
}

constexpr InterruptType in_order[] = {InterruptType::msix, InterruptType::msi, InterruptType::intx};

int type_index(InterruptType type) noexcept {
  switch (type) {
    case InterruptType::msix:
      return PCI_INTR_TYPE_MSIX;
    case InterruptType::msi:
      return PCI_INTR_TYPE_MSI;
    case InterruptType::intx:
      return PCI_INTR_TYPE_INTX;
  }
  return PCI_INTR_TYPE_INTX;
}

}  // namespace
}  // namespace pupci::kern

using namespace pupci;
using namespace pupci::kern;

int pci_intr_map(const struct pci_attach_args* pa, pci_intr_handle_t* handle) {
  if (pa->pa_intrpin == PCI_INTERRUPT_PIN_NONE || pa->pa_intrpin > PCI_INTERRUPT_PIN_MAX) {
    return ENODEV;
  }
  const int error = router().enable(pa->pa_pc, pa->pa_tag, InterruptType::intx, 1, false);
  if (error == 0) *handle = Vector{pa->pa_tag, InterruptType::intx, 0}.handle();
  return error;
}

const char* pci_intr_string(pci_chipset_tag_t, pci_intr_handle_t handle, char* buffer,
                            size_t size) {
  if (size == 0) return buffer;
  const std::string title = router().title(Vector::of(handle));
  const std::size_t length = std::min(title.size(), size - 1);
  std::memcpy(buffer, title.data(), length);
  buffer[length] = '\0';
  return buffer;
}

const struct evcnt* pci_intr_evcnt(pci_chipset_tag_t, pci_intr_handle_t handle) {
  return router().counter(Vector::of(handle));
}

void* pci_intr_establish(pci_chipset_tag_t, pci_intr_handle_t handle, int ipl,
                         int (*function)(void*), void* argument) {
  return establish(handle, ipl, function, argument, nullptr, __builtin_return_address(0));
}

void* pci_intr_establish_xname(pci_chipset_tag_t, pci_intr_handle_t handle, int ipl,
                               int (*function)(void*), void* argument, const char* xname) {
  return establish(handle, ipl, function, argument, xname, __builtin_return_address(0));
}

void pci_intr_disestablish(pci_chipset_tag_t, void* cookie) {
  const void* caller = __builtin_return_address(0);
  if (!untrack(Kind::interrupt, cookie)) {
    violation(
        fmt::format("pci_intr_disestablish: {} is not established, or no more", fmt::ptr(cookie)),
        caller);
  }
  const std::unique_ptr<Established> established(static_cast<Established*>(cookie));
  router().disestablish(*established, caller);
}

int pci_intr_setattr(pci_chipset_tag_t, pci_intr_handle_t* handle, int attribute, uint64_t value) {
  if (attribute != PCI_INTR_MPSAFE) return ENODEV;
  Vector vector = Vector::of(*handle);
  vector.mpsafe = value != 0;
  *handle = vector.handle();
  return 0;
}

pci_intr_type_t pci_intr_type(pci_chipset_tag_t, pci_intr_handle_t handle) {
  return static_cast<pci_intr_type_t>(type_index(Vector::of(handle).type));
}

int pci_intx_alloc(const struct pci_attach_args* pa, pci_intr_handle_t** handles) {
  if (pa->pa_intrpin == PCI_INTERRUPT_PIN_NONE) return ENODEV;
  return allocate(*pa, InterruptType::intx, 1, handles, __builtin_return_address(0));
}

int pci_msi_alloc(const struct pci_attach_args* pa, pci_intr_handle_t** handles, int* count) {
  return allocate_most(*pa, InterruptType::msi, count, handles, __builtin_return_address(0));
}

int pci_msi_alloc_exact(const struct pci_attach_args* pa, pci_intr_handle_t** handles, int count) {
  return allocate(*pa, InterruptType::msi, static_cast<unsigned>(std::max(count, 0)), handles,
                  __builtin_return_address(0));
}

int pci_msix_alloc(const struct pci_attach_args* pa, pci_intr_handle_t** handles, int* count) {
  return allocate_most(*pa, InterruptType::msix, count, handles, __builtin_return_address(0));
}

int pci_msix_alloc_exact(const struct pci_attach_args* pa, pci_intr_handle_t** handles, int count) {
  return allocate(*pa, InterruptType::msix, static_cast<unsigned>(std::max(count, 0)), handles,
                  __builtin_return_address(0));
}

int pci_msix_alloc_map(const struct pci_attach_args* pa, pci_intr_handle_t** handles,
                       u_int* indexes, int count) {
  if (count <= 0) return EINVAL;
  const unsigned highest = *std::max_element(indexes, indexes + count);
  if (highest >= offered(*pa, InterruptType::msix)) return EINVAL;
  const int error = router().enable(pa->pa_pc, pa->pa_tag, InterruptType::msix, highest + 1, true);
  return error != 0 ? error
                    : make_handles(*pa, InterruptType::msix, indexes, static_cast<unsigned>(count),
                                   handles, __builtin_return_address(0));
}

int pci_intr_alloc(const struct pci_attach_args* pa, pci_intr_handle_t** handles, int* counts,
                   pci_intr_type_t max_type) {
  const void* caller = __builtin_return_address(0);
  int wanted[PCI_INTR_TYPE_SIZE] = {1, 1, 1};
  if (counts != nullptr) {
    for (int type = 0; type < PCI_INTR_TYPE_SIZE; type++) {
      wanted[type] = type <= static_cast<int>(max_type) ? counts[type] : 0;
    }
    if (wanted[PCI_INTR_TYPE_INTX] > 1) return EINVAL;
    std::fill_n(counts, static_cast<int>(PCI_INTR_TYPE_SIZE), 0);
  }
  int error = EINVAL;
  for (const InterruptType type : in_order) {
    const int index = type_index(type);
    const int count = wanted[index] == -1 ? static_cast<int>(offered(*pa, type)) : wanted[index];
    if (count <= 0) continue;
    if (type == InterruptType::intx && pa->pa_intrpin == PCI_INTERRUPT_PIN_NONE) continue;
    error = allocate(*pa, type, static_cast<unsigned>(count), handles, caller);
    if (error != 0) continue;
    if (counts != nullptr) counts[index] = count;
    return 0;
  }
  return error;
}

void pci_intr_release(pci_chipset_tag_t, pci_intr_handle_t* handles, int count) {
  const void* caller = __builtin_return_address(0);
  if (handles == nullptr) return;
  if (!untrack(Kind::vectors, handles)) {
    violation("pci_intr_release: not allocated by pci_intr_alloc, or released before", caller);
  }
  if (count > 0 && !router().release(Vector::of(handles[0]).tag)) {
    violation(fmt::format("pci_intr_release: {} has handlers established still",
                          router().title(Vector::of(handles[0]))),
              caller);
  }
  delete[] handles;
}
