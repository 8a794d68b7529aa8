/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of edu(4) share: edu.c attaches and takes interrupts,
 * edu_ops.c makes the device work, edu_cdev.c is /dev/edu.
 */
#ifndef _DEV_PCI_EDUVAR_H_
#define _DEV_PCI_EDUVAR_H_

#include <sys/types.h>
#include <sys/condvar.h>
#include <sys/device.h>
#include <sys/evcnt.h>
#include <sys/mutex.h>
#include <sys/uio.h>
#include <sys/bus.h>

#include <dev/pci/pcivar.h>

/*
 * The device does one thing at a time for one caller at a time: sc_busy is held
 * from the start of an operation to its completion, sc_lock only for as long as
 * registers and flags are touched.
 */
struct edu_softc {
	device_t sc_dev;

	bus_space_tag_t sc_iot;
	bus_space_handle_t sc_ioh;
	bus_size_t sc_ios;

	pci_chipset_tag_t sc_pc;
	pci_intr_handle_t *sc_pihp;
	void *sc_ih;
	bool sc_msi;
	struct evcnt sc_intr_ev;

	bus_dma_tag_t sc_dmat; /* limited to what the device can address */
	bool sc_dmat_ours;
	bus_dma_segment_t sc_seg;
	bus_dmamap_t sc_map;
	void *sc_buf; /* EDU_BUFFER_SIZE bytes */

	kmutex_t sc_lock;
	kcondvar_t sc_cv;
	bool sc_busy;
	bool sc_dying;
	uint32_t sc_causes; /* seen by the handler, not yet consumed */
	uint32_t sc_dmas;
};

static inline uint32_t
edu_read_reg(struct edu_softc *sc, bus_size_t reg)
{

	return bus_space_read_4(sc->sc_iot, sc->sc_ioh, reg);
}

static inline void
edu_write_reg(struct edu_softc *sc, bus_size_t reg, uint32_t value)
{

	bus_space_write_4(sc->sc_iot, sc->sc_ioh, reg, value);
}

extern const struct cdevsw edu_cdevsw;

/*
 * Become the one whose operation the device does: returns 0 with sc_lock held
 * and sc_busy set, or an error (ERESTART or EINTR after a signal, ENXIO when
 * the device goes away) without either.  edu_end() gives both back.
 */
int edu_begin(struct edu_softc *);
void edu_end(struct edu_softc *);

/* Each of these is one whole operation: errno, EIO if the device is silent. */
int edu_liveness(struct edu_softc *, uint32_t *);
int edu_factorial(struct edu_softc *, uint32_t *);
int edu_raise(struct edu_softc *, uint32_t);

/*
 * Copy `count` bytes between the start of sc_buf and the device's buffer at
 * `offset`.  Between edu_begin() and edu_end().
 */
int edu_dma(struct edu_softc *, bus_size_t, bus_size_t, enum uio_rw);

#endif /* !_DEV_PCI_EDUVAR_H_ */
