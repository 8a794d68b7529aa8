/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * bochsfb(4): the registers.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/bus.h>

#include <dev/videomode/videomode.h>
#include <dev/videomode/edidvar.h>

#include "bochsfbreg.h"
#include "bochsfbvar.h"

static uint16_t
bochsfb_read(struct bochsfb_softc *sc, u_int index)
{

	if (sc->sc_regsize != 0)
		return bus_space_read_2(sc->sc_regt, sc->sc_dispih, index * 2);
	bus_space_write_2(
	    sc->sc_regt, sc->sc_dispih, BOCHSFB_PORT_INDEX, index);
	return bus_space_read_2(sc->sc_regt, sc->sc_dispih, BOCHSFB_PORT_DATA);
}

static void
bochsfb_write(struct bochsfb_softc *sc, u_int index, uint16_t value)
{

	if (sc->sc_regsize != 0) {
		bus_space_write_2(sc->sc_regt, sc->sc_dispih, index * 2, value);
		return;
	}
	bus_space_write_2(
	    sc->sc_regt, sc->sc_dispih, BOCHSFB_PORT_INDEX, index);
	bus_space_write_2(sc->sc_regt, sc->sc_dispih, BOCHSFB_PORT_DATA, value);
}

int
bochsfb_probe(struct bochsfb_softc *sc)
{
	uint16_t id;

	id = bochsfb_read(sc, DISPI_ID);
	if (__SHIFTOUT(id, DISPI_ID_MAGIC) != DISPI_MAGIC) {
		aprint_error_dev(
		    sc->sc_fb.fb_dev, "unexpected identification 0x%04x\n", id);
		return EIO;
	}
	aprint_normal_dev(sc->sc_fb.fb_dev,
	    "interface version %u, %s, %u KB of video memory\n",
	    (u_int)__SHIFTOUT(id, DISPI_ID_VERSION),
	    sc->sc_have_vga ? "8 to 32 bits" : "16 or 32 bits",
	    (u_int)(bochsfb_memory(sc) / 1024));
	return 0;
}

bus_size_t
bochsfb_memory(struct bochsfb_softc *sc)
{
	bus_size_t size;

	size = (bus_size_t)bochsfb_read(sc, DISPI_MEMORY) * 64 * 1024;
	/* Not more than can be reached, whatever it says. */
	return MIN(size, sc->sc_fb.fb_memsize);
}

bool
bochsfb_read_edid(struct bochsfb_softc *sc, uint8_t *edid)
{
	bus_size_t i;

	if (sc->sc_regsize == 0)
		return false;
	for (i = 0; i < 128; i++)
		edid[i] = bus_space_read_1(
		    sc->sc_regt, sc->sc_regh, BOCHSFB_MMIO_EDID + i);
	return edid_is_valid(edid) == 0;
}

bool
bochsfb_depth_ok(const struct bochsfb_softc *sc, uint32_t depth)
{

	switch (depth) {
	case 16:
	case 32:
		return true;
	case 8:
	case 15:
	case 24:
		return sc->sc_have_vga;
	default:
		return false;
	}
}

/* The VGA shows nothing before its attribute controller was told to. */
static void
bochsfb_vga_display(struct bochsfb_softc *sc, bool on)
{

	(void)bus_space_read_1(sc->sc_regt, sc->sc_vgah, VGA_STATUS1);
	bus_space_write_1(
	    sc->sc_regt, sc->sc_vgah, VGA_ATTR, on ? VGA_ATTR_DISPLAY : 0);
}

int
bochsfb_set_mode(struct fbcons *fb)
{
	struct bochsfb_softc *sc = fb->fb_cookie;
	const struct fbcons_mode *fm = &fb->fb_mode;
	uint16_t enable, pitch;

	pitch = fm->fm_stride / fm->fm_bytes;
	enable = DISPI_ENABLED | DISPI_LFB | DISPI_NOCLEAR;
	if (fm->fm_depth == 8)
		enable |= DISPI_8BIT_DAC;

	bochsfb_write(sc, DISPI_ENABLE, 0);
	bochsfb_write(sc, DISPI_BPP, fm->fm_depth);
	bochsfb_write(sc, DISPI_XRES, fm->fm_width);
	bochsfb_write(sc, DISPI_YRES, fm->fm_height);
	bochsfb_write(sc, DISPI_BANK, 0);
	bochsfb_write(sc, DISPI_ENABLE, enable);
	/* These are set by the VGA itself when the mode is enabled. */
	bochsfb_write(sc, DISPI_VIRT_WIDTH, pitch);
	bochsfb_write(sc, DISPI_X_OFFSET, 0);
	bochsfb_write(sc, DISPI_Y_OFFSET, 0);
	if (sc->sc_have_vga)
		bochsfb_vga_display(sc, true);
	fb->fb_blank = false;

	if (bochsfb_read(sc, DISPI_XRES) != fm->fm_width ||
	    bochsfb_read(sc, DISPI_YRES) != fm->fm_height ||
	    bochsfb_read(sc, DISPI_BPP) != fm->fm_depth ||
	    bochsfb_read(sc, DISPI_VIRT_WIDTH) != pitch ||
	    (bochsfb_read(sc, DISPI_ENABLE) & DISPI_ENABLED) == 0) {
		aprint_error_dev(fb->fb_dev,
		    "the device does not take %ux%u at %u bits with lines of "
		    "%u bytes: it has %ux%u at %u bits\n",
		    fm->fm_width, fm->fm_height, fm->fm_depth, fm->fm_stride,
		    bochsfb_read(sc, DISPI_XRES), bochsfb_read(sc, DISPI_YRES),
		    bochsfb_read(sc, DISPI_BPP));
		return EIO;
	}
	return 0;
}

void
bochsfb_blank(struct fbcons *fb, bool blank)
{
	struct bochsfb_softc *sc = fb->fb_cookie;
	uint16_t enable;

	if (sc->sc_have_vga) {
		bochsfb_vga_display(sc, !blank);
	} else {
		enable = bochsfb_read(sc, DISPI_ENABLE) & ~DISPI_ENABLED;
		bochsfb_write(
		    sc, DISPI_ENABLE, blank ? enable : enable | DISPI_ENABLED);
	}
	fb->fb_blank = blank;
}

void
bochsfb_load_cmap(struct fbcons *fb, u_int first, u_int count)
{
	struct bochsfb_softc *sc = fb->fb_cookie;
	u_int i, gun;

	if (!sc->sc_have_vga || count == 0)
		return;
	bus_space_write_1(sc->sc_regt, sc->sc_vgah, VGA_DAC_WRITE, first);
	for (i = first; i < first + count; i++)
		for (gun = 0; gun < __arraycount(fb->fb_cmap); gun++)
			bus_space_write_1(sc->sc_regt, sc->sc_vgah,
			    VGA_DAC_DATA, fb->fb_cmap[gun][i]);
}
