/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): programs of a few register accesses, which quiet a function that
 * cannot mask its interrupt line by itself (PCI before 2.3).
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>

#include "pupcivar.h"
#include "pupci_vector.h"

static int
pupci_step_check(struct pupci_softc *sc, const struct pupci_step *step)
{

	if (step->op != PUPCI_STEP_READ && step->op != PUPCI_STEP_TEST &&
	    step->op != PUPCI_STEP_WRITE)
		return EINVAL;
	if (step->v >= 4)
		return EINVAL;
	if (step->op == PUPCI_STEP_TEST)
		return 0;
	if (step->width == 8)
		return EINVAL;
	return pupci_bar_check(
	    sc, step->bar, step->width, step->offset, step->width);
}

/*
 * 0, or EINVAL, ENXIO, ERANGE, EBUSY for a step that is none.  A handler's
 * program must be able to say that an interrupt is not the function's.
 */
int
pupci_steps_check(
    struct pupci_softc *sc, const struct pupci_step *steps, bool handler)
{
	bool tested = false;
	u_int i;
	int error;

	for (i = 0; i < PUPCI_NSTEPS && steps[i].op != PUPCI_STEP_END; i++) {
		error = pupci_step_check(sc, &steps[i]);
		if (error != 0)
			return error;
		if (steps[i].op == PUPCI_STEP_TEST)
			tested = true;
		else if (steps[i].op == PUPCI_STEP_WRITE && handler && !tested)
			return EINVAL;
	}
	return handler && !tested ? EINVAL : 0;
}

/* False when a test has ended it.  Any context. */
bool
pupci_steps_run(
    struct pupci_softc *sc, const struct pupci_step *steps, uint32_t *value)
{
	const struct pupci_step *step;
	struct pupci_region *r;

	for (step = steps; step < steps + PUPCI_NSTEPS; step++) {
		r = &sc->sc_region[step->bar];
		switch (step->op) {
		case PUPCI_STEP_READ:
			value[step->v] = pupci_bar_read(
			    r, step->width, step->offset);
			break;
		case PUPCI_STEP_TEST:
			if ((value[step->v] & step->mask) == 0)
				return false;
			break;
		case PUPCI_STEP_WRITE:
			pupci_bar_write(r, step->width, step->offset,
			    (value[step->v] & step->mask) | step->value);
			break;
		default:
			return true;
		}
	}
	return true;
}
