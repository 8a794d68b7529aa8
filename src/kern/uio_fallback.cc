// SPDX-License-Identifier: BSD-2-Clause
// Until uio.cc is there: weak, so that it wins.
#include <cerrno>

#include "netbsd/sys/uio.h"

__attribute__((weak)) struct vmspace* vmspace_kernel(void) {
  return nullptr;
}
__attribute__((weak)) int copyin_vmspace(struct vmspace*, const void*, void*, size_t) {
  return EFAULT;
}
__attribute__((weak)) int copyout_vmspace(struct vmspace*, const void*, void*, size_t) {
  return EFAULT;
}
