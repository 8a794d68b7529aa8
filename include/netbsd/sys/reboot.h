/* SPDX-License-Identifier: BSD-2-Clause */
/* How talkative to be at attach: bits of `boothowto`. */
#ifndef _NETBSD_SYS_REBOOT_H_
#define _NETBSD_SYS_REBOOT_H_

#include "cdefs.h"

#ifndef __HOSTED_SEAM
#define RB_AUTOBOOT	0x00000000
#define RB_ASKNAME	0x00000001
#define RB_SINGLE	0x00000002
#define RB_KDB		0x00000040
#define RB_HALT		0x00000008
#endif
#define AB_NORMAL	0x00000000
#define AB_QUIET	0x00010000
#define AB_VERBOSE	0x00020000
#define AB_SILENT	0x00040000
#define AB_DEBUG	0x00080000

#define bootverbose	(boothowto & AB_VERBOSE)
#define bootquiet	(boothowto & AB_QUIET)

__BEGIN_DECLS
extern int	boothowto;
__END_DECLS

#endif /* !_NETBSD_SYS_REBOOT_H_ */
