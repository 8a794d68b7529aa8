/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one event of a device node: that the function has gone.  Who watches may
 * do so for longer than the device lasts, hence memory of its own.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/event.h>
#include <sys/kmem.h>
#include <sys/poll.h>
#include <sys/select.h>

#include "pupcivar.h"
#include "pupci_compat.h"

struct pupci_watch {
	kmutex_t w_lock;
	struct selinfo w_sel;
	u_int w_refs; /* the device's and its knotes' */
	bool w_gone;
};

struct pupci_watch *
pupci_watch_create(void)
{
	struct pupci_watch *w = kmem_zalloc(sizeof(*w), KM_SLEEP);

	mutex_init(&w->w_lock, MUTEX_DEFAULT, IPL_NONE);
	selinit(&w->w_sel);
	w->w_refs = 1;
	return w;
}

/* Called with w_lock held, which is gone afterwards. */
static void
pupci_watch_drop(struct pupci_watch *w)
{
	const bool last = --w->w_refs == 0;

	mutex_exit(&w->w_lock);
	if (!last)
		return;
	seldestroy(&w->w_sel);
	mutex_destroy(&w->w_lock);
	kmem_free(w, sizeof(*w));
}

void
pupci_watch_gone(struct pupci_watch *w)
{

	mutex_enter(&w->w_lock);
	w->w_gone = true;
	selnotify(&w->w_sel, 0, NOTE_SUBMIT);
	mutex_exit(&w->w_lock);
}

void
pupci_watch_release(struct pupci_watch *w)
{

	mutex_enter(&w->w_lock);
	pupci_watch_drop(w);
}

int
pupci_watch_poll(struct pupci_watch *w, struct lwp *l)
{
	int found = 0;

	mutex_enter(&w->w_lock);
	if (w->w_gone)
		found = POLLHUP;
	else
		selrecord(l, &w->w_sel);
	mutex_exit(&w->w_lock);
	return found;
}

static void
pupci_filt_detach(struct knote *kn)
{
	struct pupci_watch *w = kn->kn_hook;

	mutex_enter(&w->w_lock);
	selremove_knote(&w->w_sel, kn);
	pupci_watch_drop(w);
}

static int
pupci_filt_event(struct knote *kn, long hint)
{
	struct pupci_watch *w = kn->kn_hook;
	bool gone;

	if (hint != NOTE_SUBMIT)
		mutex_enter(&w->w_lock);
	gone = w->w_gone;
	if (hint != NOTE_SUBMIT)
		mutex_exit(&w->w_lock);
	kn->kn_data = 0;
	if (gone)
		kn->kn_flags |= EV_EOF;
	return gone;
}

static const struct filterops pupci_filtops = {
	PUPCI_FILTEROPS,
	.f_detach = pupci_filt_detach,
	.f_event = pupci_filt_event,
};

int
pupci_watch_kqfilter(struct pupci_watch *w, struct knote *kn)
{

	if (kn->kn_filter != EVFILT_READ)
		return EINVAL;
	kn->kn_fop = &pupci_filtops;
	kn->kn_hook = w;
	mutex_enter(&w->w_lock);
	w->w_refs++;
	selrecord_knote(&w->w_sel, kn);
	mutex_exit(&w->w_lock);
	return 0;
}
