/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Waiting for readers that take no lock: pserialize(9).
 */
#ifndef _NETBSD_SYS_PSERIALIZE_H_
#define _NETBSD_SYS_PSERIALIZE_H_

#include "types.h"

struct pserialize;
typedef struct pserialize *pserialize_t;

__BEGIN_DECLS
/* Thread context. */
pserialize_t pserialize_create(void);
void	pserialize_destroy(pserialize_t);
/* Thread context.  Returns once every read section that was under way has ended. */
void	pserialize_perform(pserialize_t);

/* Any context; they nest.  No sleeping between the two. */
int	pserialize_read_enter(void);
void	pserialize_read_exit(int);
__END_DECLS

#endif /* !_NETBSD_SYS_PSERIALIZE_H_ */
