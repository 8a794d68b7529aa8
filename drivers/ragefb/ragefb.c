/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ragefb(4): ATI's Rage 128 Pro as a console, with its drawing engine.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/module.h>
#include <sys/bus.h>

#include <prop/proplib.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

#include "ragefbreg.h"
#include "ragefbvar.h"

static int ragefb_match(device_t, cfdata_t, void *);
static void ragefb_attach(device_t, device_t, void *);
static int ragefb_map(struct ragefb_softc *, const struct pci_attach_args *);

CFATTACH_DECL_NEW(ragefb, sizeof(struct ragefb_softc), ragefb_match,
    ragefb_attach, NULL, NULL);

static int
ragefb_match(device_t parent, cfdata_t match, void *aux)
{
	const struct pci_attach_args *pa = aux;

	if (PCI_VENDOR(pa->pa_id) != RAGEFB_VENDOR ||
	    PCI_PRODUCT(pa->pa_id) != RAGEFB_PRODUCT)
		return 0;
	/* More than vga(4) and genfb(4), which match the class. */
	return 100;
}

static void
ragefb_attach(device_t parent, device_t self, void *aux)
{
	struct ragefb_softc *sc = device_private(self);
	const struct pci_attach_args *pa = aux;
	const struct ragefb_mode *rm = &sc->sc_mode;
	bool console = false;

	sc->sc_dev = self;
	sc->sc_pc = pa->pa_pc;
	sc->sc_tag = pa->pa_tag;
	sc->sc_emulated = pci_conf_read(pa->pa_pc, pa->pa_tag,
			      PCI_SUBSYS_ID_REG) == RAGEFB_QEMU_SUBSYS;

	aprint_naive("\n");
	aprint_normal(
	    ": ATI Rage 128 Pro%s\n", sc->sc_emulated ? " (QEMU's model)" : "");

	if (ragefb_map(sc, pa) != 0)
		return;
	aprint_normal_dev(
	    self, "%u KB of video memory\n", (u_int)(ragefb_memory(sc) / 1024));
	if (ragefb_choose_mode(sc) != 0 || ragefb_set_mode(sc) != 0)
		return;
	aprint_normal_dev(self, "%ux%u, %u bits, lines of %u bytes\n",
	    rm->rm_width, rm->rm_height, rm->rm_depth, rm->rm_stride);

	evcnt_attach_dynamic(&sc->sc_ev_fill, EVCNT_TYPE_MISC, NULL,
	    device_xname(self), "engine fills");
	evcnt_attach_dynamic(&sc->sc_ev_copy, EVCNT_TYPE_MISC, NULL,
	    device_xname(self), "engine copies");
	evcnt_attach_dynamic(&sc->sc_ev_cpu, EVCNT_TYPE_MISC, NULL,
	    device_xname(self), "drawn by the CPU");

	ragefb_engine_init(sc);
	prop_dictionary_get_bool(
	    device_properties(self), "is_console", &console);
	ragefb_attach_wsdisplay(sc, console);

	if (!pmf_device_register(self, NULL, NULL))
		aprint_error_dev(self, "couldn't establish power handler\n");
}

static int
ragefb_map(struct ragefb_softc *sc, const struct pci_attach_args *pa)
{
	bus_size_t size;
	pcireg_t csr;

	csr = pci_conf_read(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG);
	csr |= PCI_COMMAND_MEM_ENABLE;
	pci_conf_write(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG, csr);

	if (pci_mapreg_map(pa, RAGEFB_BAR_REG, PCI_MAPREG_TYPE_MEM, 0,
		&sc->sc_regt, &sc->sc_regh, NULL, &size) != 0 ||
	    size < RAGEFB_REG_SIZE) {
		aprint_error_dev(sc->sc_dev, "can't map registers\n");
		return ENXIO;
	}
	if (pci_mapreg_map(pa, RAGEFB_BAR_MEM,
		pci_mapreg_type(pa->pa_pc, pa->pa_tag, RAGEFB_BAR_MEM),
		BUS_SPACE_MAP_LINEAR | BUS_SPACE_MAP_PREFETCHABLE, &sc->sc_memt,
		&sc->sc_memh, &sc->sc_memaddr, &sc->sc_memsize) != 0) {
		aprint_error_dev(sc->sc_dev, "can't map video memory\n");
		return ENXIO;
	}
	sc->sc_mem = bus_space_vaddr(sc->sc_memt, sc->sc_memh);
	if (sc->sc_mem == NULL) {
		aprint_error_dev(
		    sc->sc_dev, "video memory has no linear mapping\n");
		return ENXIO;
	}
	return 0;
}

MODULE(MODULE_CLASS_DRIVER, ragefb, "pci");

#ifdef _MODULE
#include "ioconf.c"
#endif

static int
ragefb_modcmd(modcmd_t cmd, void *opaque)
{

	switch (cmd) {
#ifdef _MODULE
	case MODULE_CMD_INIT:
		return config_init_component(cfdriver_ioconf_ragefb,
		    cfattach_ioconf_ragefb, cfdata_ioconf_ragefb);
	case MODULE_CMD_FINI:
		return config_fini_component(cfdriver_ioconf_ragefb,
		    cfattach_ioconf_ragefb, cfdata_ioconf_ragefb);
#else
	case MODULE_CMD_INIT:
	case MODULE_CMD_FINI:
		return 0;
#endif
	default:
		return ENOTTY;
	}
}
