/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edu(4): what the device does: liveness, factorials, interrupts, DMA.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>

#include <dev/pci/pcivar.h>

#include "edureg.h"
#include "eduvar.h"

int
edu_begin(struct edu_softc *sc)
{
	int error;

	mutex_enter(&sc->sc_lock);
	while (sc->sc_busy && !sc->sc_dying) {
		error = cv_wait_sig(&sc->sc_cv, &sc->sc_lock);
		if (error != 0) {
			mutex_exit(&sc->sc_lock);
			return error;
		}
	}
	if (sc->sc_dying) {
		mutex_exit(&sc->sc_lock);
		return ENXIO;
	}
	sc->sc_busy = true;
	return 0;
}

void
edu_end(struct edu_softc *sc)
{

	sc->sc_busy = false;
	cv_broadcast(&sc->sc_cv);
	mutex_exit(&sc->sc_lock);
}

/* Wait for the handler to see a cause.  A device that stays silent is EIO. */
static int
edu_wait(struct edu_softc *sc, uint32_t cause)
{

	KASSERT(mutex_owned(&sc->sc_lock));

	while ((sc->sc_causes & cause) != cause) {
		if (cv_timedwait(&sc->sc_cv, &sc->sc_lock, mstohz(5000)) == 0)
			continue;
		if ((sc->sc_causes & cause) == cause)
			break;
		device_printf(sc->sc_dev, "no interrupt 0x%x in 5 s\n", cause);
		return EIO;
	}
	sc->sc_causes &= ~cause;
	return 0;
}

int
edu_liveness(struct edu_softc *sc, uint32_t *value)
{
	int error;

	error = edu_begin(sc);
	if (error != 0)
		return error;
	edu_write_reg(sc, EDU_LIVENESS, *value);
	*value = edu_read_reg(sc, EDU_LIVENESS);
	edu_end(sc);
	return 0;
}

int
edu_factorial(struct edu_softc *sc, uint32_t *value)
{
	int error;

	error = edu_begin(sc);
	if (error != 0)
		return error;
	edu_write_reg(sc, EDU_STATUS, EDU_STATUS_IRQ);
	edu_write_reg(sc, EDU_FACTORIAL, *value);
	error = edu_wait(sc, EDU_INTR_FACTORIAL);
	edu_write_reg(sc, EDU_STATUS, 0);
	if (error == 0)
		*value = edu_read_reg(sc, EDU_FACTORIAL);
	edu_end(sc);
	return error;
}

int
edu_raise(struct edu_softc *sc, uint32_t cause)
{
	int error;

	if (cause == 0 || (cause & (EDU_INTR_FACTORIAL | EDU_INTR_DMA)) != 0)
		return EINVAL;
	error = edu_begin(sc);
	if (error != 0)
		return error;
	edu_write_reg(sc, EDU_INTR_RAISE, cause);
	error = edu_wait(sc, cause);
	edu_end(sc);
	return error;
}

/* The registers are 8 bytes wide; the upper halves are 0 by the tag's limit. */
static void
edu_dma_start(struct edu_softc *sc, bus_addr_t src, bus_addr_t dst,
    bus_size_t count, uint32_t command)
{

	edu_write_reg(sc, EDU_DMA_SRC, src);
	edu_write_reg(sc, EDU_DMA_DST, dst);
	edu_write_reg(sc, EDU_DMA_COUNT, count);
	edu_write_reg(
	    sc, EDU_DMA_CMD, command | EDU_DMA_CMD_IRQ | EDU_DMA_CMD_START);
}

int
edu_dma(
    struct edu_softc *sc, bus_size_t offset, bus_size_t count, enum uio_rw rw)
{
	const bus_addr_t ours = sc->sc_map->dm_segs[0].ds_addr;
	const bus_addr_t theirs = EDU_BUFFER + offset;
	int error;

	if (rw == UIO_WRITE) {
		bus_dmamap_sync(
		    sc->sc_dmat, sc->sc_map, 0, count, BUS_DMASYNC_PREWRITE);
		edu_dma_start(sc, ours, theirs, count, 0);
		error = edu_wait(sc, EDU_INTR_DMA);
		bus_dmamap_sync(
		    sc->sc_dmat, sc->sc_map, 0, count, BUS_DMASYNC_POSTWRITE);
	} else {
		bus_dmamap_sync(
		    sc->sc_dmat, sc->sc_map, 0, count, BUS_DMASYNC_PREREAD);
		edu_dma_start(sc, theirs, ours, count, EDU_DMA_CMD_FROM_DEVICE);
		error = edu_wait(sc, EDU_INTR_DMA);
		bus_dmamap_sync(
		    sc->sc_dmat, sc->sc_map, 0, count, BUS_DMASYNC_POSTREAD);
	}
	if (error == 0)
		sc->sc_dmas++;
	return error;
}
