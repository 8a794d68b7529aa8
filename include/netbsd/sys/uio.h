/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transfers between a driver and its caller: uiomove(9), copy(9).
 *
 * User space is here the buffers that a client of the control socket sent
 * with its request, at the addresses that the client gave them.
 */
#ifndef _NETBSD_SYS_UIO_H_
#define _NETBSD_SYS_UIO_H_

#include "types.h"

#ifdef __HOSTED_SEAM
#include <sys/uio.h>
#else
struct iovec {
	void	*iov_base;
	size_t	iov_len;
};
#endif

#ifndef __NETBSD_LIBC
enum uio_rw { UIO_READ, UIO_WRITE };	/* as the caller sees it */
enum uio_seg { UIO_USERSPACE, UIO_SYSSPACE };
#endif
#undef UIO_MAXIOV
#define UIO_MAXIOV	1024
#define UIO_SMALLIOV	8

struct vmspace;

struct uio {
	struct iovec	*uio_iov;
	int		uio_iovcnt;
	off_t		uio_offset;
	size_t		uio_resid;	/* bytes left */
	enum uio_rw	uio_rw;
	struct vmspace	*uio_vmspace;
};
#define UIO_SETUP_SYSSPACE(uio)	uio_setup_sysspace(uio)
#define VMSPACE_IS_KERNEL_P(vm)	((vm) == vmspace_kernel())

typedef int (*copyin_t)(const void *, void *, size_t);
typedef int (*copyout_t)(const void *, void *, size_t);

__BEGIN_DECLS
void	uio_setup_sysspace(struct uio *);
struct vmspace *vmspace_kernel(void);

/*
 * min(n, uio_resid) bytes from or to the uio, which advances; EFAULT.  May
 * sleep when the uio is of user space.
 */
int	uiomove(void *, size_t n, struct uio *);
/* The part of a buffer that uio_offset selects; EINVAL when it is negative. */
int	uiomove_frombuf(void *, size_t, struct uio *);
/* The same as uiomove without advancing, and advancing without the copy. */
int	uiopeek(void *, size_t n, struct uio *);
void	uioskip(size_t n, struct uio *);
int	ureadc(int, struct uio *);

/* 0 or EFAULT; copy*str: also ENAMETOOLONG; *done counts the null byte. */
int	copyin(const void *uaddr, void *kaddr, size_t);
int	copyout(const void *kaddr, void *uaddr, size_t);
int	copyinstr(const void *uaddr, void *kaddr, size_t, size_t *done);
int	copyoutstr(const void *kaddr, void *uaddr, size_t, size_t *done);
int	copystr(const void *, void *, size_t, size_t *done);
int	copyin_vmspace(struct vmspace *, const void *uaddr, void *kaddr,
	    size_t);
int	copyout_vmspace(struct vmspace *, const void *kaddr, void *uaddr,
	    size_t);
int	kcopy(const void *, void *, size_t);
/* By FKIOCTL in `flags': the argument of an ioctl points into the kernel. */
int	ioctl_copyin(int flags, const void *, void *, size_t);
int	ioctl_copyout(int flags, const void *, void *, size_t);
int	ufetch_8(const uint8_t *uaddr, uint8_t *);
int	ufetch_16(const uint16_t *uaddr, uint16_t *);
int	ufetch_32(const uint32_t *uaddr, uint32_t *);
int	ufetch_64(const uint64_t *uaddr, uint64_t *);
int	ustore_8(uint8_t *uaddr, uint8_t);
int	ustore_16(uint16_t *uaddr, uint16_t);
int	ustore_32(uint32_t *uaddr, uint32_t);
int	ustore_64(uint64_t *uaddr, uint64_t);
__END_DECLS

#endif /* !_NETBSD_SYS_UIO_H_ */
