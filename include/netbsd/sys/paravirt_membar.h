/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Order towards a device that is a program: paravirt_membar_sync(9).
 */
#ifndef _NETBSD_SYS_PARAVIRT_MEMBAR_H_
#define _NETBSD_SYS_PARAVIRT_MEMBAR_H_

#include "types.h"

__BEGIN_DECLS
/*
 * Any context.  All loads and stores before it are seen by the host before all
 * after it, however many CPUs the kernel has.
 */
void	paravirt_membar_sync(void);
__END_DECLS

#endif /* !_NETBSD_SYS_PARAVIRT_MEMBAR_H_ */
