/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel event filters of drivers, kqueue(2) and knote(9).
 */
#ifndef _NETBSD_SYS_EVENT_H_
#define _NETBSD_SYS_EVENT_H_

#include "types.h"

#define EVFILT_READ	0u
#define EVFILT_WRITE	1u
#define EVFILT_AIO	2u
#define EVFILT_VNODE	3u
#define EVFILT_PROC	4u
#define EVFILT_SIGNAL	5u
#define EVFILT_TIMER	6u
#define EVFILT_FS	7u
#define EVFILT_USER	8u
#define EVFILT_EMPTY	9u
#define EVFILT_SYSCOUNT	10u

#define EV_ADD		0x0001u
#define EV_DELETE	0x0002u
#define EV_ENABLE	0x0004u
#define EV_DISABLE	0x0008u
#define EV_ONESHOT	0x0010u
#define EV_CLEAR	0x0020u
#define EV_RECEIPT	0x0040u
#define EV_DISPATCH	0x0080u
#define EV_FLAG1	0x2000u
#define EV_ERROR	0x4000u
#define EV_EOF		0x8000u
#define EV_SYSFLAGS	0xf000u

#define NOTE_SUBMIT	0x01000000u	/* hint: the first knote of a filter */
#define NOTE_LOWAT	0x0001u

struct kevent {
	uintptr_t	ident;
	uint32_t	filter;
	uint32_t	flags;
	uint32_t	fflags;
	int64_t		data;
	void		*udata;
};

struct knote;

#define FILTEROP_ISFD	0x01	/* the ident is a descriptor */
#define FILTEROP_MPSAFE	0x02	/* f_event runs without the kernel lock */
#define f_isfd		f_flags	/* as it was called up to NetBSD 9 */

struct filterops {
	int	f_flags;
	int	(*f_attach)(struct knote *);
	void	(*f_detach)(struct knote *);
	int	(*f_event)(struct knote *, long hint);
	int	(*f_touch)(struct knote *, struct kevent *, long);
};

struct klist {
	struct knote	*slh_first;
};

/* kn_hook is the driver's; the rest is read by its filter functions. */
struct knote {
	struct {
		struct knote *sle_next;
	}			kn_selnext;
	struct kevent		kn_kevent;
	uint32_t		kn_status;
	uint32_t		kn_sfflags;
	uintptr_t		kn_sdata;
	void			*kn_obj;
	const struct filterops	*kn_fop;
	void			*kn_hook;
	void			*kn_kq;		/* of src/kern/kqueue.cc */
#define kn_id		kn_kevent.ident
#define kn_filter	kn_kevent.filter
#define kn_flags	kn_kevent.flags
#define kn_fflags	kn_kevent.fflags
#define kn_data		kn_kevent.data
};

__BEGIN_DECLS
/* Any context; the driver holds the lock that protects the list. */
void	__KERNEL_NAME(knote)(struct klist *, long hint) __KERNEL_LINK(knote);
void	knote_set_eof(struct knote *, uint32_t flags);
void	knote_clear_eof(struct knote *);
void	klist_init(struct klist *);
void	klist_fini(struct klist *);
void	klist_insert(struct klist *, struct knote *);
bool	klist_remove(struct klist *, struct knote *);	/* true: empty now */
int	filt_seltrue(struct knote *, long);
int	seltrue_kqfilter(dev_t, struct knote *);
extern const struct filterops seltrue_filtops;
extern const struct filterops seltrue_filterops;
__END_DECLS

#define KNOTE(list, hint)	\
	do {	\
		if ((list)->slh_first != NULL)	\
			__KERNEL_NAME(knote)((list), (hint));	\
	} while (0)

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "queue.h"
#include "ioctl.h"
#include "systm.h"
#endif

#endif /* !_NETBSD_SYS_EVENT_H_ */
