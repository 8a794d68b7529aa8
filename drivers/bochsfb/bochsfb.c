/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bochsfb(4): QEMU's bochs-display and VGA as a console.
 *
 * A framebuffer and a dozen registers that set its mode: nothing draws but the
 * CPU.  The mode is what the device's properties ask for, or the monitor's
 * preferred one.
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

#include "bochsfbreg.h"
#include "bochsfbvar.h"

static int bochsfb_match(device_t, cfdata_t, void *);
static void bochsfb_attach(device_t, device_t, void *);
static int bochsfb_detach(device_t, int);

static int bochsfb_map(struct bochsfb_softc *, const struct pci_attach_args *);
static int bochsfb_map_ports(
    struct bochsfb_softc *, const struct pci_attach_args *);
static int bochsfb_choose_mode(struct bochsfb_softc *);
static void bochsfb_init_screen(struct fbcons *, struct vcons_screen *);

static const struct fbcons_ops bochsfb_ops = {
	.set_mode = bochsfb_set_mode,
	.blank = bochsfb_blank,
	.load_cmap = bochsfb_load_cmap,
	.init_screen = bochsfb_init_screen,
};

CFATTACH_DECL_NEW(bochsfb, sizeof(struct bochsfb_softc), bochsfb_match,
    bochsfb_attach, bochsfb_detach, NULL);

static int
bochsfb_match(device_t parent, cfdata_t match, void *aux)
{
	const struct pci_attach_args *pa = aux;

	if (PCI_VENDOR(pa->pa_id) != BOCHSFB_VENDOR ||
	    PCI_PRODUCT(pa->pa_id) != BOCHSFB_PRODUCT)
		return 0;
	/* More than vga(4) and genfb(4), which match the class. */
	return 100;
}

static void
bochsfb_attach(device_t parent, device_t self, void *aux)
{
	struct bochsfb_softc *sc = device_private(self);
	const struct pci_attach_args *pa = aux;

	fbcons_init(&sc->sc_fb, self, pa, &bochsfb_ops, sc);
	sc->sc_have_vga = PCI_SUBCLASS(pa->pa_class) ==
	    PCI_SUBCLASS_DISPLAY_VGA;

	aprint_naive("\n");
	aprint_normal(
	    ": %s\n", sc->sc_have_vga ? "QEMU VGA" : "QEMU Bochs display");

	if (bochsfb_map(sc, pa) != 0 || bochsfb_probe(sc) != 0)
		return;
	if (bochsfb_choose_mode(sc) != 0 || bochsfb_set_mode(&sc->sc_fb) != 0)
		return;
	fbcons_print_mode(&sc->sc_fb);
	fbcons_attach(&sc->sc_fb);
}

static int
bochsfb_detach(device_t self, int flags)
{
	struct bochsfb_softc *sc = device_private(self);
	int error;

	error = fbcons_detach(&sc->sc_fb, flags);
	if (error != 0)
		return error;
	if (sc->sc_regsize != 0) {
		bus_space_unmap(sc->sc_regt, sc->sc_regh, sc->sc_regsize);
		sc->sc_regsize = 0;
	}
	if (sc->sc_have_dispi_ports)
		bus_space_unmap(
		    sc->sc_regt, sc->sc_dispih, BOCHSFB_PORT_DISPI_SIZE);
	if (sc->sc_have_vga_ports)
		bus_space_unmap(
		    sc->sc_regt, sc->sc_vgah, BOCHSFB_PORT_VGA_SIZE);
	sc->sc_have_dispi_ports = sc->sc_have_vga_ports = false;
	return 0;
}

static int
bochsfb_map(struct bochsfb_softc *sc, const struct pci_attach_args *pa)
{
	pcireg_t csr;

	csr = pci_conf_read(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG);
	csr |= PCI_COMMAND_MEM_ENABLE | PCI_COMMAND_IO_ENABLE;
	pci_conf_write(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG, csr);

	if (fbcons_map(&sc->sc_fb, pa, BOCHSFB_BAR_MEM) != 0)
		return ENXIO;

	if (pci_mapreg_map(pa, BOCHSFB_BAR_REG, PCI_MAPREG_TYPE_MEM, 0,
		&sc->sc_regt, &sc->sc_regh, NULL, &sc->sc_regsize) != 0) {
		sc->sc_regsize = 0;
		return bochsfb_map_ports(sc, pa);
	}
	if (sc->sc_regsize < BOCHSFB_MMIO_SIZE ||
	    bus_space_subregion(sc->sc_regt, sc->sc_regh, BOCHSFB_MMIO_VGA,
		BOCHSFB_PORT_VGA_SIZE, &sc->sc_vgah) != 0 ||
	    bus_space_subregion(sc->sc_regt, sc->sc_regh, BOCHSFB_MMIO_DISPI,
		BOCHSFB_MMIO_SIZE - BOCHSFB_MMIO_DISPI, &sc->sc_dispih) != 0) {
		aprint_error_dev(sc->sc_fb.fb_dev, "register BAR too small\n");
		return ENXIO;
	}
	return 0;
}

/* A VGA without the register BAR has only the ports of its ancestors. */
static int
bochsfb_map_ports(struct bochsfb_softc *sc, const struct pci_attach_args *pa)
{

	sc->sc_regt = pa->pa_iot;
	sc->sc_have_dispi_ports = sc->sc_have_vga &&
	    bus_space_map(sc->sc_regt, BOCHSFB_PORT_DISPI,
		BOCHSFB_PORT_DISPI_SIZE, 0, &sc->sc_dispih) == 0;
	sc->sc_have_vga_ports = sc->sc_have_dispi_ports &&
	    bus_space_map(sc->sc_regt, BOCHSFB_PORT_VGA, BOCHSFB_PORT_VGA_SIZE,
		0, &sc->sc_vgah) == 0;
	if (!sc->sc_have_vga_ports) {
		aprint_error_dev(sc->sc_fb.fb_dev, "can't map registers\n");
		return ENXIO;
	}
	return 0;
}

/*
 * A line as long as it is asked for, or as long as its pixels: of whole pixels,
 * which is what the device counts, and of whole words, which rasops(9) draws.
 */
static void
bochsfb_choose_stride(struct bochsfb_softc *sc, bool found)
{
	struct fbcons_mode *fm = &sc->sc_fb.fb_mode;
	const uint32_t unit = fm->fm_bytes == 3 ? 12 : 4;
	const uint32_t line = roundup(fm->fm_width * fm->fm_bytes, unit);

	/* What was meant for another size or depth does not fit this one. */
	if (found && (fm->fm_stride < line || fm->fm_stride % unit != 0)) {
		aprint_normal_dev(sc->sc_fb.fb_dev,
		    "lines of %u bytes cannot hold %u pixels of %u bytes, or "
		    "are not a multiple of %u: they have %u\n",
		    fm->fm_stride, fm->fm_width, fm->fm_bytes, unit, line);
		found = false;
	}
	if (!found)
		fm->fm_stride = line;
}

static int
bochsfb_choose_mode(struct bochsfb_softc *sc)
{
	struct fbcons *fb = &sc->sc_fb;
	struct fbcons_mode *fm = &fb->fb_mode;
	uint8_t edid[128];
	bool found;

	fbcons_preferred_mode(fb, bochsfb_read_edid(sc, edid) ? edid : NULL);
	if (fbcons_properties(fb, &found) != 0)
		return EINVAL;

	if (!bochsfb_depth_ok(sc, fm->fm_depth)) {
		aprint_error_dev(fb->fb_dev,
		    "no mode of %u bits: this device has %s\n", fm->fm_depth,
		    sc->sc_have_vga ? "8, 15, 16, 24 and 32" : "16 and 32");
		return EINVAL;
	}
	if (fm->fm_width < BOCHSFB_MIN_SIDE || fm->fm_width > UINT16_MAX ||
	    fm->fm_height < BOCHSFB_MIN_SIDE || fm->fm_height > UINT16_MAX) {
		aprint_error_dev(fb->fb_dev, "no mode of %ux%u pixels\n",
		    fm->fm_width, fm->fm_height);
		return EINVAL;
	}
	fm->fm_bytes = howmany(fm->fm_depth, NBBY);
	bochsfb_choose_stride(sc, found);
	return fbcons_check_memory(fb, bochsfb_memory(sc));
}

/* Only the CPU draws, and it may be at it. */
static void
bochsfb_init_screen(struct fbcons *fb, struct vcons_screen *scr)
{

	scr->scr_flags |= VCONS_SWITCH_NEEDS_POLLING;
}

MODULE(MODULE_CLASS_DRIVER, bochsfb, "pci");

#ifdef _MODULE
#include "ioconf.c"
#endif

static int
bochsfb_modcmd(modcmd_t cmd, void *opaque)
{

	switch (cmd) {
#ifdef _MODULE
	case MODULE_CMD_INIT:
		return config_init_component(cfdriver_ioconf_bochsfb,
		    cfattach_ioconf_bochsfb, cfdata_ioconf_bochsfb);
	case MODULE_CMD_FINI:
		return config_fini_component(cfdriver_ioconf_bochsfb,
		    cfattach_ioconf_bochsfb, cfdata_ioconf_bochsfb);
#else
	case MODULE_CMD_INIT:
	case MODULE_CMD_FINI:
		return 0;
#endif
	default:
		return ENOTTY;
	}
}
