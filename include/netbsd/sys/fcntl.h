/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flags with which a device is opened: the F names are what a driver's open
 * and ioctl functions get.
 */
#ifndef _NETBSD_SYS_FCNTL_H_
#define _NETBSD_SYS_FCNTL_H_

#include "types.h"

#ifdef __HOSTED_SEAM
#include <fcntl.h>
#else
#define O_RDONLY	0x00000000
#define O_WRONLY	0x00000001
#define O_RDWR		0x00000002
#define O_ACCMODE	0x00000003
#define O_NONBLOCK	0x00000004
#define O_NDELAY	O_NONBLOCK
#define O_APPEND	0x00000008
#define O_ASYNC		0x00000040
#define O_SYNC		0x00000080
#define O_CREAT		0x00000200
#define O_TRUNC		0x00000400
#define O_EXCL		0x00000800
#define O_CLOEXEC	0x00400000
#define F_GETFL		3
#define F_SETFL		4
#endif

#undef FREAD
#undef FWRITE
#undef FAPPEND
#undef FASYNC
#undef FFSYNC
#undef FNONBLOCK
#undef FNDELAY
#define FREAD		0x00000001
#define FWRITE		0x00000002
#define FNONBLOCK	0x00000004
#define FNDELAY		FNONBLOCK
#define FAPPEND		0x00000008
#define FASYNC		0x00000040
#define FFSYNC		0x00000080
#define FKIOCTL		0x80000000	/* the ioctl comes from the kernel */

#endif /* !_NETBSD_SYS_FCNTL_H_ */
