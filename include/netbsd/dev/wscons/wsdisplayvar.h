/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a display driver gives to wsdisplay(9): how to draw characters
 * (emulops), what screens it can show, and access to the device (accessops).
 */
#ifndef _NETBSD_DEV_WSCONS_WSDISPLAYVAR_H_
#define _NETBSD_DEV_WSCONS_WSDISPLAYVAR_H_

#include "../../sys/types.h"
#include "../../sys/device.h"

struct lwp;
struct wsdisplay_font;
struct wsdisplay_char;

/* Colours, in ANSI's order. */
#define WSCOL_BLACK		0
#define WSCOL_RED		1
#define WSCOL_GREEN		2
#define WSCOL_BROWN		3
#define WSCOL_BLUE		4
#define WSCOL_MAGENTA		5
#define WSCOL_CYAN		6
#define WSCOL_WHITE		7
#define WSCOL_LIGHT_GREY	(8 + WSCOL_BLACK)
#define WSCOL_LIGHT_RED		(8 + WSCOL_RED)
#define WSCOL_LIGHT_GREEN	(8 + WSCOL_GREEN)
#define WSCOL_LIGHT_BROWN	(8 + WSCOL_BROWN)
#define WSCOL_LIGHT_BLUE	(8 + WSCOL_BLUE)
#define WSCOL_LIGHT_MAGENTA	(8 + WSCOL_MAGENTA)
#define WSCOL_LIGHT_CYAN	(8 + WSCOL_CYAN)
#define WSCOL_LIGHT_WHITE	(8 + WSCOL_WHITE)

/* Flags for allocattr. */
#define WSATTR_REVERSE		0x01
#define WSATTR_HILIT		0x02
#define WSATTR_BLINK		0x04
#define WSATTR_UNDERLINE	0x08
#define WSATTR_WSCOLORS		0x10	/* the colours given are meant */

/*
 * Drawing of characters.  The first argument is the screen's cookie; rows and
 * columns count from 0 at the top left.
 */
struct wsdisplay_emulops {
	/* on, row, column */
	void	(*cursor)(void *, int, int, int);
	/* Unicode to a character for putchar; 0..5: how good a match */
	int	(*mapchar)(void *, int, unsigned int *);
	/* row, column, character, attribute */
	void	(*putchar)(void *, int, int, u_int, long);
	/* row, from column, to column, how many */
	void	(*copycols)(void *, int, int, int, int);
	/* row, column, how many, attribute */
	void	(*erasecols)(void *, int, int, int, long);
	/* from row, to row, how many */
	void	(*copyrows)(void *, int, int, int);
	/* row, how many, attribute */
	void	(*eraserows)(void *, int, int, long);
	/* foreground, background, WSATTR_*; 0 or an errno value */
	int	(*allocattr)(void *, int, int, int, long *);
	/* every cell that has the first attribute gets the second */
	void	(*replaceattr)(void *, long, long);
};

struct wsscreen_descr {
	const char	*name;
	int		ncols, nrows;
	const struct wsdisplay_emulops *textops;
	int		fontwidth, fontheight;
	int		capabilities;
#define WSSCREEN_WSCOLORS	0x01
#define WSSCREEN_REVERSE	0x02
#define WSSCREEN_HILIT		0x04
#define WSSCREEN_BLINK		0x08
#define WSSCREEN_UNDERLINE	0x10
#define WSSCREEN_RESIZE		0x20	/* ncols and nrows follow the font */
	void		*modecookie;
};

struct wsscreen_list {
	int		nscreens;
	const struct wsscreen_descr **screens;
};

/*
 * Access to the device.  The first argument is the accesscookie, the second,
 * where there is one, a screen's cookie.
 */
struct wsdisplay_accessops {
	/* EPASSTHROUGH: not one of the driver's */
	int	(*ioctl)(void *, void *, u_long, void *, int, struct lwp *);
	/* bus_space_mmap() of the page at this offset, or -1 */
	paddr_t	(*mmap)(void *, void *, off_t, int);
	/* out: cookie, cursor's column and row, default attribute */
	int	(*alloc_screen)(void *, const struct wsscreen_descr *,
		    void **, int *, int *, long *);
	void	(*free_screen)(void *, void *);
	/* may wait?, called when done with (argument, error, waited); EAGAIN:
	   it is on its way */
	int	(*show_screen)(void *, void *, int,
		    void (*)(void *, int, int), void *);
	int	(*load_font)(void *, void *, struct wsdisplay_font *);
	void	(*pollc)(void *, int);
	void	(*scroll)(void *, void *, int);
};

/* A display that only programs draw on. */
struct wsdisplaydev_attach_args {
	const struct wsdisplay_accessops *accessops;
	void	*accesscookie;
};

/* A display with text screens: for config_found(). */
struct wsemuldisplaydev_attach_args {
	int	console;	/* wsdisplay_cnattach() was called for it */
	const struct wsscreen_list *scrdata;
	const struct wsdisplay_accessops *accessops;
	void	*accesscookie;
};

#define WSDISPLAY_NULLSCREEN	(-1)

#define WSDISPLAY_SCROLL_BACKWARD	0x1
#define WSDISPLAY_SCROLL_FORWARD	0x2
#define WSDISPLAY_SCROLL_RESET		0x4
#define WSDISPLAY_SCROLL_LOW		0x8

struct rasops_info;
struct wsdisplayio_edid_info;
struct wsdisplayio_fbinfo;

__BEGIN_DECLS
/*
 * Before the driver's wsdisplay attaches: this screen (type, cookie, column,
 * row, default attribute) is the console; kernel messages appear on it from
 * now on.  preattach: the same, so early that another may follow.
 */
void	wsdisplay_cnattach(const struct wsscreen_descr *, void *, int, int, long);
void	wsdisplay_preattach(const struct wsscreen_descr *, void *, int, int, long);
void	wsdisplay_cndetach(void);
/* A character for the console's screen, if there is one.  Any context. */
void	wsdisplay_cnputc(dev_t, int);

/* For config_found(). */
int	wsdisplaydevprint(void *, const char *);
int	wsemuldisplaydevprint(void *, const char *);

/* The type of this name; null: the first.  Null if there is none. */
const struct wsscreen_descr *wsdisplay_screentype_pick(
	    const struct wsscreen_list *, const char *);

/*
 * For a driver's ioctl: WSDISPLAYIO_GET_EDID from the device's property
 * "EDID", WSDISPLAYIO_GET_FBINFO of a screen.  0 or an errno value.
 */
int	wsdisplayio_get_edid(device_t, struct wsdisplayio_edid_info *);
int	wsdisplayio_get_fbinfo(struct rasops_info *, struct wsdisplayio_fbinfo *);
__END_DECLS

/* Colours of a screen that says nothing of its own, and of kernel messages. */
#ifndef WS_DEFAULT_FG
#define WS_DEFAULT_FG		WSCOL_WHITE
#endif
#ifndef WS_DEFAULT_BG
#define WS_DEFAULT_BG		WSCOL_BLACK
#endif
#ifndef WS_DEFAULT_COLATTR
#define WS_DEFAULT_COLATTR	0
#endif
#ifndef WS_DEFAULT_MONOATTR
#define WS_DEFAULT_MONOATTR	0
#endif
#ifndef WS_KERNEL_FG
#define WS_KERNEL_FG		WS_DEFAULT_FG
#endif
#ifndef WS_KERNEL_BG
#define WS_KERNEL_BG		WS_DEFAULT_BG
#endif
#ifndef WS_KERNEL_COLATTR
#define WS_KERNEL_COLATTR	WS_DEFAULT_COLATTR
#endif
#ifndef WS_KERNEL_MONOATTR
#define WS_KERNEL_MONOATTR	WS_DEFAULT_MONOATTR
#endif
#ifndef WSDISPLAY_BORDER_COLOR
#define WSDISPLAY_BORDER_COLOR	WSCOL_BLACK
#endif

#endif /* !_NETBSD_DEV_WSCONS_WSDISPLAYVAR_H_ */
