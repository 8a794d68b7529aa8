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

/*
 * spl(9).  Excludes nobody here: what is not MPSAFE runs under the kernel lock.
 * The level is recorded per thread, and a handler that returns at another level
 * than it was entered panics.
 */
typedef int ipl_t;
typedef struct {
	int _ipl;
} ipl_cookie_t;

static inline ipl_cookie_t
makeiplcookie(ipl_t ipl)
{
	ipl_cookie_t c;

	c._ipl = ipl;
	return c;
}

__BEGIN_DECLS
/* Each returns the level before, for splx(). */
int	splraiseipl(ipl_cookie_t);
int	splsoftclock(void);
int	splsoftbio(void);
int	splsoftnet(void);
int	splsoftserial(void);
int	splvm(void);
int	splsched(void);
int	splhigh(void);
int	spl0(void);
void	splx(int);

/*
 * softint(9).  Softints of one level run one after the other, in the order in
 * which they were scheduled.  They may take adaptive mutexes but not wait
 * otherwise.
 */
#define SOFTINT_BIO	0x0000u
#define SOFTINT_CLOCK	0x0001u
#define SOFTINT_SERIAL	0x0002u
#define SOFTINT_NET	0x0003u
#define SOFTINT_COUNT	0x0004u
#define SOFTINT_LVLMASK	0x00ffu
#define SOFTINT_MPSAFE	0x0100u	/* not under the kernel lock */
#define SOFTINT_RCPU	0x0200u	/* may be used with softint_schedule_cpu() */

struct cpu_info;
/* Thread context.  NULL if no memory. */
void	*softint_establish(u_int, void (*)(void *), void *);
/* Thread context.  Waits for the softint to return if it runs. */
void	softint_disestablish(void *);
/* Any context.  Runs once, however often it was scheduled before it began. */
void	softint_schedule(void *);
void	softint_schedule_cpu(void *, struct cpu_info *);
__END_DECLS

#define splbio()	splvm()
#define splnet()	splvm()
#define spltty()	splvm()
#define splimp()	splvm()
#define splaudio()	splsched()
#define splclock()	splsched()
#define splstatclock()	splsched()
#define splserial()	splhigh()
#define spllock()	splhigh()
#define splusb()	splsoftserial()
#define splsoftusb()	splsoftserial()

#endif /* !_NETBSD_SYS_INTR_H_ */
