/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The older memory allocator (malloc(9)).
 */
#ifndef _NETBSD_SYS_MALLOC_H_
#define _NETBSD_SYS_MALLOC_H_

#include "types.h"
#include "mallocvar.h"

#define M_WAITOK	0x0000	/* may sleep, never fails */
#define M_NOWAIT	0x0001	/* null when there is none at once */
#define M_ZERO		0x0002
#define M_CANFAIL	0x0004	/* with M_WAITOK: null rather than a panic for an absurd size */

#define MALLOC(space, cast, size, type, flags)	\
	((space) = (cast)malloc((size), (type), (flags)))
#define FREE(addr, type)	free((addr), (type))

__BEGIN_DECLS
/*
 * Any context with M_NOWAIT.  Aligned as by kmem_alloc(9).  The type is for
 * statistics and may be any that is declared.
 */
void	*__KERNEL_NAME(malloc)(unsigned long, struct malloc_type *, int) __KERNEL_LINK(malloc);
void	*__KERNEL_NAME(realloc)(void *, unsigned long, struct malloc_type *, int)
	    __KERNEL_LINK(realloc);
void	__KERNEL_NAME(free)(void *, struct malloc_type *) __KERNEL_LINK(free);

MALLOC_DECLARE(M_DEVBUF);	/* device drivers */
MALLOC_DECLARE(M_DMAMAP);	/* bus_dma(9) */
MALLOC_DECLARE(M_IOV);
MALLOC_DECLARE(M_MBUF);
MALLOC_DECLARE(M_PCB);
MALLOC_DECLARE(M_SOFTINTR);
MALLOC_DECLARE(M_TEMP);		/* short-lived */
MALLOC_DECLARE(M_USB);
MALLOC_DECLARE(M_USBDEV);
MALLOC_DECLARE(M_USBHC);
__END_DECLS

#endif /* !_NETBSD_SYS_MALLOC_H_ */
