/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A display driver that expects a mode to be set already, as firmware leaves
 * it, and paints a pattern once.
 */

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/bus.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

struct paintfb_softc {
	bus_space_tag_t sc_memt;
	bus_space_handle_t sc_memh;
	bus_size_t sc_size;
};

static int
paintfb_match(device_t parent, cfdata_t match, void *aux)
{
	const struct pci_attach_args *pa = aux;

	return PCI_CLASS(pa->pa_class) == PCI_CLASS_DISPLAY;
}

/* What the test expects at a place: the bits that the depth has of this. */
static uint32_t
paintfb_pixel(uint32_t x, uint32_t y)
{
	return x * 0x010307 + y * 0x0b0d11;
}

static void
paintfb_attach(device_t parent, device_t self, void *aux)
{
	struct paintfb_softc *sc = device_private(self);
	const struct pci_attach_args *pa = aux;
	prop_dictionary_t dict = device_properties(self);
	uint32_t width, height, depth, linebytes, x, y;
	uint64_t address;
	bool is_console = false;
	bus_addr_t base;
	uint8_t *line;

	aprint_naive("\n");
	aprint_normal("\n");
	if (!prop_dictionary_get_uint32(dict, "width", &width) ||
	    !prop_dictionary_get_uint32(dict, "height", &height) ||
	    !prop_dictionary_get_uint32(dict, "depth", &depth) ||
	    !prop_dictionary_get_uint32(dict, "linebytes", &linebytes) ||
	    !prop_dictionary_get_uint64(dict, "address", &address)) {
		aprint_error_dev(self, "no mode\n");
		return;
	}
	prop_dictionary_get_bool(dict, "is_console", &is_console);
	if (pci_mapreg_map(pa, PCI_BAR(0), PCI_MAPREG_TYPE_MEM,
		BUS_SPACE_MAP_LINEAR, &sc->sc_memt, &sc->sc_memh, &base,
		&sc->sc_size) != 0) {
		aprint_error_dev(self, "cannot map\n");
		return;
	}
	aprint_normal_dev(self, "%ux%u, %u bits, %u bytes a line%s%s%s\n",
	    width, height, depth, linebytes, is_console ? ", console" : "",
	    prop_dictionary_get(dict, "EDID") != NULL ? ", EDID" : "",
	    address == base ? "" : ", elsewhere");
	line = bus_space_vaddr(sc->sc_memt, sc->sc_memh);
	for (y = 0; y < height; y++, line += linebytes)
		for (x = 0; x < width; x++)
			switch (depth) {
			case 8:
				line[x] = paintfb_pixel(x, y);
				break;
			case 15:
			case 16:
				((uint16_t *)line)[x] = paintfb_pixel(x, y);
				break;
			case 24:
				line[3 * x] = paintfb_pixel(x, y);
				line[3 * x + 1] = paintfb_pixel(x, y) >> 8;
				line[3 * x + 2] = paintfb_pixel(x, y) >> 16;
				break;
			default:
				((uint32_t *)line)[x] = paintfb_pixel(x, y);
			}
	/* A mistake of the driver's own, for the test that it is told. */
	if (prop_dictionary_get_uint64(dict, "crash", &address))
		*(volatile uint32_t *)(uintptr_t)address = 1;
}

static int
paintfb_detach(device_t self, int flags)
{
	struct paintfb_softc *sc = device_private(self);

	if (sc->sc_size != 0)
		bus_space_unmap(sc->sc_memt, sc->sc_memh, sc->sc_size);
	return 0;
}

CFATTACH_DECL_NEW(paintfb, sizeof(struct paintfb_softc), paintfb_match,
    paintfb_attach, paintfb_detach, NULL);
