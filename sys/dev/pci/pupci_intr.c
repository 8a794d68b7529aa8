/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): vectors and their handlers.
 *
 * A handler counts and wakes, no more.  An INTx line is quiet at the function
 * from its delivery to the acknowledgement, and while it is masked, so that it
 * never storms and its neighbours on the line are served meanwhile.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kmem.h>
#include <sys/poll.h>
#include <sys/select.h>

#include "pupcivar.h"
#include "pupci_vector.h"

/* With v_lock: somebody may read it now. */
void
pupci_vector_notify(struct pupci_vector *v)
{

	cv_broadcast(&v->v_cv);
	selnotify(&v->v_sel, POLLIN | POLLRDNORM, NOTE_SUBMIT);
}

static int
pupci_message(void *arg)
{
	struct pupci_vector *v = arg;

	mutex_enter(&v->v_lock);
	v->v_count++;
	if (!v->v_masked)
		pupci_vector_notify(v);
	mutex_exit(&v->v_lock);
	return 1;
}

static int
pupci_line(void *arg)
{
	struct pupci_vector *v = arg;
	struct pupci_softc *sc = v->v_sc;
	bool ours;

	mutex_enter(&v->v_lock);
	if (v->v_programmed)
		ours = pupci_steps_run(sc, v->v_handler, v->v_value);
	else {
		/* A line that is quiet rings for another. */
		ours = !v->v_served && !v->v_masked && pupci_intx_pending(sc);
		if (ours)
			pupci_intx_quiet(sc, true);
	}
	if (ours) {
		v->v_count++;
		v->v_served = true;
		if (!v->v_masked)
			pupci_vector_notify(v);
	}
	mutex_exit(&v->v_lock);
	return ours;
}

/* With v_lock and v_sc. */
void
pupci_vector_acknowledge(struct pupci_vector *v)
{

	if (!v->v_line || !v->v_served)
		return;
	v->v_served = false;
	if (v->v_programmed)
		(void)pupci_steps_run(v->v_sc, v->v_acknowledge, v->v_value);
	else if (!v->v_masked)
		pupci_intx_quiet(v->v_sc, false);
}

/* With v_lock and v_sc. */
void
pupci_vector_mask(struct pupci_vector *v, bool mask)
{

	if (v->v_masked == mask)
		return;
	v->v_masked = mask;
	if (v->v_line && !v->v_programmed)
		pupci_intx_quiet(v->v_sc, mask || v->v_served);
	if (!mask && v->v_count != 0)
		pupci_vector_notify(v);
}

static struct pupci_vector *
pupci_vector_create(struct pupci_softc *sc)
{
	struct pupci_vector *v = kmem_zalloc(sizeof(*v), KM_SLEEP);

	mutex_init(&v->v_lock, MUTEX_DEFAULT, IPL_VM);
	cv_init(&v->v_cv, "pupciint");
	selinit(&v->v_sel);
	v->v_sc = sc;
	v->v_line = sc->sc_intr_type == PUPCI_INTR_INTX;
	v->v_masked = true;
	return v;
}

void
pupci_vector_free(struct pupci_vector *v)
{

	seldestroy(&v->v_sel);
	cv_destroy(&v->v_cv);
	mutex_destroy(&v->v_lock);
	kmem_free(v, sizeof(*v));
}

/*
 * Ends the handler's side: the descriptor, if it is open, answers ENXIO from
 * here on.  With sc_busy.
 */
static void
pupci_vector_end(struct pupci_softc *sc, u_int number)
{
	struct pupci_vector *v = sc->sc_vector[number];
	bool open;

	sc->sc_vector[number] = NULL;
	if (v->v_line)
		pupci_intx_quiet(sc, true);
	pci_intr_disestablish(sc->sc_pc, v->v_ih);
	mutex_enter(&v->v_lock);
	v->v_sc = NULL;
	open = v->v_open;
	pupci_vector_notify(v);
	mutex_exit(&v->v_lock);
	if (!open)
		pupci_vector_free(v);
}

/* How many vectors of a type there are, of the function and of its bus. */
u_int
pupci_intr_offered(struct pupci_softc *sc, uint32_t type)
{
	const struct pci_attach_args *pa = &sc->sc_pa;

	switch (type) {
	case PUPCI_INTR_INTX:
		return sc->sc_intx;
	case PUPCI_INTR_MSI:
		if (sc->sc_msi == 0 || (pa->pa_flags & PCI_FLAGS_MSI_OKAY) == 0)
			return 0;
		return pci_msi_count(sc->sc_pc, sc->sc_tag);
	default:
		if (sc->sc_msix == 0 ||
		    (pa->pa_flags & PCI_FLAGS_MSIX_OKAY) == 0)
			return 0;
		return pci_msix_count(sc->sc_pc, sc->sc_tag);
	}
}

static int
pupci_intr_take(struct pupci_softc *sc, uint32_t type, u_int count)
{
	const struct pci_attach_args *pa = &sc->sc_pa;

	switch (type) {
	case PUPCI_INTR_INTX:
		return pci_intx_alloc(pa, &sc->sc_intr);
	case PUPCI_INTR_MSI:
		return pci_msi_alloc_exact(pa, &sc->sc_intr, count);
	default:
		return pci_msix_alloc_exact(pa, &sc->sc_intr, count);
	}
}

int
pupci_intr_alloc(struct pupci_softc *sc, const struct pupci_intr_alloc *pi)
{
	u_int i;
	int error;

	if (pi->type > PUPCI_INTR_MSIX || pi->count == 0)
		return EINVAL;
	if (sc->sc_intr != NULL)
		return EBUSY;
	if (pi->count > pupci_intr_offered(sc, pi->type))
		return EINVAL;
	error = pupci_intr_take(sc, pi->type, pi->count);
	if (error != 0) {
		sc->sc_intr = NULL;
		return error;
	}
	/* Whoever gave it to us may have let it speak. */
	pupci_intx_quiet(sc, true);
	sc->sc_intr_type = pi->type;
	sc->sc_intr_count = pi->count;
	sc->sc_vector = kmem_zalloc(
	    pi->count * sizeof(*sc->sc_vector), KM_SLEEP);
	for (i = 0; i < pi->count; i++)
		(void)pci_intr_setattr(
		    sc->sc_pc, &sc->sc_intr[i], PCI_INTR_MPSAFE, true);
	return 0;
}

int
pupci_intr_release(struct pupci_softc *sc)
{
	u_int i;

	if (sc->sc_intr == NULL)
		return ENOENT;
	for (i = 0; i < sc->sc_intr_count; i++) {
		if (sc->sc_vector[i] != NULL)
			pupci_vector_end(sc, i);
	}
	kmem_free(sc->sc_vector, sc->sc_intr_count * sizeof(*sc->sc_vector));
	pci_intr_release(sc->sc_pc, sc->sc_intr, sc->sc_intr_count);
	sc->sc_vector = NULL;
	sc->sc_intr = NULL;
	sc->sc_intr_count = 0;
	pupci_intx_quiet(sc, true);
	return 0;
}

/* Whether it has a descriptor; without one its place is free. */
static bool
pupci_vector_open(struct pupci_vector *v)
{
	bool open;

	if (v == NULL)
		return false;
	mutex_enter(&v->v_lock);
	open = v->v_open;
	mutex_exit(&v->v_lock);
	return open;
}

/* A line needs a way to be quiet: the function's own, or a program. */
static int
pupci_establish_check(
    struct pupci_softc *sc, const struct pupci_intr_establish *pe)
{
	const bool programmed = pe->handler[0].op != PUPCI_STEP_END;
	int error;

	if (pe->vector >= sc->sc_intr_count)
		return EINVAL;
	if (pupci_vector_open(sc->sc_vector[pe->vector]))
		return EEXIST;
	if (!programmed) {
		if (pe->acknowledge[0].op != PUPCI_STEP_END)
			return EINVAL;
		return sc->sc_intr_type == PUPCI_INTR_INTX &&
			(sc->sc_flags & PUPCI_INFO_INTX_MASK) == 0
		    ? EOPNOTSUPP
		    : 0;
	}
	if (sc->sc_intr_type != PUPCI_INTR_INTX)
		return EINVAL;
	if (!sc->sc_privileged)
		return EPERM;
	error = pupci_steps_check(sc, pe->handler, true);
	return error != 0 ? error
			  : pupci_steps_check(sc, pe->acknowledge, false);
}

int
pupci_intr_establish(struct pupci_softc *sc, struct pupci_intr_establish *pe)
{
	struct pupci_vector *v;
	int error;

	error = pupci_establish_check(sc, pe);
	if (error != 0)
		return error;
	if (sc->sc_vector[pe->vector] != NULL)
		pupci_vector_end(sc, pe->vector);
	v = pupci_vector_create(sc);
	v->v_programmed = pe->handler[0].op != PUPCI_STEP_END;
	memcpy(v->v_handler, pe->handler, sizeof(v->v_handler));
	memcpy(v->v_acknowledge, pe->acknowledge, sizeof(v->v_acknowledge));
	if (v->v_line && !v->v_programmed)
		pupci_intx_quiet(sc, true); /* masked, at first */
	v->v_ih = pci_intr_establish_xname(sc->sc_pc, sc->sc_intr[pe->vector],
	    IPL_VM, v->v_line ? pupci_line : pupci_message, v,
	    device_xname(sc->sc_dev));
	if (v->v_ih == NULL) {
		pupci_vector_free(v);
		return ENOMEM;
	}
	sc->sc_vector[pe->vector] = v;
	/* There are functions whose bit stops messages too. */
	if (!v->v_line || v->v_programmed)
		pupci_intx_quiet(sc, false);
	error = pupci_file_create(v, &pe->fd);
	if (error != 0)
		pupci_vector_end(sc, pe->vector);
	return error;
}
