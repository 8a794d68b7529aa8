/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel lock (KERNEL_LOCK(9)), ASSERT_SLEEPABLE(9), and the bare
 * spin lock of lock(9).
 */
#ifndef _NETBSD_SYS_LOCK_H_
#define _NETBSD_SYS_LOCK_H_

#include "types.h"

__BEGIN_DECLS
void	_kernel_lock(int);
void	_kernel_unlock(int, int *);
bool	_kernel_locked_p(void);
void	assert_sleepable(void);
__END_DECLS

/* Recursive; given up while its holder sleeps.  Not with a spin mutex held. */
#define KERNEL_LOCK(count, lwp)			\
do {						\
	if ((count) != 0)			\
		_kernel_lock((count));		\
} while (0)
/* all: 0 gives up every hold, -1 the one and last, else so many; *p: how many it were. */
#define KERNEL_UNLOCK(all, lwp, p)	_kernel_unlock((all), (p))
#define KERNEL_UNLOCK_ALL(lwp, p)	KERNEL_UNLOCK(0, lwp, p)
#define KERNEL_UNLOCK_ONE(lwp)		KERNEL_UNLOCK(1, lwp, (int *)NULL)
#define KERNEL_UNLOCK_LAST(lwp)		KERNEL_UNLOCK(-1, lwp, (int *)NULL)
#define KERNEL_LOCKED_P()		_kernel_locked_p()

#define ASSERT_SLEEPABLE()		assert_sleepable()

/* Bare spin locks: no owner, no level, no checks. */
#define __SIMPLELOCK_UNLOCKED	0
#define __SIMPLELOCK_LOCKED	1
typedef volatile unsigned char __cpu_simple_lock_t;

static inline void
__cpu_simple_lock_init(__cpu_simple_lock_t *lp)
{
	__atomic_store_n(lp, __SIMPLELOCK_UNLOCKED, __ATOMIC_RELAXED);
}

static inline int
__cpu_simple_lock_try(__cpu_simple_lock_t *lp)
{
	return __atomic_exchange_n(lp, __SIMPLELOCK_LOCKED, __ATOMIC_ACQUIRE) ==
	    __SIMPLELOCK_UNLOCKED;
}

static inline void
__cpu_simple_lock(__cpu_simple_lock_t *lp)
{
	while (!__cpu_simple_lock_try(lp))
		while (__atomic_load_n(lp, __ATOMIC_RELAXED) != __SIMPLELOCK_UNLOCKED)
			continue;
}

static inline void
__cpu_simple_unlock(__cpu_simple_lock_t *lp)
{
	__atomic_store_n(lp, __SIMPLELOCK_UNLOCKED, __ATOMIC_RELEASE);
}

#endif /* !_NETBSD_SYS_LOCK_H_ */
