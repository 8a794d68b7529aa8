// SPDX-License-Identifier: BSD-2-Clause
// Transfers described by a struct uio: uiomove(9).
#include "netbsd/sys/uio.h"

#include <algorithm>
#include <cerrno>

#include "kern/check.h"

using namespace pupci::kern;

namespace {

// Copies up to `size` bytes at a uio's place, piece by piece; advances it if asked to.
int transfer(char* buffer, std::size_t size, uio* uio, bool advance) {
  iovec* iov = uio->uio_iov;
  int count = uio->uio_iovcnt;
  iovec here = count > 0 ? *iov : iovec{};
  size = std::min(size, uio->uio_resid);
  while (size > 0 && count > 0) {
    const std::size_t piece = std::min(size, here.iov_len);
    if (piece > 0) {
      const int error = uio->uio_rw == UIO_READ
                            ? copyout_vmspace(uio->uio_vmspace, buffer, here.iov_base, piece)
                            : copyin_vmspace(uio->uio_vmspace, here.iov_base, buffer, piece);
      if (error != 0) return error;
    }
    buffer += piece;
    size -= piece;
    here.iov_base = static_cast<char*>(here.iov_base) + piece;
    here.iov_len -= piece;
    if (advance) {
      *iov = here;
      uio->uio_offset += static_cast<off_t>(piece);
      uio->uio_resid -= piece;
      uio->uio_iov = iov;
      uio->uio_iovcnt = count;
    }
    if (here.iov_len == 0 && --count > 0) here = *++iov;
  }
  return 0;
}

}  // namespace

void uio_setup_sysspace(uio* uio) {
  uio->uio_vmspace = vmspace_kernel();
}

int uiomove(void* buffer, size_t size, uio* uio) {
  if (uio->uio_vmspace != vmspace_kernel()) {
    check_sleepable("uiomove", __builtin_return_address(0));
  }
  return transfer(static_cast<char*>(buffer), size, uio, true);
}

int uiopeek(void* buffer, size_t size, uio* uio) {
  return transfer(static_cast<char*>(buffer), size, uio, false);
}

int uiomove_frombuf(void* buffer, size_t size, uio* uio) {
  if (uio->uio_offset < 0) return EINVAL;
  const auto offset = static_cast<std::size_t>(uio->uio_offset);
  if (offset >= size) return 0;
  return uiomove(static_cast<char*>(buffer) + offset, size - offset, uio);
}

void uioskip(size_t size, uio* uio) {
  if (size > uio->uio_resid) {
    violation("uioskip: more than the uio has left", __builtin_return_address(0));
  }
  while (size > 0 && uio->uio_iovcnt > 0) {
    iovec& iov = *uio->uio_iov;
    const std::size_t piece = std::min(size, iov.iov_len);
    iov.iov_base = static_cast<char*>(iov.iov_base) + piece;
    iov.iov_len -= piece;
    uio->uio_offset += static_cast<off_t>(piece);
    uio->uio_resid -= piece;
    size -= piece;
    if (iov.iov_len == 0) {
      uio->uio_iov++;
      uio->uio_iovcnt--;
    }
  }
}

int ureadc(int c, uio* uio) {
  if (uio->uio_resid == 0) {
    violation("ureadc: the uio has nothing left", __builtin_return_address(0));
  }
  auto byte = static_cast<char>(c);
  return uiomove(&byte, 1, uio);
}
