/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ioctl commands that every descriptor understands.
 */
#ifndef _NETBSD_SYS_FILIO_H_
#define _NETBSD_SYS_FILIO_H_

#include "types.h"
#include "ioccom.h"

/* Hosted, libc's constants of these names have other values. */
#undef FIOCLEX
#undef FIONCLEX
#undef FIONREAD
#undef FIONBIO
#undef FIOASYNC
#undef FIOSETOWN
#undef FIOGETOWN
#define FIOCLEX		_IO('f', 1)
#define FIONCLEX	_IO('f', 2)
#define FIOSEEKDATA	_IOWR('f', 97, off_t)
#define FIOSEEKHOLE	_IOWR('f', 98, off_t)
#define FIONREAD	_IOR('f', 127, int)
#define FIONBIO		_IOW('f', 126, int)
#define FIOASYNC	_IOW('f', 125, int)
#define FIOSETOWN	_IOW('f', 124, int)
#define FIOGETOWN	_IOR('f', 123, int)
#define FIONWRITE	_IOR('f', 121, int)
#define FIONSPACE	_IOR('f', 120, int)

#endif /* !_NETBSD_SYS_FILIO_H_ */
