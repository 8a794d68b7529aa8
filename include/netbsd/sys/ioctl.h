/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ioctl(9).
 */
#ifndef _NETBSD_SYS_IOCTL_H_
#define _NETBSD_SYS_IOCTL_H_

#include "ioccom.h"
#include "filio.h"

#endif /* !_NETBSD_SYS_IOCTL_H_ */
