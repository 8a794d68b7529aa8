/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ragefb(4): the drawing engine.
 *
 * It is given its work through a queue, so that the CPU runs ahead of it;
 * memory is only to be touched when it is idle.  An engine that does not become
 * idle, or that draws something else than it was told, is not used any more.
 *
 * A rectangle is given to it in units of 1, 2 or 4 bytes, whatever a pixel has:
 * so 24 bits, which few of these engines know, are drawn too.  Not every engine
 * has every unit (some of QEMU's copy no bytes), which is found by trying.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/bus.h>

#include <prop/proplib.h>

#include "ragefbreg.h"
#include "ragefbvar.h"

/* Times DELAY: 100 ms, in which a whole screen is drawn often. */
#define RAGE_TRIES 20000
#define RAGE_DELAY 5 /* microseconds */

static void
ragefb_engine_fail(struct ragefb_softc *sc, uint32_t status)
{

	aprint_error_dev(sc->sc_fb.fb_dev,
	    "engine is stuck (status 0x%08x): the CPU draws from now on\n",
	    status);
	sc->sc_engine = false;
	sc->sc_drawing = false;
	sc->sc_lost = true;
}

/* Waits for room for some writes, of which the engine is asked seldom. */
static bool
ragefb_engine_room(struct ragefb_softc *sc, u_int count)
{
	uint32_t status = 0;
	u_int i;

	for (i = 0; sc->sc_engine && sc->sc_room < count; i++) {
		if (i == RAGE_TRIES) {
			ragefb_engine_fail(sc, status);
			break;
		}
		if (i != 0)
			delay(RAGE_DELAY);
		status = ragefb_read(sc, RAGE_GUI_STAT);
		sc->sc_room = __SHIFTOUT(status, RAGE_GUI_FIFO);
	}
	if (!sc->sc_engine)
		return false;
	sc->sc_room -= count;
	return true;
}

/* Also what the engine still holds back has to go to memory. */
static bool
ragefb_engine_flush(struct ragefb_softc *sc)
{
	uint32_t status;
	u_int i;

	ragefb_write(sc, RAGE_PC_NGUI_CTLSTAT, RAGE_PC_FLUSH);
	for (i = 0; i < RAGE_TRIES; i++) {
		status = ragefb_read(sc, RAGE_PC_NGUI_CTLSTAT);
		if ((status & RAGE_PC_BUSY) == 0)
			return true;
		delay(RAGE_DELAY);
	}
	ragefb_engine_fail(sc, status);
	return false;
}

void
ragefb_engine_idle(struct ragefb_softc *sc)
{
	uint32_t status = 0;
	u_int i;

	if (!sc->sc_engine || !sc->sc_drawing)
		return;
	for (i = 0; i < RAGE_TRIES; i++) {
		status = ragefb_read(sc, RAGE_GUI_STAT);
		sc->sc_room = __SHIFTOUT(status, RAGE_GUI_FIFO);
		if (sc->sc_room >= RAGE_GUI_FIFO_SIZE &&
		    (status & RAGE_GUI_ACTIVE) == 0) {
			if (ragefb_engine_flush(sc))
				sc->sc_drawing = false;
			return;
		}
		delay(RAGE_DELAY);
	}
	ragefb_engine_fail(sc, status);
}

/* Says what is to be done, where that is not what was done last. */
static bool
ragefb_engine_prepare(
    struct ragefb_softc *sc, u_int unit, uint32_t master, uint32_t dir)
{

	if (!ragefb_engine_room(sc, 4))
		return false;
	if (unit != sc->sc_unit) {
		ragefb_write(
		    sc, RAGE_SRC_PITCH, sc->sc_fb.fb_mode.fm_stride / unit / 8);
		ragefb_write(
		    sc, RAGE_DST_PITCH, sc->sc_fb.fb_mode.fm_stride / unit / 8);
		sc->sc_unit = unit;
	}
	master |= RAGE_GMC_SRC_PITCH_OFF | RAGE_GMC_DST_PITCH_OFF |
	    RAGE_GMC_NO_COLOR_CMP | RAGE_GMC_NO_AUX_CLIP |
	    __SHIFTIN(RAGE_GMC_SRC_COLOR, RAGE_GMC_SRC_TYPE) |
	    __SHIFTIN(unit == 1 ? RAGE_PIX_8
		    : unit == 2 ? RAGE_PIX_16
				: RAGE_PIX_32,
		RAGE_GMC_DST_TYPE);
	if (master != sc->sc_master) {
		ragefb_write(sc, RAGE_DP_GUI_MASTER_CNTL, master);
		sc->sc_master = master;
	}
	if (dir != sc->sc_dir) {
		ragefb_write(sc, RAGE_DP_CNTL, dir);
		sc->sc_dir = dir;
	}
	return true;
}

/* Fills in units; `value` is as wide as a unit. */
static bool
ragefb_engine_fill(struct ragefb_softc *sc, u_int unit, u_int x, u_int y,
    u_int width, u_int height, uint32_t value)
{

	if (!ragefb_engine_prepare(sc, unit,
		__SHIFTIN(RAGE_GMC_BRUSH_SOLID, RAGE_GMC_BRUSH) |
		    __SHIFTIN(RAGE_GMC_ROP_PATTERN, RAGE_GMC_ROP),
		RAGE_DP_LEFT_TO_RIGHT | RAGE_DP_TOP_TO_BOTTOM) ||
	    !ragefb_engine_room(sc, 3))
		return false;
	ragefb_write(sc, RAGE_DP_BRUSH_FRGD_CLR, value);
	ragefb_write(sc, RAGE_DST_Y_X, y << 16 | x);
	ragefb_write(sc, RAGE_DST_HEIGHT_WIDTH, height << 16 | width);
	sc->sc_drawing = true;
	sc->sc_ev_fill.ev_count++;
	return true;
}

/* Copies in units, from the corner from which the source survives. */
static bool
ragefb_engine_copy(struct ragefb_softc *sc, u_int unit, u_int xs, u_int ys,
    u_int xd, u_int yd, u_int width, u_int height)
{
	uint32_t dir = 0;

	if (ys > yd || (ys == yd && xs >= xd)) {
		dir = RAGE_DP_LEFT_TO_RIGHT | RAGE_DP_TOP_TO_BOTTOM;
	} else if (ys == yd) {
		dir = RAGE_DP_TOP_TO_BOTTOM;
		xs += width - 1;
		xd += width - 1;
	} else {
		dir = RAGE_DP_LEFT_TO_RIGHT;
		ys += height - 1;
		yd += height - 1;
	}

	if (!ragefb_engine_prepare(sc, unit,
		__SHIFTIN(RAGE_GMC_BRUSH_NONE, RAGE_GMC_BRUSH) |
		    __SHIFTIN(RAGE_GMC_SOURCE_MEMORY, RAGE_GMC_SOURCE) |
		    __SHIFTIN(RAGE_GMC_ROP_SRC, RAGE_GMC_ROP),
		dir) ||
	    !ragefb_engine_room(sc, 3))
		return false;
	ragefb_write(sc, RAGE_SRC_Y_X, ys << 16 | xs);
	ragefb_write(sc, RAGE_DST_Y_X, yd << 16 | xd);
	ragefb_write(sc, RAGE_DST_HEIGHT_WIDTH, height << 16 | width);
	sc->sc_drawing = true;
	sc->sc_ev_copy.ev_count++;
	return true;
}

/*
 * The widest unit that the engine has and that divides all of these numbers of
 * bytes, which are ORed together; 0 if there is none.
 */
static u_int
ragefb_unit(u_int units, u_int bytes)
{
	u_int unit;

	for (unit = 4; unit != 0; unit /= 2)
		if ((units & unit) != 0 && bytes % unit == 0)
			return unit;
	return 0;
}

bool
ragefb_copy(struct ragefb_softc *sc, int xs, int ys, int xd, int yd, int width,
    int height)
{
	const u_int bytes = sc->sc_fb.fb_mode.fm_bytes;
	u_int unit;

	unit = ragefb_unit(sc->sc_copy_units, (xs | xd | width) * bytes);
	if (!sc->sc_engine || unit == 0)
		return false;
	return ragefb_engine_copy(sc, unit, xs * bytes / unit, ys,
	    xd * bytes / unit, yd, width * bytes / unit, height);
}

/*
 * A colour of three different bytes is no unit's: one line is drawn by the CPU,
 * and copied to one, two, four... lines.
 */
static bool
ragefb_fill_24(struct ragefb_softc *sc, int x, int y, int width, int height,
    uint32_t value)
{
	const u_int copyable = ragefb_unit(
	    sc->sc_copy_units, (x | width) * sc->sc_fb.fb_mode.fm_bytes);
	uint8_t *p;
	int i, done;

	if (!sc->sc_engine || copyable == 0)
		return false;
	ragefb_engine_idle(sc);
	p = sc->sc_fb.fb_mem + (size_t)y * sc->sc_fb.fb_mode.fm_stride + x * 3;
	for (i = 0; i < width; i++) {
		*p++ = value;
		*p++ = value >> 8;
		*p++ = value >> 16;
	}
	for (done = 1; done < height; done *= 2)
		if (!ragefb_copy(
			sc, x, y, x, y + done, width, MIN(done, height - done)))
			return false;
	return true;
}

bool
ragefb_fill(struct ragefb_softc *sc, int x, int y, int width, int height,
    uint32_t value)
{
	const u_int bytes = sc->sc_fb.fb_mode.fm_bytes;
	u_int unit;

	if (width <= 0 || height <= 0)
		return true;
	if (bytes != 3) {
		unit = bytes;
	} else {
		value &= 0xffffff;
		if (value != (value & 0xff) * 0x010101)
			return ragefb_fill_24(sc, x, y, width, height, value);
		unit = 1;
	}
	if (!sc->sc_engine || (sc->sc_fill_units & unit) == 0)
		return false;
	if (unit < 2)
		value = (value & 0xff) * 0x0101;
	if (unit < 4)
		value = (value & 0xffff) * 0x00010001;
	return ragefb_engine_fill(
	    sc, unit, x * bytes / unit, y, width * bytes / unit, height, value);
}

/* A line of memory that should be zeroes but for [from, to). */
static bool
ragefb_line_is(
    const uint8_t *line, size_t size, size_t from, size_t to, uint8_t value)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (line[i] != (i >= from && i < to ? value : 0))
			return false;
	return true;
}

/*
 * Has the engine draw in the corner of the screen, in each unit, and looks at
 * what became of it.
 */
static void
ragefb_engine_try(struct ragefb_softc *sc)
{
	const size_t size = 128; /* bytes, of the narrowest screen's line */
	u_int unit, fills = 0, copies = 0;
	uint8_t *line0 = sc->sc_fb.fb_mem;
	uint8_t *line1 = sc->sc_fb.fb_mem + sc->sc_fb.fb_mode.fm_stride;

	for (unit = 1; unit <= 4; unit *= 2) {
		ragefb_engine_idle(sc);
		memset(line0, 0, size);
		memset(line1, 0, size);
		ragefb_engine_fill(
		    sc, unit, 8 / unit, 0, 16 / unit, 2, 0x5a5a5a5a);
		ragefb_engine_idle(sc);
		if (sc->sc_engine && ragefb_line_is(line0, size, 8, 24, 0x5a) &&
		    ragefb_line_is(line1, size, 8, 24, 0x5a))
			fills |= unit;

		/* One that overlaps, away from the bytes 8 and after. */
		memset(line0, 0, size);
		memset(line1, 0, size);
		memset(line0 + 16, 0xa5, 32);
		ragefb_engine_copy(
		    sc, unit, 16 / unit, 0, 24 / unit, 0, 32 / unit, 1);
		ragefb_engine_idle(sc);
		if (sc->sc_engine &&
		    ragefb_line_is(line0, size, 16, 56, 0xa5) &&
		    ragefb_line_is(line1, size, 0, 0, 0))
			copies |= unit;
	}
	memset(line0, 0, size);
	memset(line1, 0, size);

	sc->sc_fill_units = fills;
	sc->sc_copy_units = copies;
	if (fills == 0 && copies == 0)
		sc->sc_engine = false;
	if (sc->sc_engine)
		aprint_verbose_dev(sc->sc_fb.fb_dev,
		    "engine fills units of%s%s%s bytes, copies units of%s%s%s "
		    "bytes\n",
		    fills & 1 ? " 1" : "", fills & 2 ? " 2" : "",
		    fills & 4 ? " 4" : "", copies & 1 ? " 1" : "",
		    copies & 2 ? " 2" : "", copies & 4 ? " 4" : "");
	else
		aprint_error_dev(sc->sc_fb.fb_dev,
		    "engine does not draw what it should: the CPU draws\n");
}

void
ragefb_engine_init(struct ragefb_softc *sc)
{
	bool wanted = true;

	prop_dictionary_get_bool(
	    device_properties(sc->sc_fb.fb_dev), "engine", &wanted);
	sc->sc_engine = wanted && sc->sc_fb.fb_mode.fm_stride % 32 == 0 &&
	    ragefb_engine_seen(sc);
	sc->sc_lost = false;
	if (!sc->sc_engine) {
		aprint_normal_dev(sc->sc_fb.fb_dev, "the CPU draws\n");
		return;
	}

	/* What it did for someone else counts as drawing. */
	sc->sc_drawing = true;
	ragefb_engine_idle(sc);
	sc->sc_unit = 0;
	sc->sc_master = 0;
	sc->sc_dir = UINT32_MAX;
	if (!ragefb_engine_room(sc, 9))
		return;
	ragefb_write(sc, RAGE_DEFAULT_OFFSET, 0);
	ragefb_write(sc, RAGE_SRC_OFFSET, 0);
	ragefb_write(sc, RAGE_DST_OFFSET, 0);
	ragefb_write(sc, RAGE_DEFAULT_SC_BOTTOM_RIGHT, RAGE_SC_MAX);
	ragefb_write(sc, RAGE_SC_TOP_LEFT, 0);
	ragefb_write(sc, RAGE_SC_BOTTOM_RIGHT, RAGE_SC_MAX);
	ragefb_write(sc, RAGE_AUX_SC_CNTL, 0);
	ragefb_write(sc, RAGE_DP_WRITE_MASK, UINT32_MAX);
	ragefb_engine_try(sc);
}
