/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ragefb(4): what the display controller shows.
 *
 * On QEMU's model any mode can be set, as nothing there depends on a clock.  On
 * a card the clocks are the firmware's work, and so the mode is what the
 * firmware left.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/kmem.h>
#include <sys/bus.h>

#include <prop/proplib.h>

#include <dev/videomode/videomode.h>
#include <dev/videomode/edidvar.h>

#include "ragefbreg.h"
#include "ragefbvar.h"

/* Blanking as in the reduced timings of the CVT standard. */
#define RAGE_H_FRONT 48
#define RAGE_H_SYNC  32
#define RAGE_H_BLANK 160
#define RAGE_V_FRONT 3
#define RAGE_V_SYNC  6
#define RAGE_V_BLANK 23

/* The engine's pitch is in units of 8 pixels of up to 4 bytes. */
#define RAGE_STRIDE_ALIGN 32

static const struct {
	uint8_t depth;
	uint8_t pix;
	uint8_t bytes;
} ragefb_depths[] = {
	{ 8, RAGE_PIX_8, 1 },
	{ 15, RAGE_PIX_15, 2 },
	{ 16, RAGE_PIX_16, 2 },
	{ 24, RAGE_PIX_24, 3 },
	{ 32, RAGE_PIX_32, 4 },
};

bus_size_t
ragefb_memory(struct ragefb_softc *sc)
{
	bus_size_t size;

	size = ragefb_read(sc, RAGE_CONFIG_MEMSIZE);
	/* Not more than can be reached, whatever it says. */
	return MIN(size, sc->sc_memsize);
}

/* What the monitor likes best, or what every monitor can show. */
static void
ragefb_preferred_mode(struct ragefb_softc *sc)
{
	struct ragefb_mode *rm = &sc->sc_mode;
	struct edid_info *info;
	prop_data_t data;
	uint8_t edid[128];

	rm->rm_width = 1024;
	rm->rm_height = 768;
	rm->rm_depth = 32;

	if (!ragefb_read_edid(sc, edid)) {
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
			rm->rm_width = info->edid_preferred_mode->hdisplay;
			rm->rm_height = info->edid_preferred_mode->vdisplay;
		}
	}
	kmem_free(info, sizeof(*info));
}

/* What the controller shows now: false if that is a VGA's text. */
static bool
ragefb_current_mode(struct ragefb_softc *sc)
{
	struct ragefb_mode *rm = &sc->sc_mode;
	uint32_t gen, pix;
	size_t i;

	gen = ragefb_read(sc, RAGE_CRTC_GEN_CNTL);
	if ((gen & RAGE_CRTC_EXT_DISP_EN) == 0 || (gen & RAGE_CRTC_EN) == 0)
		return false;
	pix = __SHIFTOUT(gen, RAGE_CRTC_PIX_WIDTH);
	for (i = 0; i < __arraycount(ragefb_depths); i++)
		if (ragefb_depths[i].pix == pix)
			break;
	if (i == __arraycount(ragefb_depths))
		return false;

	rm->rm_depth = ragefb_depths[i].depth;
	rm->rm_width = (__SHIFTOUT(ragefb_read(sc, RAGE_CRTC_H_TOTAL_DISP),
			    RAGE_CRTC_DISP) +
			   1) *
	    8;
	rm->rm_height = __SHIFTOUT(ragefb_read(sc, RAGE_CRTC_V_TOTAL_DISP),
			    RAGE_CRTC_V_DISP) +
	    1;
	rm->rm_stride = (ragefb_read(sc, RAGE_CRTC_PITCH) & RAGE_CRTC_TOTAL) *
	    8 * ragefb_depths[i].bytes;
	return true;
}

/*
 * Takes a number from the properties if it is there: false, and a message, if
 * it is something else than a number.
 */
static bool
ragefb_property(
    struct ragefb_softc *sc, const char *name, uint32_t *value, bool *found)
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
ragefb_check_mode(struct ragefb_softc *sc, bool have_stride)
{
	struct ragefb_mode *rm = &sc->sc_mode;
	uint32_t line;
	size_t i;

	for (i = 0; i < __arraycount(ragefb_depths); i++)
		if (ragefb_depths[i].depth == rm->rm_depth)
			break;
	if (i == __arraycount(ragefb_depths)) {
		aprint_error_dev(sc->sc_dev,
		    "no mode of %u bits: this device has 8, 15, 16, 24 and 32"
		    "\n",
		    rm->rm_depth);
		return EINVAL;
	}
	rm->rm_bytes = ragefb_depths[i].bytes;

	if (rm->rm_width < 64 || rm->rm_width % 8 != 0 ||
	    rm->rm_width >
		(__SHIFTOUT(RAGE_CRTC_DISP, RAGE_CRTC_DISP) + 1) * 8 ||
	    rm->rm_height < 64 ||
	    rm->rm_height >
		__SHIFTOUT(RAGE_CRTC_V_DISP, RAGE_CRTC_V_DISP) + 1) {
		aprint_error_dev(sc->sc_dev,
		    "no mode of %ux%u pixels: the width is a multiple of 8\n",
		    rm->rm_width, rm->rm_height);
		return EINVAL;
	}

	line = rm->rm_width * rm->rm_bytes;
	/* What was meant for another size or depth does not fit this one. */
	if (have_stride &&
	    (rm->rm_stride < line || rm->rm_stride % (8 * rm->rm_bytes) != 0)) {
		aprint_normal_dev(sc->sc_dev,
		    "lines of %u bytes cannot hold %u pixels of %u bytes, or "
		    "are not a multiple of 8 pixels\n",
		    rm->rm_stride, rm->rm_width, rm->rm_bytes);
		have_stride = false;
	}
	if (!have_stride)
		rm->rm_stride = roundup(rm->rm_width, RAGE_STRIDE_ALIGN) *
		    rm->rm_bytes;
	if ((uint64_t)rm->rm_stride * rm->rm_height > ragefb_memory(sc)) {
		aprint_error_dev(sc->sc_dev,
		    "%ux%u at %u bits needs %u KB of video memory, there are "
		    "%u KB\n",
		    rm->rm_width, rm->rm_height, rm->rm_depth,
		    (u_int)howmany(
			(uint64_t)rm->rm_stride * rm->rm_height, 1024),
		    (u_int)(ragefb_memory(sc) / 1024));
		return EINVAL;
	}
	return 0;
}

int
ragefb_choose_mode(struct ragefb_softc *sc)
{
	struct ragefb_mode *rm = &sc->sc_mode;
	bool found;

	if (!sc->sc_emulated) {
		if (ragefb_current_mode(sc))
			return ragefb_check_mode(sc, true);
		aprint_error_dev(
		    sc->sc_dev, "the firmware left no mode that is usable\n");
		return ENODEV;
	}

	ragefb_preferred_mode(sc);
	if (!ragefb_property(sc, "width", &rm->rm_width, &found) ||
	    !ragefb_property(sc, "height", &rm->rm_height, &found) ||
	    !ragefb_property(sc, "depth", &rm->rm_depth, &found) ||
	    !ragefb_property(sc, "linebytes", &rm->rm_stride, &found))
		return EINVAL;
	return ragefb_check_mode(sc, found);
}

/* Totals, displayed part and place of the sync pulse in both directions. */
static void
ragefb_set_timing(struct ragefb_softc *sc)
{
	const struct ragefb_mode *rm = &sc->sc_mode;
	uint32_t total, disp, start;

	total = (rm->rm_width + RAGE_H_BLANK) / 8 - 1;
	disp = rm->rm_width / 8 - 1;
	start = rm->rm_width + RAGE_H_FRONT;
	ragefb_write(sc, RAGE_CRTC_H_TOTAL_DISP,
	    __SHIFTIN(total, RAGE_CRTC_TOTAL) |
		__SHIFTIN(disp, RAGE_CRTC_DISP));
	ragefb_write(sc, RAGE_CRTC_H_SYNC,
	    __SHIFTIN(start, RAGE_CRTC_SYNC_START) |
		__SHIFTIN(RAGE_H_SYNC / 8, RAGE_CRTC_SYNC_WIDTH));

	total = rm->rm_height + RAGE_V_BLANK - 1;
	disp = rm->rm_height - 1;
	start = rm->rm_height + RAGE_V_FRONT - 1;
	ragefb_write(sc, RAGE_CRTC_V_TOTAL_DISP,
	    __SHIFTIN(total, RAGE_CRTC_V_TOTAL) |
		__SHIFTIN(disp, RAGE_CRTC_V_DISP));
	ragefb_write(sc, RAGE_CRTC_V_SYNC,
	    __SHIFTIN(start, RAGE_CRTC_SYNC_START) |
		__SHIFTIN(RAGE_V_SYNC, RAGE_CRTC_SYNC_WIDTH));
}

int
ragefb_set_mode(struct ragefb_softc *sc)
{
	const struct ragefb_mode *rm = &sc->sc_mode;
	uint32_t gen, dac, pix = 0;
	size_t i;

	dac = ragefb_read(sc, RAGE_DAC_CNTL);
	ragefb_write(sc, RAGE_DAC_CNTL, dac | RAGE_DAC_8BIT_EN | RAGE_DAC_MASK);
	if (!sc->sc_emulated)
		return 0;

	for (i = 0; i < __arraycount(ragefb_depths); i++)
		if (ragefb_depths[i].depth == rm->rm_depth)
			pix = ragefb_depths[i].pix;

	/* Off first: the model looks at the rest when it is switched on. */
	gen = ragefb_read(sc, RAGE_CRTC_GEN_CNTL);
	gen &= ~(RAGE_CRTC_PIX_WIDTH | RAGE_CRTC_EN);
	gen |= RAGE_CRTC_EXT_DISP_EN | __SHIFTIN(pix, RAGE_CRTC_PIX_WIDTH);
	ragefb_write(sc, RAGE_CRTC_GEN_CNTL, gen);
	ragefb_set_timing(sc);
	ragefb_write(sc, RAGE_CRTC_OFFSET, 0);
	ragefb_write(sc, RAGE_CRTC_OFFSET_CNTL, 0);
	ragefb_write(sc, RAGE_CRTC_PITCH, rm->rm_stride / rm->rm_bytes / 8);
	ragefb_write(sc, RAGE_CRTC_GEN_CNTL, gen | RAGE_CRTC_EN);
	ragefb_blank(sc, false);

	if (ragefb_read(sc, RAGE_CRTC_GEN_CNTL) != (gen | RAGE_CRTC_EN)) {
		aprint_error_dev(sc->sc_dev,
		    "the device does not take %ux%u at %u bits\n", rm->rm_width,
		    rm->rm_height, rm->rm_depth);
		return EIO;
	}
	return 0;
}

void
ragefb_blank(struct ragefb_softc *sc, bool blank)
{

	ragefb_write(sc, RAGE_CRTC_EXT_CNTL,
	    RAGE_CRTC_ATI_LINEAR | RAGE_CRTC_VGA_CNT_EN |
		(blank ? RAGE_CRTC_DISPLAY_DIS : 0));
	sc->sc_blank = blank;
}

void
ragefb_load_cmap(struct ragefb_softc *sc, u_int first, u_int count)
{
	u_int i;

	for (i = first; i < first + count; i++) {
		ragefb_write(sc, RAGE_PALETTE_INDEX, i);
		ragefb_write(sc, RAGE_PALETTE_DATA,
		    (uint32_t)sc->sc_cmap[0][i] << 16 |
			(uint32_t)sc->sc_cmap[1][i] << 8 | sc->sc_cmap[2][i]);
	}
}
