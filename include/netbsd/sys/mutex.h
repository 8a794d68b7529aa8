/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Mutual exclusion locks: mutex(9).
 *
 * A mutex initialised at IPL_VM or above is a spin mutex: it may be taken in
 * interrupt handlers, and who holds one must not sleep.  All others are
 * adaptive: not for handlers, and whoever waits for one gives up the kernel
 * lock meanwhile.  Misuse panics and names the caller.
 */
#ifndef _NETBSD_SYS_MUTEX_H_
#define _NETBSD_SYS_MUTEX_H_

#include "types.h"
#include "intr.h"

typedef enum kmutex_type_t {
	MUTEX_SPIN = 0,		/* spins whatever the level */
	MUTEX_ADAPTIVE = 1,
	MUTEX_DEFAULT = 2,	/* what the level asks for */
	MUTEX_DRIVER = 3,	/* the same, older name */
	MUTEX_NODEBUG = 4
} kmutex_type_t;

struct kmutex {
	uint64_t mtx_opaque[10];
};
typedef struct kmutex kmutex_t;

__BEGIN_DECLS
/* Thread context.  ipl: of the highest-priority code that takes the mutex. */
void	mutex_init(kmutex_t *, kmutex_type_t, int /* ipl */);
void	mutex_destroy(kmutex_t *);

void	mutex_enter(kmutex_t *);
void	mutex_exit(kmutex_t *);
/* Nonzero if the mutex was taken; 0 at once if somebody holds it. */
int	mutex_tryenter(kmutex_t *);
/* The same for mutexes known to spin. */
void	mutex_spin_enter(kmutex_t *);
void	mutex_spin_exit(kmutex_t *);

/* Nonzero if the calling thread holds it.  For assertions only. */
int	mutex_owned(const kmutex_t *);
/* Panics if the calling thread holds it already, else 1.  For assertions only. */
int	mutex_ownable(const kmutex_t *);
lwp_t	*mutex_owner(const kmutex_t *);

/* Mutexes on the heap, counted by reference: mutex_obj(9). */
kmutex_t *mutex_obj_alloc(kmutex_type_t, int);
kmutex_t *mutex_obj_tryalloc(kmutex_type_t, int);	/* NULL if no memory */
void	mutex_obj_hold(kmutex_t *);
bool	mutex_obj_free(kmutex_t *);	/* true if that was the last reference */
u_int	mutex_obj_refcnt(kmutex_t *);
__END_DECLS

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "queue.h"
#endif

#endif /* !_NETBSD_SYS_MUTEX_H_ */
