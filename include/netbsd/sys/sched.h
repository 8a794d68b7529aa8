/* SPDX-License-Identifier: BSD-2-Clause */
/* Giving way to other threads; all of it is in sys/lwp.h. */
#ifndef _NETBSD_SYS_SCHED_H_
#define _NETBSD_SYS_SCHED_H_

#include "lwp.h"

#define SPINLOCK_BACKOFF_MIN	4
#define SPINLOCK_BACKOFF_MAX	128

#endif /* !_NETBSD_SYS_SCHED_H_ */
