/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Initialisation that is done once: RUN_ONCE(9).
 */
#ifndef _NETBSD_SYS_ONCE_H_
#define _NETBSD_SYS_ONCE_H_

#include "types.h"

typedef struct {
	int		o_error;
	unsigned short	o_refcnt;
	unsigned short	o_status;
} once_t;

#define ONCE_VIRGIN	0
#define ONCE_RUNNING	1
#define ONCE_DONE	2
#define ONCE_DECL(name)	once_t name = { 0, 0, ONCE_VIRGIN }

__BEGIN_DECLS
int	_init_once(once_t *, int (*)(void));
void	_fini_once(once_t *, void (*)(void));
__END_DECLS

/* Thread context.  Everybody gets what the function returned, once it has. */
#define RUN_ONCE(o, fn)		\
	(__atomic_load_n(&(o)->o_status, __ATOMIC_ACQUIRE) == ONCE_DONE ? \
	    (o)->o_error : _init_once((o), (fn)))
/* Counted: the last FINI_ONCE calls its function, and the next INIT_ONCE starts afresh. */
#define INIT_ONCE(o, fn)	_init_once((o), (fn))
#define FINI_ONCE(o, fn)	_fini_once((o), (fn))

#endif /* !_NETBSD_SYS_ONCE_H_ */
