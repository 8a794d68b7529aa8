/* SPDX-License-Identifier: BSD-2-Clause */
/* All of it is in sys/lock.h. */
#ifndef _NETBSD_MACHINE_LOCK_H_
#define _NETBSD_MACHINE_LOCK_H_

#include "../sys/lock.h"

#endif /* !_NETBSD_MACHINE_LOCK_H_ */
