/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Priorities of messages and log(9).
 */
#ifndef _NETBSD_SYS_SYSLOG_H_
#define _NETBSD_SYS_SYSLOG_H_

#include "cdefs.h"
#include "stdarg.h"

#ifdef __HOSTED_SEAM
#include <syslog.h>
#else
#define LOG_EMERG	0
#define LOG_ALERT	1
#define LOG_CRIT	2
#define LOG_ERR		3
#define LOG_WARNING	4
#define LOG_NOTICE	5
#define LOG_INFO	6
#define LOG_DEBUG	7
#define LOG_PRIMASK	0x07
#define LOG_PRI(p)	((p) & LOG_PRIMASK)
#define LOG_KERN	(0 << 3)
#define LOG_USER	(1 << 3)
#define LOG_DAEMON	(3 << 3)
#endif

__BEGIN_DECLS
/*
 * A message of a priority LOG_*, for console and message buffer.  addlog()
 * goes on with the line that log() began without ending it.  Any context.
 */
void	__KERNEL_NAME(log)(int, const char *, ...) __KERNEL_LINK(log) __printflike(2, 3);
void	__KERNEL_NAME(vlog)(int, const char *, va_list) __KERNEL_LINK(vlog) __printflike(2, 0);
void	addlog(const char *, ...) __printflike(1, 2);
__END_DECLS

#endif /* !_NETBSD_SYS_SYSLOG_H_ */
