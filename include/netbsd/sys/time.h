/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types of time and their arithmetic: time(9), bintime(9), timeradd(3).
 */
#ifndef _NETBSD_SYS_TIME_H_
#define _NETBSD_SYS_TIME_H_

#include "types.h"

#ifdef __HOSTED_SEAM
#include <sys/time.h>
#include <ctime>
#else
struct timeval {
	time_t tv_sec;
	long tv_usec;		/* microseconds, as wide as the host's */
};
struct timespec {
	time_t tv_sec;
	long tv_nsec;		/* nanoseconds */
};
struct itimerval {
	struct timeval it_interval;
	struct timeval it_value;
};
struct itimerspec {
	struct timespec it_interval;
	struct timespec it_value;
};
#define CLOCK_REALTIME	0
#define CLOCK_MONOTONIC	1
#endif

#ifndef __NETBSD_LIBC	/* its libc has these, and not the ones below */
/* Seconds, and a fraction in units of 2^-64 s. */
struct bintime {
	time_t sec;
	uint64_t frac;
};

static inline void
bintime_addx(struct bintime *bt, uint64_t x)
{
	bt->frac += x;
	if (bt->frac < x)
		bt->sec++;
}

static inline void
bintime_add(struct bintime *bt, const struct bintime *other)
{
	bintime_addx(bt, other->frac);
	bt->sec += other->sec;
}

static inline void
bintime_sub(struct bintime *bt, const struct bintime *other)
{
	if (bt->frac < other->frac)
		bt->sec--;
	bt->frac -= other->frac;
	bt->sec -= other->sec;
}

#define bintimecmp(a, b, cmp)	\
	((a)->sec == (b)->sec ? ((a)->frac cmp (b)->frac) : ((a)->sec cmp (b)->sec))

/* value / units as a fraction of 2^64, for units below 2^32. */
static inline uint64_t
__bintime_fraction(uint64_t value, uint32_t units)
{
	uint64_t high = (value << 32) / units;
	uint64_t rest = (value << 32) % units;

	return (high << 32) + (rest << 32) / units;
}

static inline void
timespec2bintime(const struct timespec *ts, struct bintime *bt)
{
	bt->sec = ts->tv_sec;
	bt->frac = __bintime_fraction((uint64_t)ts->tv_nsec, 1000000000u);
}

static inline void
timeval2bintime(const struct timeval *tv, struct bintime *bt)
{
	bt->sec = tv->tv_sec;
	bt->frac = __bintime_fraction((uint64_t)tv->tv_usec, 1000000u);
}

static inline void
bintime2timespec(const struct bintime *bt, struct timespec *ts)
{
	ts->tv_sec = bt->sec;
	ts->tv_nsec = (long)(((bt->frac >> 32) * 1000000000u) >> 32);
}

static inline void
bintime2timeval(const struct bintime *bt, struct timeval *tv)
{
	tv->tv_sec = bt->sec;
	tv->tv_usec = (long)(((bt->frac >> 32) * 1000000u) >> 32);
}

static inline struct bintime
ms2bintime(uint64_t ms)
{
	struct bintime bt;

	bt.sec = (time_t)(ms / 1000u);
	bt.frac = __bintime_fraction(ms % 1000u, 1000u);
	return bt;
}

static inline struct bintime
us2bintime(uint64_t us)
{
	struct bintime bt;

	bt.sec = (time_t)(us / 1000000u);
	bt.frac = __bintime_fraction(us % 1000000u, 1000000u);
	return bt;
}

static inline struct bintime
ns2bintime(uint64_t ns)
{
	struct bintime bt;

	bt.sec = (time_t)(ns / 1000000000u);
	bt.frac = __bintime_fraction(ns % 1000000000u, 1000000000u);
	return bt;
}

#endif /* !__NETBSD_LIBC */

#define bintimeisset(bt)	((bt)->sec != 0 || (bt)->frac != 0)
#define bintimeclear(bt)	((bt)->sec = 0, (bt)->frac = 0)

static inline uint64_t
bintime2ms(const struct bintime *bt)
{
	return (uint64_t)bt->sec * 1000u + (((bt->frac >> 32) * 1000u) >> 32);
}

static inline uint64_t
bintime2us(const struct bintime *bt)
{
	return (uint64_t)bt->sec * 1000000u + (((bt->frac >> 32) * 1000000u) >> 32);
}

static inline uint64_t
bintime2ns(const struct bintime *bt)
{
	return (uint64_t)bt->sec * 1000000000u + (((bt->frac >> 32) * 1000000000u) >> 32);
}

#ifndef TIMEVAL_TO_TIMESPEC
#define TIMEVAL_TO_TIMESPEC(tv, ts) do {				\
	(ts)->tv_sec = (tv)->tv_sec;					\
	(ts)->tv_nsec = (tv)->tv_usec * 1000;				\
} while (0)
#define TIMESPEC_TO_TIMEVAL(tv, ts) do {				\
	(tv)->tv_sec = (ts)->tv_sec;					\
	(tv)->tv_usec = (ts)->tv_nsec / 1000;				\
} while (0)
#endif

#ifndef timerclear
#define timerclear(tv)		((tv)->tv_sec = (tv)->tv_usec = 0L)
#define timerisset(tv)		((tv)->tv_sec || (tv)->tv_usec)
#define timercmp(a, b, cmp)	((a)->tv_sec == (b)->tv_sec ?		\
	((a)->tv_usec cmp (b)->tv_usec) : ((a)->tv_sec cmp (b)->tv_sec))
#define timeradd(a, b, sum) do {					\
	(sum)->tv_sec = (a)->tv_sec + (b)->tv_sec;			\
	(sum)->tv_usec = (a)->tv_usec + (b)->tv_usec;			\
	if ((sum)->tv_usec >= 1000000L) {				\
		(sum)->tv_sec++;					\
		(sum)->tv_usec -= 1000000L;				\
	}								\
} while (0)
#define timersub(a, b, diff) do {					\
	(diff)->tv_sec = (a)->tv_sec - (b)->tv_sec;			\
	(diff)->tv_usec = (a)->tv_usec - (b)->tv_usec;			\
	if ((diff)->tv_usec < 0L) {					\
		(diff)->tv_sec--;					\
		(diff)->tv_usec += 1000000L;				\
	}								\
} while (0)
#endif

#ifndef timespeccmp
#define timespecclear(ts)	((ts)->tv_sec = (ts)->tv_nsec = 0L)
#define timespecisset(ts)	((ts)->tv_sec || (ts)->tv_nsec)
#define timespeccmp(a, b, cmp)	((a)->tv_sec == (b)->tv_sec ?		\
	((a)->tv_nsec cmp (b)->tv_nsec) : ((a)->tv_sec cmp (b)->tv_sec))
#define timespecadd(a, b, sum) do {					\
	(sum)->tv_sec = (a)->tv_sec + (b)->tv_sec;			\
	(sum)->tv_nsec = (a)->tv_nsec + (b)->tv_nsec;			\
	if ((sum)->tv_nsec >= 1000000000L) {				\
		(sum)->tv_sec++;					\
		(sum)->tv_nsec -= 1000000000L;				\
	}								\
} while (0)
#define timespecsub(a, b, diff) do {					\
	(diff)->tv_sec = (a)->tv_sec - (b)->tv_sec;			\
	(diff)->tv_nsec = (a)->tv_nsec - (b)->tv_nsec;			\
	if ((diff)->tv_nsec < 0L) {					\
		(diff)->tv_sec--;					\
		(diff)->tv_nsec += 1000000000L;				\
	}								\
} while (0)
#endif

#include "timevar.h"

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "queue.h"
#include "callout.h"
#endif

#endif /* !_NETBSD_SYS_TIME_H_ */
