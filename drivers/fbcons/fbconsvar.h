/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fbcons: a console on a linear framebuffer, what drivers of such devices have
 * in common.  fbcons.c is the mode and the memory, fbcons_ws.c what
 * wsdisplay(4) sees.
 *
 * A driver embeds a struct fbcons, and calls, in its attach function,
 * fbcons_init(), fbcons_map(), fbcons_preferred_mode(), fbcons_properties(),
 * fbcons_check_memory(), its own set_mode, and fbcons_attach(); what it checks
 * itself comes between them.  fbcons_detach() undoes as much of it as was done.
 */
#ifndef _DEV_PCI_FBCONSVAR_H_
#define _DEV_PCI_FBCONSVAR_H_

#include <sys/types.h>
#include <sys/device.h>
#include <sys/bus.h>

#include <dev/pci/pcivar.h>

#include <dev/wscons/wsconsio.h>
#include <dev/wscons/wsdisplayvar.h>
#include <dev/rasops/rasops.h>
#include <dev/wscons/wsdisplay_vconsvar.h>

struct fbcons;

/* What only the driver knows.  Thread context, under the kernel lock. */
struct fbcons_ops {
	/* Sets fb_mode, and unblanks: an error, after a message, if not. */
	int (*set_mode)(struct fbcons *);
	/* Sets fb_blank too. */
	void (*blank)(struct fbcons *, bool);
	/* Loads entries of fb_cmap into the device: the first, how many. */
	void (*load_cmap)(struct fbcons *, u_int, u_int);

	/* Each of these may be NULL. */

	/* A screen that rasops(9) has set up. */
	void (*init_screen)(struct fbcons *, struct vcons_screen *);
	/* The font and the colours (a default attribute) are known. */
	void (*text_ready)(struct fbcons *, long);
	/* A program is about to have the memory for itself... */
	void (*leave_text)(struct fbcons *);
	/* ... or had it, and left anything in it; the mode is set. */
	void (*enter_text)(struct fbcons *);
};

struct fbcons_mode {
	uint32_t fm_width; /* pixels */
	uint32_t fm_height;
	uint32_t fm_depth;  /* bits: 8, 15, 16, 24, 32 */
	uint32_t fm_bytes;  /* of a pixel */
	uint32_t fm_stride; /* bytes of a line */
};

struct fbcons {
	device_t fb_dev;
	pci_chipset_tag_t fb_pc;
	pcitag_t fb_tag;
	const struct fbcons_ops *fb_ops;
	void *fb_cookie; /* the driver's */

	/* video memory */
	bus_space_tag_t fb_memt;
	bus_space_handle_t fb_memh;
	bus_addr_t fb_memaddr;
	bus_size_t fb_memsize; /* 0: not mapped */
	uint8_t *fb_mem;

	struct fbcons_mode fb_mode;
	bool fb_blank;
	uint8_t fb_cmap[3][256]; /* red, green, blue; of 8 bits a pixel */

	/* wsdisplay */
	bool fb_attached; /* there are screens */
	bool fb_console;
	bool fb_child;	 /* a wsdisplay was found */
	u_int fb_wsmode; /* WSDISPLAYIO_MODE_* */
	struct wsdisplay_accessops fb_accessops;
	struct vcons_data fb_vd; /* its cookie is the fbcons */
	struct vcons_screen fb_screen;
	struct wsscreen_descr fb_descr;
	const struct wsscreen_descr *fb_screens[1];
	struct wsscreen_list fb_screenlist;
};

/* fbcons.c */

/* The ops and the cookie are the driver's, and stay as long as the device. */
void fbcons_init(struct fbcons *, device_t, const struct pci_attach_args *,
    const struct fbcons_ops *, void *);
/* Maps a BAR as video memory: ENXIO, after a message, if it cannot be. */
int fbcons_map(struct fbcons *, const struct pci_attach_args *, int);
/*
 * The mode that the monitor likes best, or one that every monitor can show:
 * the first 128 bytes of an EDID, or NULL.
 */
void fbcons_preferred_mode(struct fbcons *, const uint8_t *);
/*
 * Properties choose another one; was there one for the lines?  EINVAL, after a
 * message, if one is no number.
 */
int fbcons_properties(struct fbcons *, bool *);
/* Does it fit into so many bytes?  EINVAL, after a message, if not. */
int fbcons_check_memory(const struct fbcons *, bus_size_t);
void fbcons_print_mode(const struct fbcons *);

/* fbcons_ws.c */

/* Screens and the wsdisplay on them, on a mode that was set. */
void fbcons_attach(struct fbcons *);
/*
 * Takes all that away again, and the memory: an error if somebody needs it.
 * Flags as of config_detach(9).
 */
int fbcons_detach(struct fbcons *, int);

#endif /* !_DEV_PCI_FBCONSVAR_H_ */
