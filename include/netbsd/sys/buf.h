/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of buffer(9), for what passes pointers to buffers around; there are
 * none here.
 */
#ifndef _NETBSD_SYS_BUF_H_
#define _NETBSD_SYS_BUF_H_

#include "types.h"
#include "queue.h"

struct buf;	/* buf_t is in sys/types.h */

#endif /* !_NETBSD_SYS_BUF_H_ */
