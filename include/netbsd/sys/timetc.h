/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time counters: timecounter(9).  Time is the host's monotonic clock, whose
 * quality is beyond that of any device; others are registered and kept as
 * what they are then: a choice nobody makes.
 */
#ifndef _NETBSD_SYS_TIMETC_H_
#define _NETBSD_SYS_TIMETC_H_

#include "types.h"

struct timecounter;
typedef u_int timecounter_get_t(struct timecounter *);
typedef void timecounter_pps_t(struct timecounter *);

struct timecounter {
	timecounter_get_t	*tc_get_timecount;	/* need not start at 0 */
	timecounter_pps_t	*tc_poll_pps;		/* or NULL */
	u_int			tc_counter_mask;	/* the bits that count */
	uint64_t		tc_frequency;		/* Hz */
	const char		*tc_name;
	int			tc_quality;		/* negative: never to be chosen */
	void			*tc_priv;
	struct timecounter	*tc_next;
};

__BEGIN_DECLS
/* Thread context. */
void	tc_init(struct timecounter *);
int	tc_detach(struct timecounter *);	/* 0, or -1 if it is not registered */
uint64_t tc_getfrequency(void);			/* of the one in use */
__END_DECLS

#endif /* !_NETBSD_SYS_TIMETC_H_ */
