/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edu(4): /dev/edu, see eduio.h.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/conf.h>
#include <sys/device.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include "edureg.h"
#include "eduio.h"
#include "eduvar.h"

#include "ioconf.h"

static dev_type_open(edu_open);
static dev_type_close(edu_close);
static dev_type_read(edu_read);
static dev_type_write(edu_write);
static dev_type_ioctl(edu_ioctl);

const struct cdevsw edu_cdevsw = {
	.d_open = edu_open,
	.d_close = edu_close,
	.d_read = edu_read,
	.d_write = edu_write,
	.d_ioctl = edu_ioctl,
	.d_stop = nostop,
	.d_tty = notty,
	.d_poll = nopoll,
	.d_mmap = nommap,
	.d_kqfilter = nokqfilter,
	.d_discard = nodiscard,
	.d_flag = D_OTHER | D_MPSAFE,
};

static int
edu_transfer(dev_t dev, struct uio *uio, enum uio_rw rw)
{
	struct edu_softc *sc = device_lookup_private(&edu_cd, minor(dev));
	off_t offset = uio->uio_offset;
	size_t count;
	int error;

	if (sc == NULL || sc->sc_ih == NULL)
		return ENXIO;
	if (offset < 0)
		return EINVAL;
	if (offset >= EDU_BUFFER_SIZE)
		return rw == UIO_WRITE ? ENOSPC : 0;
	count = MIN(uio->uio_resid, (size_t)(EDU_BUFFER_SIZE - offset));
	if (count == 0)
		return 0;

	error = edu_begin(sc);
	if (error != 0)
		return error;
	/* sc_busy guards the buffer; copying may fault, so not under sc_lock.
	 */
	if (rw == UIO_WRITE) {
		mutex_exit(&sc->sc_lock);
		error = uiomove(sc->sc_buf, count, uio);
		mutex_enter(&sc->sc_lock);
		if (error == 0)
			error = edu_dma(sc, offset, count, rw);
	} else {
		error = edu_dma(sc, offset, count, rw);
		mutex_exit(&sc->sc_lock);
		if (error == 0)
			error = uiomove(sc->sc_buf, count, uio);
		mutex_enter(&sc->sc_lock);
	}
	edu_end(sc);
	return error;
}

static int
edu_read(dev_t dev, struct uio *uio, int flags)
{

	return edu_transfer(dev, uio, UIO_READ);
}

static int
edu_write(dev_t dev, struct uio *uio, int flags)
{

	return edu_transfer(dev, uio, UIO_WRITE);
}

static int
edu_open(dev_t dev, int flags, int mode, struct lwp *l)
{
	struct edu_softc *sc = device_lookup_private(&edu_cd, minor(dev));

	return sc == NULL || sc->sc_ih == NULL ? ENXIO : 0;
}

static int
edu_close(dev_t dev, int flags, int mode, struct lwp *l)
{

	return 0;
}

static int
edu_ioctl(dev_t dev, u_long cmd, void *data, int flag, struct lwp *l)
{
	struct edu_softc *sc = device_lookup_private(&edu_cd, minor(dev));
	struct edu_info *info = data;
	uint32_t *value = data;

	if (sc == NULL || sc->sc_ih == NULL)
		return ENXIO;

	switch (cmd) {
	case EDUIOC_INFO:
		mutex_enter(&sc->sc_lock);
		info->ei_id = edu_read_reg(sc, EDU_ID);
		info->ei_intrs = sc->sc_intr_ev.ev_count;
		info->ei_vectored = sc->sc_msi;
		info->ei_dmas = sc->sc_dmas;
		mutex_exit(&sc->sc_lock);
		return 0;
	case EDUIOC_LIVENESS:
		return edu_liveness(sc, value);
	case EDUIOC_FACTORIAL:
		return edu_factorial(sc, value);
	case EDUIOC_INTERRUPT:
		return edu_raise(sc, *value);
	default:
		return ENOTTY;
	}
}
