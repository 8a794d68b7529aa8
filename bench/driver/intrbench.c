/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A driver for edu with nothing but a handler that acknowledges and counts; the
 * benchmark raises the interrupts and watches the count.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/atomic.h>
#include <sys/device.h>
#include <sys/bus.h>
#include <sys/intr.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

#include "../../drivers/edu/edureg.h"

struct intrbench_softc {
	bus_space_tag_t sc_iot;
	bus_space_handle_t sc_ioh;
	bus_size_t sc_ios;
	pci_chipset_tag_t sc_pc;
	pci_intr_handle_t *sc_pihp;
	void *sc_ih;
	u_int *sc_count; /* the benchmark's */
};

static int
intrbench_match(device_t parent, cfdata_t match, void *aux)
{
	const struct pci_attach_args *pa = aux;

	return PCI_VENDOR(pa->pa_id) == EDU_VENDOR &&
	    PCI_PRODUCT(pa->pa_id) == EDU_PRODUCT;
}

static int
intrbench_intr(void *arg)
{
	struct intrbench_softc *sc = arg;
	uint32_t causes;

	causes = bus_space_read_4(sc->sc_iot, sc->sc_ioh, EDU_INTR_STATUS);
	bus_space_write_4(sc->sc_iot, sc->sc_ioh, EDU_INTR_ACK, causes);
	atomic_inc_uint(sc->sc_count);
	return 1;
}

static void
intrbench_attach(device_t parent, device_t self, void *aux)
{
	struct intrbench_softc *sc = device_private(self);
	const struct pci_attach_args *pa = aux;
	int counts[PCI_INTR_TYPE_SIZE] = { 0, 0, 0 };
	uint64_t count, intx;
	pcireg_t csr;

	aprint_normal("\n");
	sc->sc_pc = pa->pa_pc;
	if (!prop_dictionary_get_uint64(
		device_properties(self), "count", &count))
		panic("intrbench: no property count");
	sc->sc_count = (u_int *)(uintptr_t)count;
	if (pci_mapreg_map(pa, EDU_BAR, PCI_MAPREG_TYPE_MEM, 0, &sc->sc_iot,
		&sc->sc_ioh, NULL, &sc->sc_ios) != 0)
		panic("intrbench: no registers");
	csr = pci_conf_read(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG);
	pci_conf_write(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG,
	    csr | PCI_COMMAND_MASTER_ENABLE);
	counts[PCI_INTR_TYPE_INTX] = 1;
	if (!prop_dictionary_get_uint64(device_properties(self), "intx", &intx))
		counts[PCI_INTR_TYPE_MSI] = 1;
	if (pci_intr_alloc(pa, &sc->sc_pihp, counts, PCI_INTR_TYPE_MSI) != 0)
		panic("intrbench: no interrupt");
	pci_intr_setattr(sc->sc_pc, &sc->sc_pihp[0], PCI_INTR_MPSAFE, true);
	sc->sc_ih = pci_intr_establish_xname(sc->sc_pc, sc->sc_pihp[0], IPL_VM,
	    intrbench_intr, sc, device_xname(self));
}

static int
intrbench_detach(device_t self, int flags)
{
	struct intrbench_softc *sc = device_private(self);

	pci_intr_disestablish(sc->sc_pc, sc->sc_ih);
	pci_intr_release(sc->sc_pc, sc->sc_pihp, 1);
	bus_space_unmap(sc->sc_iot, sc->sc_ioh, sc->sc_ios);
	return 0;
}

CFATTACH_DECL_NEW(intrbench, sizeof(struct intrbench_softc), intrbench_match,
    intrbench_attach, intrbench_detach, NULL);
