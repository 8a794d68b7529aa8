/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edu(4): QEMU's educational PCI device.
 *
 * It computes factorials, inverts a number and copies bytes by DMA, each with
 * an interrupt at the end; so a driver for it has one of everything: a memory
 * BAR, an interrupt that is MSI or INTx, DMA with a narrow address limit, a
 * character device, detach.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/conf.h>
#include <sys/device.h>
#include <sys/module.h>
#include <sys/vnode.h>
#include <sys/bus.h>
#include <sys/intr.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

#include "edureg.h"
#include "eduvar.h"

static int edu_match(device_t, cfdata_t, void *);
static void edu_attach(device_t, device_t, void *);
static int edu_detach(device_t, int);

static int edu_alive(struct edu_softc *);
static int edu_map_intr(struct edu_softc *, const struct pci_attach_args *);
static int edu_alloc_dma(struct edu_softc *, const struct pci_attach_args *);
static void edu_free_dma(struct edu_softc *);
static int edu_intr(void *);

CFATTACH_DECL_NEW(
    edu, sizeof(struct edu_softc), edu_match, edu_attach, edu_detach, NULL);

static int
edu_match(device_t parent, cfdata_t match, void *aux)
{
	const struct pci_attach_args *pa = aux;

	return PCI_VENDOR(pa->pa_id) == EDU_VENDOR &&
	    PCI_PRODUCT(pa->pa_id) == EDU_PRODUCT;
}

static void
edu_attach(device_t parent, device_t self, void *aux)
{
	struct edu_softc *sc = device_private(self);
	const struct pci_attach_args *pa = aux;
	pcireg_t csr;
	uint32_t id;

	sc->sc_dev = self;
	sc->sc_pc = pa->pa_pc;

	aprint_naive("\n");
	aprint_normal(": QEMU educational device\n");

	mutex_init(&sc->sc_lock, MUTEX_DEFAULT, IPL_VM);
	cv_init(&sc->sc_cv, "edu");

	if (pci_mapreg_map(pa, EDU_BAR, PCI_MAPREG_TYPE_MEM, 0, &sc->sc_iot,
		&sc->sc_ioh, NULL, &sc->sc_ios) != 0) {
		aprint_error_dev(self, "can't map registers\n");
		sc->sc_ios = 0;
		return;
	}

	id = edu_read_reg(sc, EDU_ID);
	if (__SHIFTOUT(id, EDU_ID_MAGIC) != EDU_MAGIC) {
		aprint_error_dev(
		    self, "unexpected identification 0x%08x\n", id);
		return;
	}
	if (edu_alive(sc) != 0)
		return;
	aprint_normal_dev(self, "revision %u.%u, registers respond\n",
	    (u_int)__SHIFTOUT(id, EDU_ID_MAJOR),
	    (u_int)__SHIFTOUT(id, EDU_ID_MINOR));

	if (edu_alloc_dma(sc, pa) != 0)
		return;

	csr = pci_conf_read(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG);
	pci_conf_write(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG,
	    csr | PCI_COMMAND_MASTER_ENABLE);

	if (edu_map_intr(sc, pa) != 0)
		return;

	if (!pmf_device_register(self, NULL, NULL))
		aprint_error_dev(self, "couldn't establish power handler\n");
}

/* Two values and their complements: a BAR that is not there returns ones. */
static int
edu_alive(struct edu_softc *sc)
{
	static const uint32_t values[] = { 0x12345678, 0x00000000 };
	size_t i;
	uint32_t answer;

	for (i = 0; i < __arraycount(values); i++) {
		edu_write_reg(sc, EDU_LIVENESS, values[i]);
		answer = edu_read_reg(sc, EDU_LIVENESS);
		if (answer != ~values[i]) {
			aprint_error_dev(sc->sc_dev,
			    "not alive: wrote 0x%08x, read 0x%08x\n", values[i],
			    answer);
			return EIO;
		}
	}
	return 0;
}

static int
edu_map_intr(struct edu_softc *sc, const struct pci_attach_args *pa)
{
	const char *intrstr;
	char buf[PCI_INTRSTR_LEN];

	if (pci_intr_alloc(pa, &sc->sc_pihp, NULL, 0) != 0) {
		aprint_error_dev(sc->sc_dev, "can't allocate interrupt\n");
		return ENXIO;
	}
	intrstr = pci_intr_string(sc->sc_pc, sc->sc_pihp[0], buf, sizeof(buf));
	sc->sc_msi = pci_intr_type(sc->sc_pc, sc->sc_pihp[0]) !=
	    PCI_INTR_TYPE_INTX;
	pci_intr_setattr(sc->sc_pc, &sc->sc_pihp[0], PCI_INTR_MPSAFE, true);
	evcnt_attach_dynamic(&sc->sc_intr_ev, EVCNT_TYPE_INTR, NULL,
	    device_xname(sc->sc_dev), "interrupts");
	sc->sc_ih = pci_intr_establish_xname(sc->sc_pc, sc->sc_pihp[0], IPL_VM,
	    edu_intr, sc, device_xname(sc->sc_dev));
	if (sc->sc_ih == NULL) {
		aprint_error_dev(sc->sc_dev,
		    "can't establish interrupt at %s\n",
		    intrstr != NULL ? intrstr : "unknown");
		return ENXIO;
	}
	aprint_normal_dev(sc->sc_dev, "interrupting at %s\n", intrstr);
	return 0;
}

/*
 * One buffer, where the device can reach it: its addresses are narrower than
 * the bus's, so the memory is asked for through a tag of their width.
 */
static int
edu_alloc_dma(struct edu_softc *sc, const struct pci_attach_args *pa)
{
	uint32_t mask;
	int nsegs, error;

	if (!prop_dictionary_get_uint32(
		device_properties(sc->sc_dev), "dma-mask", &mask))
		mask = EDU_DMA_MASK;

	error = bus_dmatag_subregion(
	    pa->pa_dmat, 0, mask, &sc->sc_dmat, BUS_DMA_WAITOK);
	if (error != 0) {
		aprint_error_dev(sc->sc_dev,
		    "can't limit DMA to 0x%08x (error %d)\n", mask, error);
		return error;
	}
	sc->sc_dmat_ours = true;

	error = bus_dmamem_alloc(sc->sc_dmat, EDU_BUFFER_SIZE, PAGE_SIZE, 0,
	    &sc->sc_seg, 1, &nsegs, BUS_DMA_WAITOK);
	if (error != 0)
		goto fail0;
	error = bus_dmamem_map(sc->sc_dmat, &sc->sc_seg, nsegs, EDU_BUFFER_SIZE,
	    &sc->sc_buf, BUS_DMA_WAITOK);
	if (error != 0)
		goto fail1;
	error = bus_dmamap_create(sc->sc_dmat, EDU_BUFFER_SIZE, 1,
	    EDU_BUFFER_SIZE, 0, BUS_DMA_WAITOK | BUS_DMA_ALLOCNOW, &sc->sc_map);
	if (error != 0)
		goto fail2;
	error = bus_dmamap_load(sc->sc_dmat, sc->sc_map, sc->sc_buf,
	    EDU_BUFFER_SIZE, NULL, BUS_DMA_WAITOK);
	if (error != 0)
		goto fail3;
	return 0;

fail3:
	bus_dmamap_destroy(sc->sc_dmat, sc->sc_map);
	sc->sc_map = NULL;
fail2:
	bus_dmamem_unmap(sc->sc_dmat, sc->sc_buf, EDU_BUFFER_SIZE);
fail1:
	bus_dmamem_free(sc->sc_dmat, &sc->sc_seg, 1);
fail0:
	aprint_error_dev(sc->sc_dev, "can't set up DMA (error %d)\n", error);
	return error;
}

static void
edu_free_dma(struct edu_softc *sc)
{

	if (sc->sc_map != NULL) {
		bus_dmamap_unload(sc->sc_dmat, sc->sc_map);
		bus_dmamap_destroy(sc->sc_dmat, sc->sc_map);
		bus_dmamem_unmap(sc->sc_dmat, sc->sc_buf, EDU_BUFFER_SIZE);
		bus_dmamem_free(sc->sc_dmat, &sc->sc_seg, 1);
	}
	if (sc->sc_dmat_ours)
		bus_dmatag_destroy(sc->sc_dmat);
}

static int
edu_detach(device_t self, int flags)
{
	struct edu_softc *sc = device_private(self);
	int maj;

	/* Turn away newcomers, and wait for the one who is inside. */
	mutex_enter(&sc->sc_lock);
	if (sc->sc_busy && (flags & DETACH_FORCE) == 0) {
		mutex_exit(&sc->sc_lock);
		return EBUSY;
	}
	sc->sc_dying = true;
	cv_broadcast(&sc->sc_cv);
	while (sc->sc_busy)
		cv_wait(&sc->sc_cv, &sc->sc_lock);
	mutex_exit(&sc->sc_lock);

	maj = cdevsw_lookup_major(&edu_cdevsw);
	vdevgone(maj, device_unit(self), device_unit(self), VCHR);

	pmf_device_deregister(self);
	if (sc->sc_ih != NULL)
		pci_intr_disestablish(sc->sc_pc, sc->sc_ih);
	if (sc->sc_pihp != NULL) {
		evcnt_detach(&sc->sc_intr_ev);
		pci_intr_release(sc->sc_pc, sc->sc_pihp, 1);
	}
	edu_free_dma(sc);
	if (sc->sc_ios != 0)
		bus_space_unmap(sc->sc_iot, sc->sc_ioh, sc->sc_ios);
	cv_destroy(&sc->sc_cv);
	mutex_destroy(&sc->sc_lock);
	return 0;
}

static int
edu_intr(void *arg)
{
	struct edu_softc *sc = arg;
	uint32_t causes;

	mutex_enter(&sc->sc_lock);
	causes = edu_read_reg(sc, EDU_INTR_STATUS);
	if (causes == 0 || causes == UINT32_MAX) {
		mutex_exit(&sc->sc_lock);
		return 0;
	}
	edu_write_reg(sc, EDU_INTR_ACK, causes);
	sc->sc_intr_ev.ev_count++;
	sc->sc_causes |= causes;
	cv_broadcast(&sc->sc_cv);
	mutex_exit(&sc->sc_lock);
	return 1;
}

MODULE(MODULE_CLASS_DRIVER, edu, "pci");

#ifdef _MODULE
#include "ioconf.c"
#endif

static int
edu_modcmd(modcmd_t cmd, void *opaque)
{
#ifdef _MODULE
	devmajor_t bmajor = NODEVMAJOR, cmajor = NODEVMAJOR;
	int error;
#endif

	switch (cmd) {
	case MODULE_CMD_INIT:
#ifdef _MODULE
		error = devsw_attach(
		    "edu", NULL, &bmajor, &edu_cdevsw, &cmajor);
		if (error != 0)
			return error;
		error = config_init_component(cfdriver_ioconf_edu,
		    cfattach_ioconf_edu, cfdata_ioconf_edu);
		if (error != 0)
			devsw_detach(NULL, &edu_cdevsw);
		return error;
#else
		return 0;
#endif
	case MODULE_CMD_FINI:
#ifdef _MODULE
		error = config_fini_component(cfdriver_ioconf_edu,
		    cfattach_ioconf_edu, cfdata_ioconf_edu);
		if (error == 0)
			devsw_detach(NULL, &edu_cdevsw);
		return error;
#else
		return 0;
#endif
	default:
		return ENOTTY;
	}
}
