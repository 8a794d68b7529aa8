/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ragefb(4): the console's operations, by the engine where it can.
 *
 * Erasing and scrolling are fills and copies.  A character is drawn by the CPU
 * once, copied to memory below the screen, and from then on copied from there.
 * rasops(9) does whatever is left, when the engine is idle.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/bus.h>

#include "ragefbreg.h"
#include "ragefbvar.h"

static struct ragefb_softc *
ragefb_of(const struct rasops_info *ri)
{
	const struct vcons_screen *scr = ri->ri_hw;
	const struct fbcons *fb = scr->scr_vd->cookie;

	return fb->fb_cookie;
}

/* Not while a program has the display for itself. */
static bool
ragefb_may_draw(const struct ragefb_softc *sc)
{

	return sc->sc_fb.fb_wsmode == WSDISPLAYIO_MODE_EMUL;
}

/* What comes before an operation of rasops(9), which touches memory. */
static void
ragefb_cpu(struct ragefb_softc *sc)
{

	ragefb_engine_idle(sc);
	sc->sc_ev_cpu.ev_count++;
}

/* What a stuck engine did not draw is drawn again. */
static void
ragefb_done(struct ragefb_softc *sc, struct rasops_info *ri)
{

	if (!sc->sc_lost)
		return;
	sc->sc_lost = false;
	vcons_redraw_screen(ri->ri_hw);
}

static bool
ragefb_fill_cells(struct ragefb_softc *sc, struct rasops_info *ri, int row,
    int col, int rows, int cols, long attr)
{
	const int cw = ri->ri_font->fontwidth, ch = ri->ri_font->fontheight;
	int fg, bg, underline;

	rasops_unpack_attr(attr, &fg, &bg, &underline);
	if (underline)
		return false;
	return ragefb_fill(sc, ri->ri_xorigin + col * cw,
	    ri->ri_yorigin + row * ch, cols * cw, rows * ch,
	    ri->ri_devcmap[bg]);
}

static void
ragefb_copycols(void *cookie, int row, int src, int dst, int cols)
{
	struct rasops_info *ri = cookie;
	struct ragefb_softc *sc = ragefb_of(ri);
	const int cw = ri->ri_font->fontwidth, ch = ri->ri_font->fontheight;
	const int y = ri->ri_yorigin + row * ch;

	if (!ragefb_may_draw(sc))
		return;
	if (!ragefb_copy(sc, ri->ri_xorigin + src * cw, y,
		ri->ri_xorigin + dst * cw, y, cols * cw, ch)) {
		ragefb_cpu(sc);
		sc->sc_cpu.copycols(ri, row, src, dst, cols);
	}
	ragefb_done(sc, ri);
}

static void
ragefb_copyrows(void *cookie, int src, int dst, int rows)
{
	struct rasops_info *ri = cookie;
	struct ragefb_softc *sc = ragefb_of(ri);
	const int ch = ri->ri_font->fontheight;

	if (!ragefb_may_draw(sc))
		return;
	if (!ragefb_copy(sc, ri->ri_xorigin, ri->ri_yorigin + src * ch,
		ri->ri_xorigin, ri->ri_yorigin + dst * ch, ri->ri_emuwidth,
		rows * ch)) {
		ragefb_cpu(sc);
		sc->sc_cpu.copyrows(ri, src, dst, rows);
	}
	ragefb_done(sc, ri);
}

static void
ragefb_erasecols(void *cookie, int row, int col, int cols, long attr)
{
	struct rasops_info *ri = cookie;
	struct ragefb_softc *sc = ragefb_of(ri);

	if (!ragefb_may_draw(sc))
		return;
	if (!ragefb_fill_cells(sc, ri, row, col, 1, cols, attr)) {
		ragefb_cpu(sc);
		sc->sc_cpu.erasecols(ri, row, col, cols, attr);
	}
	ragefb_done(sc, ri);
}

static void
ragefb_eraserows(void *cookie, int row, int rows, long attr)
{
	struct rasops_info *ri = cookie;
	struct ragefb_softc *sc = ragefb_of(ri);
	int fg, bg, underline;
	bool drawn;

	if (!ragefb_may_draw(sc))
		return;
	/* All rows, and the margins around them. */
	if (rows == ri->ri_rows && (ri->ri_flg & RI_FULLCLEAR) != 0) {
		rasops_unpack_attr(attr, &fg, &bg, &underline);
		drawn = ragefb_fill(sc, 0, 0, sc->sc_fb.fb_mode.fm_width,
		    sc->sc_fb.fb_mode.fm_height, ri->ri_devcmap[bg]);
	} else {
		drawn = ragefb_fill_cells(
		    sc, ri, row, 0, rows, ri->ri_cols, attr);
	}
	if (!drawn) {
		ragefb_cpu(sc);
		sc->sc_cpu.eraserows(ri, row, rows, attr);
	}
	ragefb_done(sc, ri);
}

static void
ragefb_cursor(void *cookie, int on, int row, int col)
{
	struct rasops_info *ri = cookie;
	struct ragefb_softc *sc = ragefb_of(ri);

	if (!ragefb_may_draw(sc))
		return;
	ragefb_cpu(sc);
	sc->sc_cpu.cursor(ri, on, row, col);
	ragefb_done(sc, ri);
}

/* The cache's way to copy, from or to the screen. */
static void
ragefb_copy_glyph(void *cookie, int xs, int ys, int xd, int yd, int width,
    int height, int rop)
{
	struct ragefb_softc *sc = cookie;

	if (!ragefb_copy(sc, xs, ys, xd, yd, width, height))
		sc->sc_have_gc = false;
}

static void
ragefb_putchar(void *cookie, int row, int col, u_int c, long attr)
{
	struct rasops_info *ri = cookie;
	struct ragefb_softc *sc = ragefb_of(ri);
	const int x = ri->ri_xorigin + col * ri->ri_font->fontwidth;
	const int y = ri->ri_yorigin + row * ri->ri_font->fontheight;
	int answer = GC_NOPE, fg, bg, underline;

	if (!ragefb_may_draw(sc))
		return;
	if (c == ' ' && ragefb_fill_cells(sc, ri, row, col, 1, 1, attr))
		goto out;

	rasops_unpack_attr(attr, &fg, &bg, &underline);
	if (sc->sc_have_gc && !underline)
		answer = glyphcache_try(&sc->sc_gc, c, x, y, attr);
	if (answer == GC_OK && sc->sc_have_gc)
		goto out;

	ragefb_cpu(sc);
	sc->sc_cpu.putchar(ri, row, col, c, attr);
	if (answer == GC_ADD && sc->sc_have_gc)
		glyphcache_add(&sc->sc_gc, c, x, y);
out:
	ragefb_done(sc, ri);
}

void
ragefb_text_init(struct fbcons *fb, struct vcons_screen *scr)
{
	struct ragefb_softc *sc = fb->fb_cookie;
	struct rasops_info *ri = &scr->scr_ri;

	sc->sc_cpu = ri->ri_ops;
	ri->ri_ops.copycols = ragefb_copycols;
	ri->ri_ops.copyrows = ragefb_copyrows;
	ri->ri_ops.erasecols = ragefb_erasecols;
	ri->ri_ops.eraserows = ragefb_eraserows;
	ri->ri_ops.cursor = ragefb_cursor;
	ri->ri_ops.putchar = ragefb_putchar;
}

void
ragefb_text_cache(struct fbcons *fb, long attr)
{
	struct ragefb_softc *sc = fb->fb_cookie;
	const struct rasops_info *ri = &sc->sc_fb.fb_screen.scr_ri;
	const int cw = ri->ri_font->fontwidth, ch = ri->ri_font->fontheight;
	int first = sc->sc_fb.fb_mode.fm_height, lines;

	/* The engine's coordinates end, and QEMU spares the last line. */
	lines = MIN(ragefb_memory(sc) / sc->sc_fb.fb_mode.fm_stride,
		    RAGE_COORD_MAX) -
	    first - 2;
	/* Every cell has to be one that the engine can copy. */
	if (lines < ch ||
	    !ragefb_copy(sc, ri->ri_xorigin, 0, ri->ri_xorigin, 0, cw, 1))
		return;
	sc->sc_gc.gc_bitblt = ragefb_copy_glyph;
	sc->sc_gc.gc_blitcookie = sc;
	if (glyphcache_init(&sc->sc_gc, first, lines,
		sc->sc_fb.fb_mode.fm_width, cw, ch, attr) == 0)
		sc->sc_have_gc = true;
}

void
ragefb_text_forget(struct ragefb_softc *sc)
{

	if (sc->sc_have_gc)
		glyphcache_wipe(&sc->sc_gc);
}
