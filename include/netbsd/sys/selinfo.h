/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who waits for a device to become ready.
 */
#ifndef _NETBSD_SYS_SELINFO_H_
#define _NETBSD_SYS_SELINFO_H_

#include "event.h"

struct selinfo {
	struct klist	sel_klist;	/* the driver's lock protects it */
	uint64_t	sel_opaque[3];
};

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "queue.h"
#endif

#endif /* !_NETBSD_SYS_SELINFO_H_ */
