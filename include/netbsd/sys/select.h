/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * select(2) and poll(2) for drivers, selrecord(9).
 */
#ifndef _NETBSD_SYS_SELECT_H_
#define _NETBSD_SYS_SELECT_H_

#include "types.h"
#include "selinfo.h"

__BEGIN_DECLS
void	selinit(struct selinfo *);
/* Wakes who still waits; no knote may be left. */
void	seldestroy(struct selinfo *);
/* From a poll function that has nothing to report, with the driver's lock. */
void	selrecord(lwp_t *, struct selinfo *);
/* Any context up to IPL_SCHED; `events' 0: all.  Also knote()s the list. */
void	selnotify(struct selinfo *, int events, long hint);
void	selrecord_knote(struct selinfo *, struct knote *);
bool	selremove_knote(struct selinfo *, struct knote *);
/* A poll function for what is always ready. */
int	seltrue(dev_t, int, lwp_t *);
__END_DECLS

#endif /* !_NETBSD_SYS_SELECT_H_ */
