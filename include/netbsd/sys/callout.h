/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions called after some time: callout(9).  They run one after the
 * other on one thread, as a softint does at IPL_SOFTCLOCK: they may take
 * adaptive mutexes but not wait otherwise.
 */
#ifndef _NETBSD_SYS_CALLOUT_H_
#define _NETBSD_SYS_CALLOUT_H_

#include "types.h"
#include "mutex.h"

typedef struct callout {
	uint64_t _c_opaque[14];
} callout_t;

#define CALLOUT_MPSAFE	0x0100	/* not under the kernel lock */
#define CALLOUT_FLAGMASK	0xff00

struct cpu_info;

__BEGIN_DECLS
void	callout_init(callout_t *, u_int);
/* Panics if it is pending, or runs in another thread. */
void	callout_destroy(callout_t *);

/* Any context.  Time in ticks, counted from now; a pending callout is put off. */
void	callout_setfunc(callout_t *, void (*)(void *), void *);
void	callout_reset(callout_t *, int, void (*)(void *), void *);
void	callout_schedule(callout_t *, int);

/* Any context.  True if it had expired already.  It may still run. */
bool	callout_stop(callout_t *);
/*
 * Thread context, or the callout itself.  The same, but returns once it no
 * longer runs; the interlock (may be NULL) and the kernel lock are given up
 * while waiting.  What it reschedules meanwhile is cancelled too.
 */
bool	callout_halt(callout_t *, void * /* kmutex_t * */);

bool	callout_pending(callout_t *);	/* scheduled and not begun */
bool	callout_expired(callout_t *);	/* begun, and not scheduled again */
bool	callout_active(callout_t *);	/* either */
bool	callout_invoking(callout_t *);	/* begun and not acknowledged */
void	callout_ack(callout_t *);
/* On which CPU it runs from now on.  Not while pending. */
void	callout_bind(callout_t *, struct cpu_info *);
__END_DECLS

#endif /* !_NETBSD_SYS_CALLOUT_H_ */
