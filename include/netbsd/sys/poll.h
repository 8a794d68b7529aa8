/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events that a driver's poll function is asked for and answers.
 */
#ifndef _NETBSD_SYS_POLL_H_
#define _NETBSD_SYS_POLL_H_

#include "types.h"

/* Hosted, a control server translates between libc's numbers and these. */
#ifdef __HOSTED_SEAM
#include <poll.h>
#else
#define POLLIN		0x0001
#define POLLPRI		0x0002
#define POLLOUT		0x0004
#define POLLERR		0x0008
#define POLLHUP		0x0010
#define POLLNVAL	0x0020
#define POLLRDNORM	0x0040
#define POLLRDBAND	0x0080
#define POLLWRNORM	POLLOUT
#define POLLWRBAND	0x0100
#endif

#endif /* !_NETBSD_SYS_POLL_H_ */
