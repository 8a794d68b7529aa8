/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A framebuffer in a mode that somebody else has set: genfb(9), for drivers
 * that build on it.
 */
#ifndef _NETBSD_DEV_WSFB_GENFBVAR_H_
#define _NETBSD_DEV_WSFB_GENFBVAR_H_

#include "../../sys/param.h"
#include "../../sys/conf.h"
#include "../../sys/device.h"
#include "../../sys/bus.h"
#include "../wscons/wsconsio.h"
#include "../wscons/wsdisplayvar.h"
#include "../rasops/rasops.h"
#include "../wscons/wsdisplay_vconsvar.h"

struct genfb_softc;

/*
 * The driver's part.  The first argument is the genfb_softc's vcons_data's
 * cookie, the genfb_softc itself.  Those after mmap may be null.
 */
struct genfb_ops {
	/* EPASSTHROUGH: genfb's own answer */
	int	(*genfb_ioctl)(void *, void *, u_long, void *, int, struct lwp *);
	paddr_t	(*genfb_mmap)(void *, void *, off_t, int);
	int	(*genfb_borrow)(void *, bus_addr_t, bus_space_handle_t *);
	int	(*genfb_enable_polling)(void *);
	int	(*genfb_disable_polling)(void *);
};

/*
 * Device properties that point to one of these: "cmap_callback",
 * "backlight_callback", "brightness_callback", "pmf_callback",
 * "mode_callback".
 */
struct genfb_colormap_callback {
	void	*gcc_cookie;
	/* index; red, green, blue of 8 bits */
	void	(*gcc_set_mapreg)(void *, int, int, int, int);
};

/* 0..1 of a backlight, 0..255 of brightness; 0 or an errno value. */
struct genfb_parameter_callback {
	void	*gpc_cookie;
	int	(*gpc_get_parameter)(void *, int *);
	int	(*gpc_set_parameter)(void *, int);
	int	(*gpc_upd_parameter)(void *, int);	/* by so much; may be null */
};

struct genfb_pmf_callback {
	bool	(*gpc_suspend)(device_t, const pmf_qual_t *);
	bool	(*gpc_resume)(device_t, const pmf_qual_t *);
};

struct genfb_mode_callback {
	bool	(*gmc_setmode)(struct genfb_softc *, int);
};

/* Stands first in the driver's softc. */
struct genfb_softc {
	device_t	sc_dev;		/* the driver sets it, before all else */
	struct vcons_data	vd;
	struct genfb_ops	sc_ops;
	struct vcons_screen	sc_console_screen;
	struct wsscreen_descr	sc_defaultscreen_descr;
	const struct wsscreen_descr *sc_screens[1];
	struct wsscreen_list	sc_screenlist;
	struct genfb_colormap_callback	*sc_cmcb;
	struct genfb_pmf_callback	*sc_pmfcb;
	struct genfb_parameter_callback	*sc_backlight;
	struct genfb_parameter_callback	*sc_brightness;
	struct genfb_mode_callback	*sc_modecb;
	int		sc_backlight_level, sc_backlight_on;
	void		*sc_fbaddr;	/* the driver sets it before genfb_attach() */
	void		*sc_shadowfb;
	bool		sc_enable_shadowfb;
	bus_addr_t	sc_fboffset;
	int		sc_width, sc_height, sc_stride, sc_depth;
	size_t		sc_fbsize;
	int		sc_mode;
	u_char		sc_cmap_red[256];
	u_char		sc_cmap_green[256];
	u_char		sc_cmap_blue[256];
	bool		sc_want_clear;
	struct wsdisplay_accessops sc_accessops;
};

__BEGIN_DECLS
/*
 * Reads the device's properties: width, height, depth, linebytes (default: as
 * the width has it), address, virtual_address, is_console, and the callbacks.
 * A driver that finds sc_fboffset 0 or sc_width 0 after it has no mode to use.
 */
void	genfb_init(struct genfb_softc *);
/* Makes screens and attaches a wsdisplay.  0 or an errno value. */
int	genfb_attach(struct genfb_softc *, struct genfb_ops *);
/* The palette, as it was last set, to the hardware. */
void	genfb_restore_palette(struct genfb_softc *);
/* A mapping of the console's framebuffer at this address, from its driver. */
int	genfb_borrow(bus_addr_t, bus_space_handle_t *);
/* Is a genfb to be, or is it, the console; genfb_disable(): none is. */
void	genfb_cnattach(void);
int	genfb_cndetach(void);
void	genfb_disable(void);
int	genfb_is_console(void);
int	genfb_is_enabled(void);
void	genfb_enable_polling(device_t);
void	genfb_disable_polling(device_t);
__END_DECLS

#endif /* !_NETBSD_DEV_WSFB_GENFBVAR_H_ */
