/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What nearly every kernel source uses: messages, panic, string and memory
 * helpers, copies to and from user memory.
 */
#ifndef _NETBSD_SYS_SYSTM_H_
#define _NETBSD_SYS_SYSTM_H_

#include "types.h"
#include "errno.h"
#include "stdarg.h"
#include "lock.h"
#include "lwp.h"

struct ifnet;
struct malloc_type;
struct timeval;

/* snprintb(3) and humanize_number(9). */
#define HN_DECIMAL		0x01
#define HN_NOSPACE		0x02
#define HN_B			0x04
#define HN_DIVISOR_1000		0x08

__BEGIN_DECLS
/* Null until a panic, then its message. */
extern const char	*panicstr;
/* Nonzero once the kernel is going down and devices are being detached. */
extern int	doing_shutdown;
extern bool	mp_online;
extern int	boothowto;		/* AB_* of sys/reboot.h: how talkative to be */
extern long	physmem;		/* pages of the machine's memory */
extern const char	hexdigits[];	/* "0123456789abcdef" */
extern const char	HEXDIGITS[];	/* "0123456789ABCDEF" */
extern const char	ostype[];	/* "NetBSD" */
extern const char	osrelease[];
extern const char	copyright[];
extern const char	version[];
extern char	machine[];
extern char	machine_arch[];

/*
 * Autoconfiguration messages (aprint(9)).  Any context.  A line is printed
 * whole, whatever other threads print meanwhile.
 */
void	aprint_normal(const char *, ...) __printflike(1, 2);
void	aprint_naive(const char *, ...) __printflike(1, 2);
void	aprint_verbose(const char *, ...) __printflike(1, 2);
void	aprint_debug(const char *, ...) __printflike(1, 2);
void	aprint_error(const char *, ...) __printflike(1, 2);
void	aprint_normal_dev(device_t, const char *, ...) __printflike(2, 3);
void	aprint_naive_dev(device_t, const char *, ...) __printflike(2, 3);
void	aprint_verbose_dev(device_t, const char *, ...) __printflike(2, 3);
void	aprint_debug_dev(device_t, const char *, ...) __printflike(2, 3);
void	aprint_error_dev(device_t, const char *, ...) __printflike(2, 3);
void	device_printf(device_t, const char *, ...) __printflike(2, 3);
/* Errors printed since the last call. */
int	aprint_get_error_count(void);

/*
 * printf(9).  Any context.  Conversions d i o u x X c s p n % with flags,
 * width, precision and the length modifiers hh h l ll j t z; no floating
 * point.
 */
void	__KERNEL_NAME(printf)(const char *, ...) __KERNEL_LINK(printf) __printflike(1, 2);
void	__KERNEL_NAME(vprintf)(const char *, va_list) __KERNEL_LINK(vprintf) __printflike(1, 0);
int	__KERNEL_NAME(snprintf)(char *, size_t, const char *, ...) __KERNEL_LINK(snprintf)
	    __printflike(3, 4);
int	__KERNEL_NAME(vsnprintf)(char *, size_t, const char *, va_list) __KERNEL_LINK(vsnprintf)
	    __printflike(3, 0);
void	printf_tolog(const char *, ...) __printflike(1, 2);
void	printf_nolog(const char *, ...) __printflike(1, 2);
void	uprintf(const char *, ...) __printflike(1, 2);

/*
 * A number as people read it (humanize_number(9), format_bytes(9)): the
 * length written, without the final 0, or -1 when the buffer is too short.
 */
int	__KERNEL_NAME(humanize_number)(char *, size_t, uint64_t, const char *, int)
	    __KERNEL_LINK(humanize_number);
int	format_bytes(char *, size_t, uint64_t);

/* Prints the message and a backtrace and ends the process (panic(9)). */
void	panic(const char *, ...) __dead __printflike(1, 2);
void	vpanic(const char *, va_list) __dead __printflike(1, 0);

/*
 * Copies between kernel and user memory (copy(9)): 0 or EFAULT, for copyinstr
 * and its kin also ENAMETOOLONG.
 */
int	kcopy(const void *, void *, size_t);
int	copystr(const void *, void *, size_t, size_t *);
int	copyin(const void *, void *, size_t);
int	copyout(const void *, void *, size_t);
int	copyinstr(const void *, void *, size_t, size_t *);
int	copyoutstr(const void *, void *, size_t, size_t *);
int	ioctl_copyin(int, const void *, void *, size_t);
int	ioctl_copyout(int, const void *, void *, size_t);

/*
 * Entries for tables of functions where there is nothing to do: 0, nothing,
 * null, and the errors after which they are named (enoioctl: EPASSTHROUGH).
 */
int	nullop(void *);
void	voidop(void);
void	*nullret(void);
int	enodev(void);
int	enosys(void);
int	enoioctl(void);
int	enxio(void);
int	eopnotsupp(void);
__END_DECLS

#ifndef __HOSTED_SEAM
#define bcopy(from, to, size)	memmove((to), (from), (size))
#define ovbcopy(from, to, size)	memmove((to), (from), (size))
#define bzero(to, size)		memset((to), 0, (size))
#define bcmp(a, b, size)	memcmp((a), (b), (size))
#endif

#include "../lib/libkern/libkern.h"

#endif /* !_NETBSD_SYS_SYSTM_H_ */
