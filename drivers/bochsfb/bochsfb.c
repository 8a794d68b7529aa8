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
#include <sys/kmem.h>
#include <sys/module.h>
#include <sys/bus.h>

#include <prop/proplib.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

#include <dev/videomode/videomode.h>
#include <dev/videomode/edidvar.h>

#include "bochsfbreg.h"
#include "bochsfbvar.h"

static int bochsfb_match(device_t, cfdata_t, void *);
static void bochsfb_attach(device_t, device_t, void *);

static int bochsfb_map(struct bochsfb_softc *, const struct pci_attach_args *);
static int bochsfb_map_ports(
    struct bochsfb_softc *, const struct pci_attach_args *);
static void bochsfb_preferred_mode(struct bochsfb_softc *);
static bool bochsfb_property(
    struct bochsfb_softc *, const char *, uint32_t *, bool *);
static int bochsfb_choose_mode(struct bochsfb_softc *);

CFATTACH_DECL_NEW(bochsfb, sizeof(struct bochsfb_softc), bochsfb_match,
    bochsfb_attach, NULL, NULL);

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
	const struct bochsfb_mode *bm = &sc->sc_mode;
	bool console = false;

	sc->sc_dev = self;
	sc->sc_pc = pa->pa_pc;
	sc->sc_tag = pa->pa_tag;
	sc->sc_have_vga = PCI_SUBCLASS(pa->pa_class) ==
	    PCI_SUBCLASS_DISPLAY_VGA;

	aprint_naive("\n");
	aprint_normal(
	    ": %s\n", sc->sc_have_vga ? "QEMU VGA" : "QEMU Bochs display");

	if (bochsfb_map(sc, pa) != 0 || bochsfb_probe(sc) != 0)
		return;
	if (bochsfb_choose_mode(sc) != 0 || bochsfb_set_mode(sc) != 0)
		return;
	aprint_normal_dev(self, "%ux%u, %u bits, lines of %u bytes\n",
	    bm->bm_width, bm->bm_height, bm->bm_depth, bm->bm_stride);

	prop_dictionary_get_bool(
	    device_properties(self), "is_console", &console);
	bochsfb_attach_wsdisplay(sc, console);

	if (!pmf_device_register(self, NULL, NULL))
		aprint_error_dev(self, "couldn't establish power handler\n");
}

static int
bochsfb_map(struct bochsfb_softc *sc, const struct pci_attach_args *pa)
{
	pcireg_t csr;

	csr = pci_conf_read(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG);
	csr |= PCI_COMMAND_MEM_ENABLE | PCI_COMMAND_IO_ENABLE;
	pci_conf_write(pa->pa_pc, pa->pa_tag, PCI_COMMAND_STATUS_REG, csr);

	if (pci_mapreg_map(pa, BOCHSFB_BAR_MEM,
		pci_mapreg_type(pa->pa_pc, pa->pa_tag, BOCHSFB_BAR_MEM),
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
		aprint_error_dev(sc->sc_dev, "register BAR too small\n");
		return ENXIO;
	}
	return 0;
}

/* A VGA without the register BAR has only the ports of its ancestors. */
static int
bochsfb_map_ports(struct bochsfb_softc *sc, const struct pci_attach_args *pa)
{

	sc->sc_regt = pa->pa_iot;
	if (!sc->sc_have_vga ||
	    bus_space_map(sc->sc_regt, BOCHSFB_PORT_DISPI,
		BOCHSFB_PORT_DISPI_SIZE, 0, &sc->sc_dispih) != 0 ||
	    bus_space_map(sc->sc_regt, BOCHSFB_PORT_VGA, BOCHSFB_PORT_VGA_SIZE,
		0, &sc->sc_vgah) != 0) {
		aprint_error_dev(sc->sc_dev, "can't map registers\n");
		return ENXIO;
	}
	return 0;
}

/* What the monitor likes best, or what every monitor can show. */
static void
bochsfb_preferred_mode(struct bochsfb_softc *sc)
{
	struct bochsfb_mode *bm = &sc->sc_mode;
	struct edid_info *info;
	prop_data_t data;
	uint8_t edid[128];

	bm->bm_width = 1024;
	bm->bm_height = 768;
	bm->bm_depth = 32;

	if (!bochsfb_read_edid(sc, edid)) {
		aprint_verbose_dev(sc->sc_dev, "no EDID\n");
		return;
	}
	data = prop_data_create_data(edid, sizeof(edid));
	if (data != NULL) {
		prop_dictionary_set(
		    device_properties(sc->sc_dev), "EDID", data);
		prop_object_release(data);
	}

	info = kmem_zalloc(sizeof(*info), KM_SLEEP);
	if (edid_parse(edid, info) == 0) {
		aprint_verbose_dev(sc->sc_dev, "monitor %s %s\n",
		    info->edid_vendorname, info->edid_productname);
		if (info->edid_preferred_mode != NULL) {
			bm->bm_width = info->edid_preferred_mode->hdisplay;
			bm->bm_height = info->edid_preferred_mode->vdisplay;
		}
	}
	kmem_free(info, sizeof(*info));
}

/*
 * Takes a number from the properties if it is there: false, and a message, if
 * it is something else than a number.
 */
static bool
bochsfb_property(
    struct bochsfb_softc *sc, const char *name, uint32_t *value, bool *found)
{
	prop_dictionary_t dict = device_properties(sc->sc_dev);

	*found = prop_dictionary_get(dict, name) != NULL;
	if (!*found || prop_dictionary_get_uint32(dict, name, value))
		return true;
	aprint_error_dev(
	    sc->sc_dev, "property %s is not a number of 32 bits\n", name);
	return false;
}

static int
bochsfb_choose_mode(struct bochsfb_softc *sc)
{
	struct bochsfb_mode *bm = &sc->sc_mode;
	uint32_t line, bytes;
	bool found;

	bochsfb_preferred_mode(sc);
	if (!bochsfb_property(sc, "width", &bm->bm_width, &found) ||
	    !bochsfb_property(sc, "height", &bm->bm_height, &found) ||
	    !bochsfb_property(sc, "depth", &bm->bm_depth, &found) ||
	    !bochsfb_property(sc, "linebytes", &bm->bm_stride, &found))
		return EINVAL;

	if (!bochsfb_depth_ok(sc, bm->bm_depth)) {
		aprint_error_dev(sc->sc_dev,
		    "no mode of %u bits: this device has %s\n", bm->bm_depth,
		    sc->sc_have_vga ? "8, 15, 16, 24 and 32" : "16 and 32");
		return EINVAL;
	}
	if (bm->bm_width < BOCHSFB_MIN_SIDE || bm->bm_width > UINT16_MAX ||
	    bm->bm_height < BOCHSFB_MIN_SIDE || bm->bm_height > UINT16_MAX) {
		aprint_error_dev(sc->sc_dev, "no mode of %ux%u pixels\n",
		    bm->bm_width, bm->bm_height);
		return EINVAL;
	}

	bytes = howmany(bm->bm_depth, NBBY);
	line = bm->bm_width * bytes;
	/* What was meant for another size or depth does not fit this one. */
	if (found && (bm->bm_stride < line || bm->bm_stride % bytes != 0)) {
		aprint_normal_dev(sc->sc_dev,
		    "lines of %u bytes cannot hold %u pixels of %u bytes: they "
		    "have %u\n",
		    bm->bm_stride, bm->bm_width, bytes, line);
		found = false;
	}
	if (!found)
		bm->bm_stride = line;
	if ((uint64_t)bm->bm_stride * bm->bm_height > bochsfb_memory(sc)) {
		aprint_error_dev(sc->sc_dev,
		    "%ux%u at %u bits needs %u KB of video memory, there are "
		    "%u KB\n",
		    bm->bm_width, bm->bm_height, bm->bm_depth,
		    (u_int)howmany(
			(uint64_t)bm->bm_stride * bm->bm_height, 1024),
		    (u_int)(bochsfb_memory(sc) / 1024));
		return EINVAL;
	}
	return 0;
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
