/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): the descriptor of an interrupt.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/atomic.h>
#include <sys/event.h>
#include <sys/fcntl.h>
#include <sys/file.h>
#include <sys/filedesc.h>
#include <sys/ioctl.h>
#include <sys/poll.h>
#include <sys/proc.h>
#include <sys/select.h>
#include <sys/uio.h>

#include "pupcivar.h"
#include "pupci_compat.h"
#include "pupci_vector.h"

static volatile u_int pupci_files;

/* Descriptors that there are: the module stays as long. */
u_int
pupci_intr_files(void)
{

	return pupci_files;
}

/* With v_lock: whether a read would return at once. */
static bool
pupci_file_ready(const struct pupci_vector *v)
{

	return v->v_sc == NULL || (v->v_count != 0 && !v->v_masked);
}

static int
pupci_file_read(
    file_t *fp, off_t *offset, struct uio *uio, kauth_cred_t cred, int flags)
{
	struct pupci_vector *v = fp->f_data;
	uint32_t count = 0;
	u_int restarts;
	int error = 0;

	if (uio->uio_resid < sizeof(count))
		return EINVAL;
	mutex_enter(&v->v_lock);
	restarts = v->v_restarts;
	while (!pupci_file_ready(v) && error == 0) {
		if ((fp->f_flag & FNONBLOCK) != 0)
			error = EAGAIN;
		else
			error = cv_wait_sig(&v->v_cv, &v->v_lock);
		if (error == 0 && restarts != v->v_restarts)
			error = ERESTART;
	}
	if (error == 0 && v->v_sc == NULL)
		error = ENXIO;
	if (error == 0) {
		count = MIN(v->v_count, UINT32_MAX);
		v->v_count -= count;
	}
	mutex_exit(&v->v_lock);
	if (error != 0)
		return error;

	error = uiomove(&count, sizeof(count), uio);
	if (error != 0) {
		/* Not taken, then. */
		mutex_enter(&v->v_lock);
		v->v_count += count;
		pupci_vector_notify(v);
		mutex_exit(&v->v_lock);
	}
	return error;
}

static int
pupci_file_ioctl(file_t *fp, u_long cmd, void *data)
{
	struct pupci_vector *v = fp->f_data;
	int error = 0;

	if (cmd == FIONBIO || cmd == FIOASYNC)
		return 0;
	mutex_enter(&v->v_lock);
	if (v->v_sc == NULL) {
		mutex_exit(&v->v_lock);
		return ENXIO;
	}
	switch (cmd) {
	case PUPCI_IOC_INTR_ACKNOWLEDGE:
		pupci_vector_acknowledge(v);
		break;
	case PUPCI_IOC_INTR_MASK:
		pupci_vector_mask(v, true);
		break;
	case PUPCI_IOC_INTR_UNMASK:
		pupci_vector_mask(v, false);
		break;
	default:
		error = ENOTTY;
		break;
	}
	mutex_exit(&v->v_lock);
	return error;
}

static int
pupci_file_poll(file_t *fp, int events)
{
	struct pupci_vector *v = fp->f_data;
	int found = 0;

	mutex_enter(&v->v_lock);
	if (v->v_sc == NULL)
		found = POLLHUP;
	else if (!pupci_file_ready(v))
		selrecord(curlwp, &v->v_sel);
	else
		found = events & (POLLIN | POLLRDNORM);
	mutex_exit(&v->v_lock);
	return found;
}

static void
pupci_filt_detach(struct knote *kn)
{
	struct pupci_vector *v = kn->kn_hook;

	mutex_enter(&v->v_lock);
	selremove_knote(&v->v_sel, kn);
	mutex_exit(&v->v_lock);
}

static int
pupci_filt_event(struct knote *kn, long hint)
{
	struct pupci_vector *v = kn->kn_hook;
	bool ready;

	if (hint != NOTE_SUBMIT)
		mutex_enter(&v->v_lock);
	ready = pupci_file_ready(v);
	kn->kn_data = v->v_masked ? 0 : v->v_count;
	if (v->v_sc == NULL)
		kn->kn_flags |= EV_EOF;
	if (hint != NOTE_SUBMIT)
		mutex_exit(&v->v_lock);
	return ready;
}

static const struct filterops pupci_file_filtops = {
	PUPCI_FILTEROPS,
	.f_detach = pupci_filt_detach,
	.f_event = pupci_filt_event,
};

static int
pupci_file_kqfilter(file_t *fp, struct knote *kn)
{
	struct pupci_vector *v = fp->f_data;

	if (kn->kn_filter != EVFILT_READ)
		return EINVAL;
	kn->kn_fop = &pupci_file_filtops;
	kn->kn_hook = v;
	mutex_enter(&v->v_lock);
	selrecord_knote(&v->v_sel, kn);
	mutex_exit(&v->v_lock);
	return 0;
}

/*
 * The handler's side may be in use by a request, or end, at this moment; so
 * here only the descriptor goes, and the interrupt is masked.  The handler
 * goes when the vector is established anew, or released.
 */
static int
pupci_file_close(file_t *fp)
{
	struct pupci_vector *v = fp->f_data;
	bool ended;

	fp->f_data = NULL;
	mutex_enter(&v->v_lock);
	ended = v->v_sc == NULL;
	if (!ended)
		pupci_vector_mask(v, true);
	v->v_open = false;
	mutex_exit(&v->v_lock);
	if (ended)
		pupci_vector_free(v);
	atomic_dec_uint(&pupci_files);
	return 0;
}

/* Another thread closes it: who reads is to look again. */
static void
pupci_file_restart(file_t *fp)
{
	struct pupci_vector *v = fp->f_data;

	mutex_enter(&v->v_lock);
	v->v_restarts++;
	cv_broadcast(&v->v_cv);
	mutex_exit(&v->v_lock);
}

static const struct fileops pupci_fileops = {
	PUPCI_FILE_NAME.fo_read = pupci_file_read,
	.fo_write = fbadop_write,
	.fo_ioctl = pupci_file_ioctl,
	.fo_fcntl = fnullop_fcntl,
	.fo_poll = pupci_file_poll,
	.fo_stat = fbadop_stat,
	.fo_close = pupci_file_close,
	.fo_kqfilter = pupci_file_kqfilter,
	.fo_restart = pupci_file_restart,
};

/* 0 with the number of the new descriptor, or EMFILE, ENFILE. */
int
pupci_file_create(struct pupci_vector *v, int *fd)
{
	file_t *fp;
	int error;

	error = fd_allocfile(&fp, fd);
	if (error != 0)
		return error;
	fp->f_flag = FREAD | FWRITE;
	fp->f_type = DTYPE_MISC;
	fp->f_ops = &pupci_fileops;
	fp->f_data = v;
	v->v_open = true;
	atomic_inc_uint(&pupci_files);
	fd_affix(curproc, fp, *fd);
	return 0;
}
