/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of bochsfb(4) share: bochsfb.c attaches and chooses a mode,
 * bochsfb_hw.c knows the registers, bochsfb_ws.c is what wsdisplay(4) sees.
 */
#ifndef _DEV_PCI_BOCHSFBVAR_H_
#define _DEV_PCI_BOCHSFBVAR_H_

#include <sys/types.h>
#include <sys/device.h>
#include <sys/bus.h>

#include <dev/pci/pcivar.h>

#include <dev/wscons/wsconsio.h>
#include <dev/wscons/wsdisplayvar.h>
#include <dev/rasops/rasops.h>
#include <dev/wscons/wsdisplay_vconsvar.h>

struct bochsfb_mode {
	uint32_t bm_width; /* pixels */
	uint32_t bm_height;
	uint32_t bm_depth;  /* bits: 8, 15, 16, 24, 32 */
	uint32_t bm_stride; /* bytes */
};

struct bochsfb_softc {
	device_t sc_dev;
	pci_chipset_tag_t sc_pc;
	pcitag_t sc_tag;

	/* video memory */
	bus_space_tag_t sc_memt;
	bus_space_handle_t sc_memh;
	bus_addr_t sc_memaddr;
	bus_size_t sc_memsize;
	void *sc_mem;

	/* registers; two handles that may be parts of one mapping */
	bus_space_tag_t sc_regt;
	bus_space_handle_t sc_regh;
	bus_size_t sc_regsize; /* 0: ports */
	bus_space_handle_t sc_dispih;
	bus_space_handle_t sc_vgah;
	bool sc_have_vga; /* a DAC, and all depths */

	struct bochsfb_mode sc_mode;
	bool sc_blank;
	uint8_t sc_cmap[3][256]; /* red, green, blue; of 8 bits a pixel */

	/* wsdisplay */
	u_int sc_wsmode; /* WSDISPLAYIO_MODE_* */
	struct wsdisplay_accessops sc_accessops;
	struct vcons_data sc_vd;
	struct vcons_screen sc_console;
	struct wsscreen_descr sc_descr;
	const struct wsscreen_descr *sc_screens[1];
	struct wsscreen_list sc_screenlist;
};

/* bochsfb_hw.c */

/* Is it the interface?  Prints what is wrong if not. */
int bochsfb_probe(struct bochsfb_softc *);
/* Bytes of memory that the device says it has. */
bus_size_t bochsfb_memory(struct bochsfb_softc *);
/* The first block of 128 bytes of the EDID: false if there is none. */
bool bochsfb_read_edid(struct bochsfb_softc *, uint8_t *);
bool bochsfb_depth_ok(const struct bochsfb_softc *, uint32_t);
/* Sets sc_mode: EIO, and a message, if the device does not take it. */
int bochsfb_set_mode(struct bochsfb_softc *);
void bochsfb_blank(struct bochsfb_softc *, bool);
/* Loads entries of sc_cmap into the DAC. */
void bochsfb_load_cmap(struct bochsfb_softc *, u_int, u_int);

/* bochsfb_ws.c */

/* Screens and the wsdisplay on them, on a mode that was set. */
void bochsfb_attach_wsdisplay(struct bochsfb_softc *, bool);

#endif /* !_DEV_PCI_BOCHSFBVAR_H_ */
