/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader/writer locks: rwlock(9).  Not for interrupt handlers, nor with a spin
 * mutex held.  Waiting writers go before new readers, so a reader must not
 * enter twice.  Whoever waits gives up the kernel lock meanwhile.
 */
#ifndef _NETBSD_SYS_RWLOCK_H_
#define _NETBSD_SYS_RWLOCK_H_

#include "types.h"

typedef enum krw_t {
	RW_READER = 0,
	RW_WRITER = 1
} krw_t;

struct krwlock {
	uint64_t rw_opaque[20];
};
typedef struct krwlock krwlock_t;

__BEGIN_DECLS
/* Thread context. */
void	rw_init(krwlock_t *);
void	rw_destroy(krwlock_t *);	/* panics if held */

void	rw_enter(krwlock_t *, const krw_t);
void	rw_exit(krwlock_t *);
/* Nonzero if taken; 0 at once if that would mean to wait. */
int	rw_tryenter(krwlock_t *, const krw_t);
/* From reader to writer: nonzero if this was the only reader. */
int	rw_tryupgrade(krwlock_t *);
void	rw_downgrade(krwlock_t *);

/* For assertions only.  Readers are not known by name. */
int	rw_read_held(krwlock_t *);
int	rw_write_held(krwlock_t *);	/* by the calling thread */
int	rw_lock_held(krwlock_t *);
krw_t	rw_lock_op(krwlock_t *);	/* how it is held */

krwlock_t *rw_obj_alloc(void);
krwlock_t *rw_obj_tryalloc(void);	/* NULL if no memory */
void	rw_obj_hold(krwlock_t *);
bool	rw_obj_free(krwlock_t *);	/* true if that was the last reference */
u_int	rw_obj_refcnt(krwlock_t *);
__END_DECLS

#endif /* !_NETBSD_SYS_RWLOCK_H_ */
