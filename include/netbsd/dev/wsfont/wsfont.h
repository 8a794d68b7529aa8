/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The fonts that displays can draw with (wsfont(9)).  Thread-safe; wherever a
 * name, width, height or stride is asked for, NULL or 0 means any.
 *
 * A glyph's rows lie one after the other, stride bytes each: a bit a pixel,
 * or, if the font is anti-aliased, a byte that says how much foreground.
 */
#ifndef _NETBSD_DEV_WSFONT_WSFONT_H_
#define _NETBSD_DEV_WSFONT_WSFONT_H_

#include "../../sys/types.h"

struct wsdisplay_font;

/* In a character: not of the font itself but of its line-drawing companion. */
#define WSFONT_FLAGS_MASK	0x7f000000
#define WSFONT_FLAG_OPT		0x01000000

#define WSFONT_GLYPH(c, font)						\
	((uint8_t *)(font)->data +					\
	    (size_t)((c) - (font)->firstchar) * (font)->stride *		\
	    (font)->fontheight)
#define FONT_IS_ALPHA(font)	((font)->fontwidth <= (font)->stride)

/* What wsfont_find() and wsfont_matches() accept and prefer. */
#define WSFONT_FIND_BITMAP	0x0001
#define WSFONT_FIND_ALPHA	0x0002
#define WSFONT_FIND_ALL		0x00ff
#define WSFONT_FIND_BESTWIDTH	0x1000	/* the nearest, rather narrower */
#define WSFONT_PREFER_ALPHA	0x2000
#define WSFONT_PREFER_WIDE	0x4000	/* nearest width: rather wider */

enum {
	WSFONT_ROTATE_CW,
	WSFONT_ROTATE_CCW,
	WSFONT_ROTATE_UD
};

__BEGIN_DECLS
/* Make the built-in fonts known; harmless when they are already. */
void	wsfont_init(void);
/* How well a font suits: name, width, height, stride, flags; 0: not at all. */
int	wsfont_matches(struct wsdisplay_font *, const char *, int, int, int, int);
/*
 * Name, width, height, stride, order of bits and of bytes, flags.
 * A cookie (> 0) for the best, or -1.
 */
int	wsfont_find(const char *, int, int, int, int, int, int);
/* Call with each font, the second argument, and the font's cookie. */
void	wsfont_walk(void (*)(struct wsdisplay_font *, void *, int), void *);
/* Call with each font's name, width, height, stride. */
void	wsfont_enum(void (*)(const char *, int, int, int));
/*
 * Make a font known; copied if the second argument is set, else it must stay
 * until wsfont_remove().  0, EEXIST, or EINVAL if its sizes contradict.
 */
int	wsfont_add(struct wsdisplay_font *, int);
/* 0, ENOENT, or EBUSY: built in, or locked. */
int	wsfont_remove(int);
/* Get the font, in the cookie's orders, until wsfont_unlock().  0 or ENOENT. */
int	wsfont_lock(int, struct wsdisplay_font **);
/* 0 or ENOENT. */
int	wsfont_unlock(int);
/* Unicode to a character of the font, or -1. */
int	wsfont_map_unichar(struct wsdisplay_font *, int);
/* A cookie for the font turned by WSFONT_ROTATE_*, or -1. */
int	wsfont_rotate(int, int);
/* The cookie of the same font in other orders (WSDISPLAY_FONTORDER_*). */
int	wsfont_make_cookie(int, int, int);
__END_DECLS

#endif /* !_NETBSD_DEV_WSFONT_WSFONT_H_ */
