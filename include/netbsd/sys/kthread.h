/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel threads: kthread(9).
 */
#ifndef _NETBSD_SYS_KTHREAD_H_
#define _NETBSD_SYS_KTHREAD_H_

#include "param.h"
#include "proc.h"

#define KTHREAD_IDLE	0x01
#define KTHREAD_MPSAFE	0x02	/* not under the kernel lock */
#define KTHREAD_INTR	0x04
#define KTHREAD_TS	0x08
#define KTHREAD_MUSTJOIN	0x10	/* kthread_join() will be called */

__BEGIN_DECLS
/*
 * Thread context.  Priority and CPU choose nothing.  The function must end
 * with kthread_exit().  0, ENOMEM, EAGAIN.
 */
int	kthread_create(pri_t, int, struct cpu_info *, void (*)(void *), void *,
	    lwp_t **, const char *, ...) __printflike(7, 8);
void	kthread_exit(int) __dead;
/* Thread context.  Waits for the end of a KTHREAD_MUSTJOIN thread; its exit code. */
int	kthread_join(lwp_t *);
__END_DECLS

#endif /* !_NETBSD_SYS_KTHREAD_H_ */
