/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of ragefb(4) share: ragefb.c attaches, ragefb_mode.c sets the
 * mode, ragefb_ddc.c reads the monitor's EDID, ragefb_engine.c draws,
 * ragefb_text.c draws characters with it; what wsdisplay(4) sees is in fbcons.
 */
#ifndef _DEV_PCI_RAGEFBVAR_H_
#define _DEV_PCI_RAGEFBVAR_H_

#include <sys/types.h>
#include <sys/device.h>
#include <sys/evcnt.h>
#include <sys/bus.h>

#include "fbconsvar.h"

#include <dev/wscons/wsdisplay_glyphcachevar.h>

struct ragefb_softc {
	struct fbcons sc_fb;
	bool sc_emulated; /* QEMU's: no clocks to set */

	bus_space_tag_t sc_regt;
	bus_space_handle_t sc_regh;
	bus_size_t sc_regsize; /* 0: not mapped */

	/* engine */
	bool sc_engine;	     /* trusted */
	bool sc_lost;	     /* got stuck: what it had to draw is missing */
	bool sc_drawing;     /* told to draw since it was last seen idle */
	u_int sc_room;	     /* writes that it takes without being asked */
	u_int sc_fill_units; /* of 1, 2 and 4 bytes, those that it fills */
	u_int sc_copy_units;
	u_int sc_unit;	    /* bytes of a pixel that the pitches are set for */
	uint32_t sc_master; /* DP_GUI_MASTER_CNTL as it is */
	uint32_t sc_dir;    /* DP_CNTL as it is */
	struct evcnt sc_ev_fill, sc_ev_copy, sc_ev_cpu;
	bool sc_have_evcnt;

	/* text */
	struct wsdisplay_emulops sc_cpu; /* rasops(9) without the engine */
	glyphcache sc_gc;
	bool sc_have_gc;
};

static inline uint32_t
ragefb_read(struct ragefb_softc *sc, bus_size_t reg)
{

	return bus_space_read_4(sc->sc_regt, sc->sc_regh, reg);
}

static inline void
ragefb_write(struct ragefb_softc *sc, bus_size_t reg, uint32_t value)
{

	bus_space_write_4(sc->sc_regt, sc->sc_regh, reg, value);
}

/* ragefb_ddc.c */

/* The first block of 128 bytes of the EDID: false if there is none. */
bool ragefb_read_edid(struct ragefb_softc *, uint8_t *);

/* ragefb_mode.c */

/* Fills in the mode: an error, after a message, if it cannot be. */
int ragefb_choose_mode(struct ragefb_softc *);
bus_size_t ragefb_memory(struct ragefb_softc *);
/* Is all that the engine draws in this mode shown? */
bool ragefb_engine_seen(const struct ragefb_softc *);
/* fbcons_ops */
int ragefb_set_mode(struct fbcons *);
void ragefb_blank(struct fbcons *, bool);
void ragefb_load_cmap(struct fbcons *, u_int, u_int);

/* ragefb_engine.c */

/*
 * Sets the engine up, and tries it: if it does not draw what it should, it is
 * not used.
 */
void ragefb_engine_init(struct ragefb_softc *);
/* Waits until memory holds all that the engine was told to draw. */
void ragefb_engine_idle(struct ragefb_softc *);
/*
 * Fill a rectangle with a pixel value, or copy one, in pixels; the two may
 * overlap.  False if the engine cannot: the caller draws.
 */
bool ragefb_fill(struct ragefb_softc *, int, int, int, int, uint32_t);
bool ragefb_copy(struct ragefb_softc *, int, int, int, int, int, int);

/* ragefb_text.c */

/* Puts the engine under the operations of a screen that rasops(9) made. */
void ragefb_text_init(struct fbcons *, struct vcons_screen *);
/* Sets up the cache of glyphs, once the font and the colours are known. */
void ragefb_text_cache(struct fbcons *, long);
/* Forgets the glyphs: something else drew in memory. */
void ragefb_text_forget(struct ragefb_softc *);

#endif /* !_DEV_PCI_RAGEFBVAR_H_ */
