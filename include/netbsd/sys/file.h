/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open files, as far as a device driver sees them.
 */
#ifndef _NETBSD_SYS_FILE_H_
#define _NETBSD_SYS_FILE_H_

#include "fcntl.h"
#include "types.h"

struct file;

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "queue.h"
#include "mutex.h"
#include "condvar.h"
#endif

#endif /* !_NETBSD_SYS_FILE_H_ */
