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
#include <sys/bus.h>

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
	return MIN(size, sc->sc_fb.fb_memsize);
}

/* What the controller shows now: false if that is a VGA's text. */
static bool
ragefb_current_mode(struct ragefb_softc *sc)
{
	struct fbcons_mode *fm = &sc->sc_fb.fb_mode;
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

	fm->fm_depth = ragefb_depths[i].depth;
	fm->fm_width = (__SHIFTOUT(ragefb_read(sc, RAGE_CRTC_H_TOTAL_DISP),
			    RAGE_CRTC_DISP) +
			   1) *
	    8;
	fm->fm_height = __SHIFTOUT(ragefb_read(sc, RAGE_CRTC_V_TOTAL_DISP),
			    RAGE_CRTC_V_DISP) +
	    1;
	fm->fm_stride = (ragefb_read(sc, RAGE_CRTC_PITCH) & RAGE_CRTC_TOTAL) *
	    8 * ragefb_depths[i].bytes;
	return true;
}

/*
 * QEMU's model takes note of what the engine drew by the lines of its window,
 * which have 4 bytes a pixel whatever the screen has, unless the window shows
 * the video memory itself.  What is noted in other lines is not seen there.
 */
bool
ragefb_engine_seen(const struct ragefb_softc *sc)
{
	const struct fbcons_mode *fm = &sc->sc_fb.fb_mode;

	if (!sc->sc_emulated || fm->fm_bytes == 2 || fm->fm_bytes == 4)
		return true;
	return fm->fm_stride == fm->fm_width * 4;
}

static int
ragefb_check_mode(struct ragefb_softc *sc, bool have_stride)
{
	struct fbcons_mode *fm = &sc->sc_fb.fb_mode;
	uint32_t line;
	size_t i;

	for (i = 0; i < __arraycount(ragefb_depths); i++)
		if (ragefb_depths[i].depth == fm->fm_depth)
			break;
	if (i == __arraycount(ragefb_depths)) {
		aprint_error_dev(sc->sc_fb.fb_dev,
		    "no mode of %u bits: this device has 8, 15, 16, 24 and 32"
		    "\n",
		    fm->fm_depth);
		return EINVAL;
	}
	fm->fm_bytes = ragefb_depths[i].bytes;

	if (fm->fm_width < 64 || fm->fm_width % 8 != 0 ||
	    fm->fm_width >
		(__SHIFTOUT(RAGE_CRTC_DISP, RAGE_CRTC_DISP) + 1) * 8 ||
	    fm->fm_height < 64 ||
	    fm->fm_height >
		__SHIFTOUT(RAGE_CRTC_V_DISP, RAGE_CRTC_V_DISP) + 1) {
		aprint_error_dev(sc->sc_fb.fb_dev,
		    "no mode of %ux%u pixels: the width is a multiple of 8\n",
		    fm->fm_width, fm->fm_height);
		return EINVAL;
	}

	line = fm->fm_width * fm->fm_bytes;
	/* What was meant for another size or depth does not fit this one. */
	if (have_stride &&
	    (fm->fm_stride < line || fm->fm_stride % (8 * fm->fm_bytes) != 0)) {
		aprint_normal_dev(sc->sc_fb.fb_dev,
		    "lines of %u bytes cannot hold %u pixels of %u bytes, or "
		    "are not a multiple of 8 pixels\n",
		    fm->fm_stride, fm->fm_width, fm->fm_bytes);
		have_stride = false;
	}
	if (!have_stride)
		fm->fm_stride = roundup(fm->fm_width, RAGE_STRIDE_ALIGN) *
		    fm->fm_bytes;
	if (!ragefb_engine_seen(sc) &&
	    fm->fm_width * 4 % (8 * fm->fm_bytes) == 0)
		fm->fm_stride = fm->fm_width * 4;
	return fbcons_check_memory(&sc->sc_fb, ragefb_memory(sc));
}

int
ragefb_choose_mode(struct ragefb_softc *sc)
{
	uint8_t edid[128];
	bool found;

	if (!sc->sc_emulated) {
		if (ragefb_current_mode(sc))
			return ragefb_check_mode(sc, true);
		aprint_error_dev(sc->sc_fb.fb_dev,
		    "the firmware left no mode that is usable\n");
		return ENODEV;
	}

	fbcons_preferred_mode(
	    &sc->sc_fb, ragefb_read_edid(sc, edid) ? edid : NULL);
	if (fbcons_properties(&sc->sc_fb, &found) != 0)
		return EINVAL;
	return ragefb_check_mode(sc, found);
}

/* Totals, displayed part and place of the sync pulse in both directions. */
static void
ragefb_set_timing(struct ragefb_softc *sc)
{
	const struct fbcons_mode *fm = &sc->sc_fb.fb_mode;
	uint32_t total, disp, start;

	total = (fm->fm_width + RAGE_H_BLANK) / 8 - 1;
	disp = fm->fm_width / 8 - 1;
	start = fm->fm_width + RAGE_H_FRONT;
	ragefb_write(sc, RAGE_CRTC_H_TOTAL_DISP,
	    __SHIFTIN(total, RAGE_CRTC_TOTAL) |
		__SHIFTIN(disp, RAGE_CRTC_DISP));
	ragefb_write(sc, RAGE_CRTC_H_SYNC,
	    __SHIFTIN(start, RAGE_CRTC_SYNC_START) |
		__SHIFTIN(RAGE_H_SYNC / 8, RAGE_CRTC_SYNC_WIDTH));

	total = fm->fm_height + RAGE_V_BLANK - 1;
	disp = fm->fm_height - 1;
	start = fm->fm_height + RAGE_V_FRONT - 1;
	ragefb_write(sc, RAGE_CRTC_V_TOTAL_DISP,
	    __SHIFTIN(total, RAGE_CRTC_V_TOTAL) |
		__SHIFTIN(disp, RAGE_CRTC_V_DISP));
	ragefb_write(sc, RAGE_CRTC_V_SYNC,
	    __SHIFTIN(start, RAGE_CRTC_SYNC_START) |
		__SHIFTIN(RAGE_V_SYNC, RAGE_CRTC_SYNC_WIDTH));
}

int
ragefb_set_mode(struct fbcons *fb)
{
	struct ragefb_softc *sc = fb->fb_cookie;
	const struct fbcons_mode *fm = &fb->fb_mode;
	uint32_t gen, dac, pix = 0;
	size_t i;

	dac = ragefb_read(sc, RAGE_DAC_CNTL);
	ragefb_write(sc, RAGE_DAC_CNTL, dac | RAGE_DAC_8BIT_EN | RAGE_DAC_MASK);
	if (!sc->sc_emulated)
		return 0;

	for (i = 0; i < __arraycount(ragefb_depths); i++)
		if (ragefb_depths[i].depth == fm->fm_depth)
			pix = ragefb_depths[i].pix;

	/* Off first: the model looks at the rest when it is switched on. */
	gen = ragefb_read(sc, RAGE_CRTC_GEN_CNTL);
	gen &= ~(RAGE_CRTC_PIX_WIDTH | RAGE_CRTC_EN);
	gen |= RAGE_CRTC_EXT_DISP_EN | __SHIFTIN(pix, RAGE_CRTC_PIX_WIDTH);
	ragefb_write(sc, RAGE_CRTC_GEN_CNTL, gen);
	ragefb_set_timing(sc);
	ragefb_write(sc, RAGE_CRTC_OFFSET, 0);
	ragefb_write(sc, RAGE_CRTC_OFFSET_CNTL, 0);
	ragefb_write(sc, RAGE_CRTC_PITCH, fm->fm_stride / fm->fm_bytes / 8);
	ragefb_write(sc, RAGE_CRTC_GEN_CNTL, gen | RAGE_CRTC_EN);
	ragefb_blank(fb, false);

	if (ragefb_read(sc, RAGE_CRTC_GEN_CNTL) != (gen | RAGE_CRTC_EN)) {
		aprint_error_dev(fb->fb_dev,
		    "the device does not take %ux%u at %u bits\n", fm->fm_width,
		    fm->fm_height, fm->fm_depth);
		return EIO;
	}
	return 0;
}

void
ragefb_blank(struct fbcons *fb, bool blank)
{
	struct ragefb_softc *sc = fb->fb_cookie;

	ragefb_write(sc, RAGE_CRTC_EXT_CNTL,
	    RAGE_CRTC_ATI_LINEAR | RAGE_CRTC_VGA_CNT_EN |
		(blank ? RAGE_CRTC_DISPLAY_DIS : 0));
	fb->fb_blank = blank;
}

void
ragefb_load_cmap(struct fbcons *fb, u_int first, u_int count)
{
	struct ragefb_softc *sc = fb->fb_cookie;
	u_int i;

	for (i = first; i < first + count; i++) {
		ragefb_write(sc, RAGE_PALETTE_INDEX, i);
		ragefb_write(sc, RAGE_PALETTE_DATA,
		    (uint32_t)fb->fb_cmap[0][i] << 16 |
			(uint32_t)fb->fb_cmap[1][i] << 8 | fb->fb_cmap[2][i]);
	}
}
