/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process on whose behalf a driver works (the client of a cdevsw call, or
 * the kernel's own), sleeping and waking: ltsleep(9), kpause(9).
 */
#ifndef _NETBSD_SYS_PROC_H_
#define _NETBSD_SYS_PROC_H_

#include "param.h"
#include "lwp.h"
#include "mutex.h"
#include "callout.h"

struct proc {
	pid_t		p_pid;
	char		p_comm[MAXCOMLEN + 1];
	struct kauth_cred *p_cred;
	int		p_flag;
	struct vmspace	*p_vmspace;	/* during a call; NULL for proc0 */
};

__BEGIN_DECLS
extern struct proc proc0;

struct proc *__pupci_curproc(void);

/*
 * Thread context.  pri: PCATCH lets a signal end the sleep; the rest chooses
 * nothing.  timo: ticks, 0 for ever.  The kernel lock is given up meanwhile.
 * Return: 0 woken, EWOULDBLOCK time is up, EINTR interrupted (with PCATCH).
 */
int	tsleep(const volatile void *, pri_t, const char *, int);
/* Also gives up the mutex, and takes it again unless PNORELOCK. */
int	mtsleep(const volatile void *, pri_t, const char *, int, kmutex_t *);
/* Sleeps timo ticks; the mutex may be NULL.  EWOULDBLOCK when time is up, EINTR. */
int	kpause(const char *, bool, int, kmutex_t *);
/* Any context. */
void	wakeup(const volatile void *);
void	wakeup_one(const volatile void *);
__END_DECLS

#define curproc	__pupci_curproc()

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "condvar.h"
#include "event.h"
#include "pool.h"
#include "rwlock.h"
#include "selinfo.h"
#include "time.h"
#include "uio.h"
#include "queue.h"
#endif

#endif /* !_NETBSD_SYS_PROC_H_ */
