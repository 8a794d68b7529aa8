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

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

#include "ragefbreg.h"
#include "ragefbvar.h"

static int ragefb_match(device_t, cfdata_t, void *);
static void ragefb_attach(device_t, device_t, void *);
static int ragefb_detach(device_t, int);
static int ragefb_map(struct ragefb_softc *, const struct pci_attach_args *);
static void ragefb_leave_text(struct fbcons *);
static void ragefb_enter_text(struct fbcons *);

static const struct fbcons_ops ragefb_ops = {
	.set_mode = ragefb_set_mode,
	.blank = ragefb_blank,
	.load_cmap = ragefb_load_cmap,
	.init_screen = ragefb_text_init,
	.text_ready = ragefb_text_cache,
	.leave_text = ragefb_leave_text,
	.enter_text = ragefb_enter_text,
};

CFATTACH_DECL_NEW(ragefb, sizeof(struct ragefb_softc), ragefb_match,
    ragefb_attach, ragefb_detach, NULL);

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

	fbcons_init(&sc->sc_fb, self, pa, &ragefb_ops, sc);
	sc->sc_emulated = pci_conf_read(pa->pa_pc, pa->pa_tag,
			      PCI_SUBSYS_ID_REG) == RAGEFB_QEMU_SUBSYS;

	aprint_naive("\n");
	aprint_normal(
	    ": ATI Rage 128 Pro%s\n", sc->sc_emulated ? " (QEMU's model)" : "");

	if (ragefb_map(sc, pa) != 0)
		return;
	aprint_normal_dev(
	    self, "%u KB of video memory\n", (u_int)(ragefb_memory(sc) / 1024));
	if (ragefb_choose_mode(sc) != 0 || ragefb_set_mode(&sc->sc_fb) != 0)
		return;
	fbcons_print_mode(&sc->sc_fb);

	evcnt_attach_dynamic(&sc->sc_ev_fill, EVCNT_TYPE_MISC, NULL,
	    device_xname(self), "engine fills");
	evcnt_attach_dynamic(&sc->sc_ev_copy, EVCNT_TYPE_MISC, NULL,
	    device_xname(self), "engine copies");
	evcnt_attach_dynamic(&sc->sc_ev_cpu, EVCNT_TYPE_MISC, NULL,
	    device_xname(self), "drawn by the CPU");

	sc->sc_have_evcnt = true;

	ragefb_engine_init(sc);
	fbcons_attach(&sc->sc_fb);
}

/* The cache of glyphs is not given back: nothing of glyphcache(9) does so. */
static int
ragefb_detach(device_t self, int flags)
{
	struct ragefb_softc *sc = device_private(self);
	int error;

	error = fbcons_detach(&sc->sc_fb, flags);
	if (error != 0)
		return error;
	if (sc->sc_have_evcnt) {
		evcnt_detach(&sc->sc_ev_fill);
		evcnt_detach(&sc->sc_ev_copy);
		evcnt_detach(&sc->sc_ev_cpu);
		sc->sc_have_evcnt = false;
	}
	if (sc->sc_regsize != 0) {
		bus_space_unmap(sc->sc_regt, sc->sc_regh, sc->sc_regsize);
		sc->sc_regsize = 0;
	}
	return 0;
}

static void
ragefb_leave_text(struct fbcons *fb)
{

	ragefb_engine_idle(fb->fb_cookie);
}

static void
ragefb_enter_text(struct fbcons *fb)
{

	ragefb_engine_init(fb->fb_cookie);
	ragefb_text_forget(fb->fb_cookie);
}

static int
ragefb_map(struct ragefb_softc *sc, const struct pci_attach_args *pa)
{
	pcireg_t csr;

	csr = pci_conf_read(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG);
	csr |= PCI_COMMAND_MEM_ENABLE;
	pci_conf_write(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG, csr);

	if (pci_mapreg_map(pa, RAGEFB_BAR_REG, PCI_MAPREG_TYPE_MEM, 0,
		&sc->sc_regt, &sc->sc_regh, NULL, &sc->sc_regsize) != 0)
		sc->sc_regsize = 0;
	if (sc->sc_regsize < RAGEFB_REG_SIZE) {
		aprint_error_dev(sc->sc_fb.fb_dev, "can't map registers\n");
		return ENXIO;
	}
	return fbcons_map(&sc->sc_fb, pa, RAGEFB_BAR_MEM);
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
