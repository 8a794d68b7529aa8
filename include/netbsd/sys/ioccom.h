/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Encoding of ioctl commands, ioctl(9): direction in the top three bits, then
 * 13 bits of argument size, the group and the number.
 */
#ifndef _NETBSD_SYS_IOCCOM_H_
#define _NETBSD_SYS_IOCCOM_H_

#if defined(__STDC_HOSTED__) && __STDC_HOSTED__
#include <sys/ioctl.h>	/* first: these take the place of its names */
#ifdef __NetBSD__
#define __NETBSD_IOCCOM	1	/* they are these very names */
#endif
#endif

#ifndef __NETBSD_IOCCOM
#undef _IOC
#undef _IO
#undef _IOR
#undef _IOW
#undef _IOWR
#undef IOC_IN
#undef IOC_OUT
#undef IOC_INOUT

#define IOCPARM_SHIFT	16
#define IOCPARM_MASK	0x1fff
#define IOCGROUP_SHIFT	8
#define IOCPARM_LEN(x)	(((x) >> IOCPARM_SHIFT) & IOCPARM_MASK)
#define IOCBASECMD(x)	((x) & ~(IOCPARM_MASK << IOCPARM_SHIFT))
#define IOCGROUP(x)	(((x) >> IOCGROUP_SHIFT) & 0xff)

#define IOC_VOID	0x20000000ul	/* no argument */
#define IOC_OUT		0x40000000ul	/* the driver fills it in */
#define IOC_IN		0x80000000ul	/* the caller gives it */
#define IOC_INOUT	(IOC_IN | IOC_OUT)
#define IOC_DIRMASK	0xe0000000ul

#define _IOC(inout, group, num, len)	\
	((inout) | (((len) & IOCPARM_MASK) << IOCPARM_SHIFT) |	\
	 ((group) << IOCGROUP_SHIFT) | (num))
#define _IO(g, n)	_IOC(IOC_VOID, (g), (n), 0)
#define _IOR(g, n, t)	_IOC(IOC_OUT, (g), (n), sizeof(t))
#define _IOW(g, n, t)	_IOC(IOC_IN, (g), (n), sizeof(t))
#define _IOWR(g, n, t)	_IOC(IOC_INOUT, (g), (n), sizeof(t))

#endif /* !__NETBSD_IOCCOM */

#undef IOCPARM_MAX
#define IOCPARM_MAX	4096

#endif /* !_NETBSD_SYS_IOCCOM_H_ */
