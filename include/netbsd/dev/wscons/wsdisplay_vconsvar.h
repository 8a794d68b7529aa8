/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several text screens on one framebuffer: vcons(9).
 */
#ifndef _NETBSD_DEV_WSCONS_WSDISPLAY_VCONSVAR_H_
#define _NETBSD_DEV_WSCONS_WSDISPLAY_VCONSVAR_H_

#include "../../sys/types.h"
#include "../../sys/queue.h"
#include "../../sys/callout.h"
#include "wsconsio.h"
#include "wsdisplayvar.h"
#include "../rasops/rasops.h"

struct vcons_data;

struct vcons_screen {
	struct rasops_info scr_ri;	/* the driver's init_screen fills it in */
	LIST_ENTRY(vcons_screen) next;
	void		*scr_cookie;	/* vd's */
	struct vcons_data *scr_vd;
	struct vcons_data *scr_origvd;
	struct wsscreen_descr *scr_type;
	uint32_t	*scr_chars;	/* what is on it, row after row */
	long		*scr_attrs;
	long		scr_defattr;

	uint32_t	scr_flags;	/* the driver's choice */
#define VCONS_NO_REDRAW		0x01	/* the driver draws it when it is shown */
#define VCONS_SCREEN_IS_STATIC	0x02	/* in memory of the driver's own */
#define VCONS_SWITCH_NEEDS_POLLING 0x04	/* drawing may be under way */
#define VCONS_DONT_DRAW		0x08	/* remember, but leave the pixels alone */
#define VCONS_NO_COPYCOLS	0x10	/* putchar is better than copycols */
#define VCONS_NO_COPYROWS	0x20
#define VCONS_DONT_READ		(VCONS_NO_COPYCOLS | VCONS_NO_COPYROWS)
#define VCONS_LOADFONT		0x40	/* init_screen heeds ri_font */

	uint32_t	scr_status;
#define VCONS_IS_VISIBLE	0x01
	int		scr_busy;	/* being drawn on */
	/* the driver's, or rasops(9)'s */
	void		(*putchar)(void *, int, int, u_int, long);
	void		*scr_private;
};

#define SCREEN_IS_VISIBLE(scr)	(((scr)->scr_status & VCONS_IS_VISIBLE) != 0)
#define SCREEN_IS_BUSY(scr)	((scr)->scr_busy != 0)
#define SCREEN_CAN_DRAW(scr)	(((scr)->scr_flags & VCONS_DONT_DRAW) == 0)
#define SCREEN_BUSY(scr)	((scr)->scr_busy = 1)
#define SCREEN_IDLE(scr)	((scr)->scr_busy = 0)
#define SCREEN_VISIBLE(scr)	((scr)->scr_status |= VCONS_IS_VISIBLE)
#define SCREEN_INVISIBLE(scr)	((scr)->scr_status &= ~(uint32_t)VCONS_IS_VISIBLE)
#define SCREEN_DISABLE_DRAWING(scr) ((scr)->scr_flags |= VCONS_DONT_DRAW)
#define SCREEN_ENABLE_DRAWING(scr) ((scr)->scr_flags &= ~(uint32_t)VCONS_DONT_DRAW)

struct vcons_data {
	void	*cookie;	/* vcons_init()'s: the softc, as a rule */

	/*
	 * To be set by the driver after vcons_init(): fills in the screen's
	 * scr_ri (geometry, memory, rasops_init(), its own drawing functions
	 * in ri_ops) and scr_flags.  Cookie, screen, is it on view already,
	 * default attribute.
	 */
	void	(*init_screen)(void *, struct vcons_screen *, int, long *);
	/* May be null: the screen is about to be redrawn. */
	void	(*show_screen_cb)(struct vcons_screen *, void *);
	void	*show_screen_cookie;

	/* The accessop that the driver had before vcons_init(). */
	int	(*ioctl)(void *, void *, u_long, void *, int, struct lwp *);

	/* The driver's drawing functions, of the screen last initialized. */
	void	(*copycols)(void *, int, int, int, int);
	void	(*erasecols)(void *, int, int, int, long);
	void	(*copyrows)(void *, int, int, int);
	void	(*eraserows)(void *, int, int, long);
	void	(*putchar)(void *, int, int, u_int, long);
	void	(*cursor)(void *, int, int, int);

	LIST_HEAD(, vcons_screen) screens;
	struct vcons_screen *active;	/* on view */
	struct vcons_screen *wanted;	/* about to be */
	const struct wsscreen_descr *currenttype;
	struct wsscreen_descr *defaulttype;
	void	(*switch_cb)(void *, int, int);
	void	*switch_cb_arg;
	void	*vd_private;
};

__BEGIN_DECLS
/*
 * Makes the accessops (ioctl, alloc_screen, free_screen, show_screen,
 * load_font) vcons's; their accesscookie must be the vcons_data.  0, or an
 * errno value.  Thread context.
 */
int	vcons_init(struct vcons_data *, void *, struct wsscreen_descr *,
	    struct wsdisplay_accessops *);
/* The same, so early that nothing but drawing works; vcons_init() follows. */
int	vcons_earlyinit(struct vcons_data *, void *, struct wsscreen_descr *,
	    struct wsdisplay_accessops *);

/*
 * A screen of the driver's own (VCONS_SCREEN_IS_STATIC); `existing': it is on
 * view already.  0 or an errno value.  Out: its default attribute.
 */
int	vcons_init_screen(struct vcons_data *, struct vcons_screen *, int, long *);

/* Draws all of it anew, if it is on view. */
void	vcons_redraw_screen(struct vcons_screen *);
#define vcons_update_screen	vcons_redraw_screen

/* Puts the last kernel messages on it. */
void	vcons_replay_msgbuf(struct vcons_screen *);

void	vcons_enable_polling(struct vcons_data *);
void	vcons_disable_polling(struct vcons_data *);
/* Makes it the one on view, at once and whatever goes on; not redrawn. */
void	vcons_hard_switch(struct vcons_screen *);
__END_DECLS

#endif /* !_NETBSD_DEV_WSCONS_WSDISPLAY_VCONSVAR_H_ */
