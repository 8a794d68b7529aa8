/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls on other CPUs: xcall(9).  There is one CPU, but many threads on it:
 * before the function runs, every interrupt handler, softint, callout and
 * stretch with preemption disabled that was under way has ended, or waits for a
 * lock.
 */
#ifndef _NETBSD_SYS_XCALL_H_
#define _NETBSD_SYS_XCALL_H_

#include "types.h"

typedef void (*xcfunc_t)(void *, void *);
struct cpu_info;

#define XC_HIGHPRI	0x01	/* in a softint at IPL_SOFTSERIAL, else in a thread */
#define XC_IPL_SHIFT	8
#define XC_HIGHPRI_IPL(ipl)	(XC_HIGHPRI | ((u_int)(ipl) << XC_IPL_SHIFT))

__BEGIN_DECLS
/* Thread context.  Each returns at once a number for xc_wait(). */
uint64_t xc_broadcast(u_int, xcfunc_t, void *, void *);
uint64_t xc_unicast(u_int, xcfunc_t, void *, void *, struct cpu_info *);
void	xc_wait(uint64_t);
/* Both in one, with a function that does nothing. */
void	xc_barrier(u_int);
__END_DECLS

#endif /* !_NETBSD_SYS_XCALL_H_ */
