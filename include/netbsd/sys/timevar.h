/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading the clocks (microtime(9), time_second(9)) and conversion to ticks
 * (tvtohz(9)).  All of them may be called in any context.
 */
#ifndef _NETBSD_SYS_TIMEVAR_H_
#define _NETBSD_SYS_TIMEVAR_H_

#include "types.h"
#include "time.h"

__BEGIN_DECLS
/* Wall-clock time. */
void	__KERNEL_NAME(bintime)(struct bintime *) __KERNEL_LINK(bintime);
void	nanotime(struct timespec *);
void	microtime(struct timeval *);
/* The same, as of the last tick: cheaper. */
void	getbintime(struct bintime *);
void	getnanotime(struct timespec *);
void	getmicrotime(struct timeval *);
/* Time since the start of the process; never steps back. */
void	binuptime(struct bintime *);
void	nanouptime(struct timespec *);
void	microuptime(struct timeval *);
void	getbinuptime(struct bintime *);
void	getnanouptime(struct timespec *);
void	getmicrouptime(struct timeval *);

time_t	time__second(void);
time_t	time__uptime(void);

/* Ticks for a span of time: at least as long, at least 1, at most INT_MAX. */
int	tvtohz(const struct timeval *);
int	tstohz(const struct timespec *);
/* Ticks from now to a wall-clock time; 0 if it is past. */
int	tvhzto(const struct timeval *);
int	tshzto(const struct timespec *);
/* EINVAL if out of range; rounds up to a tick. */
int	itimerfix(struct timeval *);
int	itimespecfix(struct timespec *);

/*
 * Whether to go on (ratecheck(9)): nonzero at most once an interval, and at
 * most `maxpps` times a second (always if that is negative).
 */
int	ratecheck(struct timeval *, const struct timeval *);
int	ppsratecheck(struct timeval *, int *, int);
__END_DECLS

#define time_second	time__second()
#define time_uptime	time__uptime()
#define time_second32	((uint32_t)time__second())
#define time_uptime32	((uint32_t)time__uptime())

#endif /* !_NETBSD_SYS_TIMEVAR_H_ */
