/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's clock in ticks, and whether it has finished booting.
 */
#ifndef _NETBSD_SYS_KERNEL_H_
#define _NETBSD_SYS_KERNEL_H_

#include "types.h"

__BEGIN_DECLS
extern int hz;			/* ticks a second: 1000 */
extern int tick;		/* microseconds a tick */
extern int stathz, profhz;
/* Always 0: interrupts are delivered and threads may sleep as soon as a driver runs. */
extern int cold;

/* Ticks since the start of the process; wraps. */
u_int	getticks(void);
__END_DECLS

#define hardclock_ticks	((int)getticks())

#endif /* !_NETBSD_SYS_KERNEL_H_ */
