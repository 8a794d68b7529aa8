/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Basic types under NetBSD's names.  Hosted, those that libc has too are
 * libc's own.
 */
#ifndef _NETBSD_SYS_TYPES_H_
#define _NETBSD_SYS_TYPES_H_

#include "cdefs.h"
#include "stdint.h"

#ifdef __HOSTED_SEAM
#include <sys/types.h>
#include <cstddef>
#else
typedef __SIZE_TYPE__		size_t;
typedef long			ssize_t;
typedef __PTRDIFF_TYPE__	ptrdiff_t;
#ifndef __cplusplus
typedef __WCHAR_TYPE__		wchar_t;
#endif
#undef NULL
#ifdef __cplusplus
#define NULL	__null
#else
#define NULL	((void *)0)
#endif
#undef offsetof
#define offsetof(type, member)	__builtin_offsetof(type, member)

typedef unsigned char		u_char;
typedef unsigned short		u_short;
typedef unsigned int		u_int;
typedef unsigned long		u_long;
typedef unsigned char		unchar;
typedef unsigned short		ushort;
typedef unsigned int		uint;
typedef unsigned long		ulong;
typedef uint8_t			u_int8_t;
typedef uint16_t		u_int16_t;
typedef uint32_t		u_int32_t;
typedef uint64_t		u_int64_t;
typedef uint64_t		u_quad_t;
typedef int64_t			quad_t;
typedef quad_t			*qaddr_t;

typedef int64_t			off_t;
typedef int64_t			time_t;
typedef int			suseconds_t;
typedef uint64_t		dev_t;
typedef uint32_t		mode_t;
typedef uint64_t		ino_t;
typedef uint32_t		uid_t;
typedef uint32_t		gid_t;
typedef int32_t			pid_t;
typedef uint32_t		id_t;
typedef int			clockid_t;
typedef char			*caddr_t;
typedef long			register_t;
#endif

#ifndef __HOSTED_SEAM
typedef int64_t			daddr_t;
typedef unsigned long		__cpu_simple_lock_nv_t;
#endif
typedef int32_t			lwpid_t;
typedef int			pri_t;
typedef unsigned long		cpuid_t;
typedef unsigned long		psize_t, paddr_t;
typedef unsigned long		vsize_t, vaddr_t;
typedef int32_t			devmajor_t, devminor_t;
#define NODEVMAJOR	(-1)
#undef NODEV
#define NODEV		((dev_t)-1)

#if !defined(__cplusplus)
#if !defined(__STDC_VERSION__) || __STDC_VERSION__ < 202311L
#define bool	_Bool
#define true	1
#define false	0
#endif
#define __bool_true_false_are_defined	1
typedef int	boolean_t;
#else
typedef int	boolean_t;
#endif
#ifndef TRUE
#define TRUE	1
#define FALSE	0
#endif

/* Device numbers: 12 bits of major, 20 of minor, as NetBSD splits them. */
#undef major
#undef minor
#undef makedev
#if defined(__HOSTED_SEAM) && !defined(__NETBSD_LIBC)
#include <sys/sysmacros.h>
#undef major
#undef minor
#undef makedev
#endif
#define major(x)	((devmajor_t)(((uint32_t)(x) & 0x000fff00) >> 8))
#define minor(x)	((devminor_t)((((uint32_t)(x) & 0xfff00000) >> 12) | \
			    ((uint32_t)(x) & 0x000000ff)))
#define makedev(x, y)	((dev_t)((((uint32_t)(x) << 8) & 0x000fff00) | \
			    (((uint32_t)(y) << 12) & 0xfff00000) | \
			    ((uint32_t)(y) & 0x000000ff)))

struct lwp;
struct proc;
struct device;
struct uio;
struct knote;
struct cfdata;
typedef struct buf buf_t;
typedef struct lwp lwp_t;
typedef struct proc proc_t;
typedef struct device *device_t;

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "stdbool.h"
#include "endian.h"
#endif

/* Bits of a variable. */
#ifndef __HOSTED_SEAM
#define SET(t, f)	((t) |= (f))
#define CLR(t, f)	((t) &= ~(f))
#define ISSET(t, f)	((t) & (f))
#endif

#endif /* !_NETBSD_SYS_TYPES_H_ */
