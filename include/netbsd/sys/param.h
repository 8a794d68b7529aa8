/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Version, sizes and the arithmetic macros of param(3).
 */
#ifndef _NETBSD_SYS_PARAM_H_
#define _NETBSD_SYS_PARAM_H_

#include "cdefs.h"
#ifdef __HOSTED_SEAM
#include <sys/param.h>
#endif
#include "types.h"
#include "errno.h"

/*
 * What a driver that asks sees: NetBSD 10.  MMmmrrpp00, see param.h's own
 * convention on __NetBSD_Version__.
 */
#ifndef __NETBSD_LIBC
#define __NetBSD_Version__	1000000000
#define __NetBSD_Prereq__(M, m, p)	\
	((((M) * 100000000) + (m) * 1000000 + (p) * 100) <= __NetBSD_Version__)
#endif

#undef PAGE_SHIFT
#define PAGE_SHIFT	12
#undef PAGE_SIZE
#define PAGE_SIZE	(1 << PAGE_SHIFT)
#undef PAGE_MASK
#define PAGE_MASK	(PAGE_SIZE - 1)
#undef NBPG
#undef PGOFSET
#undef PGSHIFT
#define NBPG		PAGE_SIZE
#define PGOFSET		PAGE_MASK
#define PGSHIFT		PAGE_SHIFT
#define DEV_BSHIFT	9
#undef DEV_BSIZE
#define DEV_BSIZE	(1 << DEV_BSHIFT)
#define MAXPHYS		(64 * 1024)
#define COHERENCY_UNIT	64
#define CACHE_LINE_SIZE	64
#undef MAXPATHLEN
#define MAXPATHLEN	1024
#undef NBBY
#define NBBY		8
#undef ALIGNBYTES
#undef ALIGN
#undef ALIGNED_POINTER
#define ALIGNBYTES	(sizeof(long) - 1)
#define ALIGN(p)	(((unsigned long)(p) + ALIGNBYTES) & ~ALIGNBYTES)
#define ALIGNED_POINTER(p, t)	((((unsigned long)(p)) & (__alignof(t) - 1)) == 0)

#undef MIN
#undef MAX
#define MIN(a, b)	((a) < (b) ? (a) : (b))
#define MAX(a, b)	((a) > (b) ? (a) : (b))
#undef howmany
#undef roundup
#undef rounddown
#undef roundup2
#undef rounddown2
#undef powerof2
#define howmany(x, y)	(((x) + ((y) - 1)) / (y))
#define roundup(x, y)	((((x) + ((y) - 1)) / (y)) * (y))
#define rounddown(x, y)	(((x) / (y)) * (y))
#define roundup2(x, m)	((((x) - 1) | ((m) - 1)) + 1)
#define rounddown2(x, m)	((x) & ~((m) - 1))
#define powerof2(x)	((((x) - 1) & (x)) == 0)
#undef setbit
#undef clrbit
#undef isset
#undef isclr
#define setbit(a, i)	((a)[(i) / NBBY] |= 1 << ((i) % NBBY))
#define clrbit(a, i)	((a)[(i) / NBBY] &= ~(1 << ((i) % NBBY)))
#define isset(a, i)	((a)[(i) / NBBY] & (1 << ((i) % NBBY)))
#define isclr(a, i)	(((a)[(i) / NBBY] & (1 << ((i) % NBBY))) == 0)
#define btodb(x)	((x) >> DEV_BSHIFT)
#define dbtob(x)	((x) << DEV_BSHIFT)
#define ctob(x)		((x) << PGSHIFT)
#define btoc(x)		(((x) + PGOFSET) >> PGSHIFT)
#define round_page(x)	(((x) + PAGE_MASK) & ~(vaddr_t)PAGE_MASK)
#define trunc_page(x)	((x) & ~(vaddr_t)PAGE_MASK)
#define atop(x)		((x) >> PAGE_SHIFT)
#define ptoa(x)		((paddr_t)(x) << PAGE_SHIFT)

#define MAXCOMLEN	16
#define MSIZE		512
#define MCLSHIFT	11
#define MCLBYTES	(1 << MCLSHIFT)

/* Ticks: see hz in sys/kernel.h. */
#define hztoms(t)	((unsigned int)(((t) * (uint64_t)1000) / hz))
#define mstohz(ms)	((unsigned int)(((ms) * (uint64_t)hz) / 1000))

/*
 * Sleep priorities (ltsleep(9)): a smaller number is more urgent.  Here they
 * choose nothing but whether PCATCH was given.
 */
#define PSWP		0
#define PVM		4
#define PRIBIO		16
#define PINOD		8
#define PSOCK		24
#define PZERO		22
#define PWAIT		32
#define PPAUSE		40
#define PUSER		50
#define PRIMASK		0x0ff
#define PCATCH		0x100
#define PNORELOCK	0x200
#ifndef __NETBSD_LIBC
#define PRI_NONE	(-1)
#define PRI_USER	0
#define PRI_KERNEL	64
#define PRI_KTHREAD	96
#define PRI_SOFTCLOCK	128
#define PRI_SOFTBIO	136
#define PRI_SOFTNET	144
#define PRI_SOFTSERIAL	152
#define PRI_XCALL	160
#define PRI_COUNT	224
#define PRI_BIO		PRI_KTHREAD
#endif

#include "intr.h"
#include "../machine/param.h"

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "null.h"
#include "queue.h"
#include "stdarg.h"
#include "evcnt.h"
#include "uio.h"
#include "time.h"
#include "mutex.h"
#include "condvar.h"
#include "callout.h"
#include "sched.h"
#include "systm.h"
#endif

#endif /* !_NETBSD_SYS_PARAM_H_ */
