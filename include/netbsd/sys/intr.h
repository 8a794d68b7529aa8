/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupt priority levels (spl(9)) and software interrupts (softint(9)).
 */
#ifndef _NETBSD_SYS_INTR_H_
#define _NETBSD_SYS_INTR_H_

#include "types.h"

#define IPL_NONE	0
#define IPL_SOFTCLOCK	1
#define IPL_SOFTBIO	2
#define IPL_SOFTNET	3
#define IPL_SOFTSERIAL	4
#define IPL_VM		5
#define IPL_SCHED	6
#define IPL_HIGH	7

/* Other names for the same levels. */
#define IPL_SOFTUSB	IPL_SOFTSERIAL
#define IPL_BIO		IPL_VM
#define IPL_NET		IPL_VM
#define IPL_TTY		IPL_VM
#define IPL_AUDIO	IPL_SCHED
#define IPL_USB		IPL_SOFTUSB
#define IPL_SERIAL	IPL_HIGH
#define IPL_CLOCK	IPL_SCHED
#define IPL_STATCLOCK	IPL_SCHED
#define IPL_LOCK	IPL_HIGH
#define IPL_IPI		IPL_HIGH

#endif /* !_NETBSD_SYS_INTR_H_ */
