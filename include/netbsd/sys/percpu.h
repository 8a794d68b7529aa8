/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Storage of which each processor has its own copy (percpu(9)).  Here a
 * processor is whoever holds a reference: several threads at once have
 * different copies.
 */
#ifndef _NETBSD_SYS_PERCPU_H_
#define _NETBSD_SYS_PERCPU_H_

#include "types.h"

struct cpu_info;
typedef struct percpu percpu_t;
typedef void (*percpu_callback_t)(void *, void *, struct cpu_info *);

__BEGIN_DECLS
/* Zeroed.  Thread context. */
percpu_t	*percpu_alloc(size_t);
percpu_t	*percpu_create(size_t, percpu_callback_t, percpu_callback_t, void *);
void	percpu_free(percpu_t *, size_t);
/*
 * The caller must not sleep between the two.  Nested references of a thread
 * are to the same processor.  Any context.
 */
void	*percpu_getref(percpu_t *);
void	percpu_putref(percpu_t *);
/* For every copy: the copy, the argument, the processor.  Thread context. */
void	percpu_foreach(percpu_t *, percpu_callback_t, void *);
void	percpu_foreach_xcall(percpu_t *, u_int, percpu_callback_t, void *);
__END_DECLS

#endif /* !_NETBSD_SYS_PERCPU_H_ */
