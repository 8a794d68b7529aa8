/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Work done later by a thread that may sleep: workqueue(9).
 */
#ifndef _NETBSD_SYS_WORKQUEUE_H_
#define _NETBSD_SYS_WORKQUEUE_H_

#include "types.h"

/* Part of what the driver enqueues; need not be initialised. */
struct work {
	void *wk_dummy;
};

struct workqueue;
struct cpu_info;

#define WQ_MPSAFE	0x01	/* not under the kernel lock */
#define WQ_PERCPU	0x02	/* a thread for each CPU */

__BEGIN_DECLS
/*
 * Thread context.  ipl: of the highest-priority code that enqueues.  0, ENOMEM, EAGAIN.
 * The function gets one piece of work at a time, in order, and may free it.
 */
int	workqueue_create(struct workqueue **, const char *,
	    void (*)(struct work *, void *), void *, pri_t, int, int);
/* Thread context.  What was enqueued is done first. */
void	workqueue_destroy(struct workqueue *);
/* Any context.  Work must not be enqueued again before it has begun. */
void	workqueue_enqueue(struct workqueue *, struct work *, struct cpu_info *);
/* Thread context, not the queue's own.  Returns once this work is neither queued nor running. */
void	workqueue_wait(struct workqueue *, struct work *);
__END_DECLS

#endif /* !_NETBSD_SYS_WORKQUEUE_H_ */
