/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the parts of bochsfb(4) share: bochsfb.c attaches and chooses a mode,
 * bochsfb_hw.c knows the registers; what wsdisplay(4) sees is in fbcons.
 */
#ifndef _DEV_PCI_BOCHSFBVAR_H_
#define _DEV_PCI_BOCHSFBVAR_H_

#include <sys/types.h>
#include <sys/device.h>
#include <sys/bus.h>

#include "fbconsvar.h"

struct bochsfb_softc {
	struct fbcons sc_fb;

	/* registers; two handles that may be parts of one mapping */
	bus_space_tag_t sc_regt;
	bus_space_handle_t sc_regh;
	bus_size_t sc_regsize; /* 0: ports */
	bus_space_handle_t sc_dispih;
	bus_space_handle_t sc_vgah;
	bool sc_have_dispi_ports; /* mapped */
	bool sc_have_vga_ports;
	bool sc_have_vga; /* a DAC, and all depths */
};

/* bochsfb_hw.c */

/* Is it the interface?  Prints what is wrong if not. */
int bochsfb_probe(struct bochsfb_softc *);
/* Bytes of memory that the device says it has. */
bus_size_t bochsfb_memory(struct bochsfb_softc *);
/* The first block of 128 bytes of the EDID: false if there is none. */
bool bochsfb_read_edid(struct bochsfb_softc *, uint8_t *);
bool bochsfb_depth_ok(const struct bochsfb_softc *, uint32_t);
/* fbcons_ops: EIO, and a message, if the device does not take the mode. */
int bochsfb_set_mode(struct fbcons *);
void bochsfb_blank(struct fbcons *, bool);
void bochsfb_load_cmap(struct fbcons *, u_int, u_int);

#endif /* !_DEV_PCI_BOCHSFBVAR_H_ */
