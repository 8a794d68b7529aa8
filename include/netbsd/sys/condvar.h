/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Condition variables: condvar(9).  Waiters wake in the order in which they
 * came.  A wait may also end for no reason: callers test their condition again.
 */
#ifndef _NETBSD_SYS_CONDVAR_H_
#define _NETBSD_SYS_CONDVAR_H_

#include "types.h"
#include "mutex.h"

struct kcondvar {
	uint64_t cv_opaque[14];
};
typedef struct kcondvar kcondvar_t;

struct bintime;
extern const struct bintime *const DEFAULT_TIMEOUT_EPSILON __attribute__((__visibility__("default")));

__BEGIN_DECLS
void	cv_init(kcondvar_t *, const char * /* wmesg */);
void	cv_destroy(kcondvar_t *);	/* panics if anybody waits */

/*
 * Thread context, with the mutex held, and no spin mutex but that one.  The
 * mutex and the kernel lock are given up during the wait and held again at return.
 */
void	cv_wait(kcondvar_t *, kmutex_t *);
int	cv_wait_sig(kcondvar_t *, kmutex_t *);	/* 0, EINTR */
/* Ticks; 0 waits for ever.  0, EWOULDBLOCK; the _sig one also EINTR. */
int	cv_timedwait(kcondvar_t *, kmutex_t *, int);
int	cv_timedwait_sig(kcondvar_t *, kmutex_t *, int);
/* The time waited is taken off *bt.  epsilon: how much later is no matter. */
int	cv_timedwaitbt(kcondvar_t *, kmutex_t *, struct bintime *,
	    const struct bintime *);
int	cv_timedwaitbt_sig(kcondvar_t *, kmutex_t *, struct bintime *,
	    const struct bintime *);

/* Any context. */
void	cv_signal(kcondvar_t *);
void	cv_broadcast(kcondvar_t *);

bool	cv_has_waiters(kcondvar_t *);
bool	cv_is_valid(kcondvar_t *);	/* for assertions only */
__END_DECLS

#endif /* !_NETBSD_SYS_CONDVAR_H_ */
