/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Characters drawn into a frame buffer (rasops(9)), at 8, 15, 16, 24 and 32
 * bits a pixel.
 */
#ifndef _NETBSD_DEV_RASOPS_RASOPS_H_
#define _NETBSD_DEV_RASOPS_RASOPS_H_

#include "../../sys/types.h"
#include "../wscons/wsconsio.h"
#include "../wscons/wsdisplayvar.h"
#include "../wsfont/wsfont.h"

/* What a screen is made for that says nothing else, in characters. */
#define RASOPS_DEFAULT_WIDTH	80
#define RASOPS_DEFAULT_HEIGHT	25

/* ri_flg; rasops sets RI_CURSOR, RI_CURSORCLIP and RI_CFGDONE itself. */
#define RI_FULLCLEAR		0x0001	/* erasing all rows erases margins too */
#define RI_FORCEMONO		0x0002	/* black and white only */
#define RI_BSWAP		0x0004	/* pixels lie in the other byte order */
#define RI_CURSOR		0x0008	/* the cursor is shown */
#define RI_CLEAR		0x0010	/* clear the frame buffer when configuring */
#define RI_CENTER		0x0020	/* put the text area in the middle */
#define RI_CURSORCLIP		0x0040	/* the cursor is out of the screen */
#define RI_CFGDONE		0x0080	/* rasops_reconfig() succeeded */
#define RI_ROTATE_CW		0x0100	/* a quarter turn clockwise */
#define RI_ROTATE_CCW		0x0200	/* a quarter turn counter-clockwise */
#define RI_ROTATE_UD		0x0400	/* half a turn */
#define RI_ROTATE_MASK		0x0700
#define RI_NO_AUTO		0x0800	/* no generated line-drawing characters */
#define RI_ENABLE_ALPHA		0x1000	/* anti-aliased fonts may be chosen */
#define RI_8BIT_IS_RGB		0x2000	/* 8 bits are 3 red, 3 green, 2 blue */
#define RI_PREFER_ALPHA		0x4000	/* anti-aliased fonts are chosen first */
#define RI_PREFER_WIDEFONT	0x8000	/* rather too wide a font than too narrow */

struct rasops_info {
	/* The caller's. */
	int	ri_depth;	/* 8, 15, 16, 24, 32 */
	uint8_t	*ri_bits;	/* frame buffer, or its shadow; 4-byte aligned */
	int	ri_width;	/* pixels */
	int	ri_height;	/* pixels */
	int	ri_stride;	/* bytes from line to line; a multiple of 4 */
	uint8_t	*ri_hwbits;	/* if ri_bits is a shadow: the frame buffer */

	/* The caller's, if it likes; zero lets rasops choose. */
	struct wsdisplay_font *ri_font;
	struct wsdisplay_font ri_optfont;	/* line drawing; rasops's own */
	int	ri_wsfcookie;	/* ri_font's; -1 if wsfont does not know it */
	void	*ri_hw;		/* the caller's, not looked at */
	int	ri_crow;	/* the cursor's place */
	int	ri_ccol;
	int	ri_flg;
	uint8_t	ri_rnum;	/* bits of each colour, ... */
	uint8_t	ri_gnum;
	uint8_t	ri_bnum;
	uint8_t	ri_rpos;	/* ... and its lowest bit's number */
	uint8_t	ri_gpos;
	uint8_t	ri_bpos;

	/* rasops_init() fills in the rest. */
	int	ri_emuwidth;	/* the text area, pixels */
	int	ri_emuheight;
	int	ri_emustride;	/* bytes of one of its lines */
	int	ri_rows;	/* characters */
	int	ri_cols;
	int	ri_delta;	/* ri_stride - ri_emustride */
	int	ri_pelbytes;	/* bytes a pixel */
	int	ri_fontscale;	/* bytes a glyph */
	int	ri_xscale;	/* bytes from column to column */
	int	ri_yscale;	/* bytes from row to row */
	struct {
		int	off;	/* lines below an underline */
		int	height;
	} ri_ul;
	uint8_t	*ri_origbits;	/* ri_bits as given: it moves if RI_CENTER */
	uint8_t	*ri_hworigbits;
	int	ri_xorigin;	/* pixels that it moved */
	int	ri_yorigin;
	uint32_t ri_devcmap[16];	/* colour to pixel, filling the word */

	struct wsdisplay_emulops ri_ops;
	int	ri_caps;	/* WSSCREEN_* */
	void	(*ri_do_cursor)(struct rasops_info *);	/* inverts a cell */
};

#define CHAR_IN_FONT(c, font)						\
	((c) >= (u_int)(font)->firstchar &&				\
	    (c) - (u_int)(font)->firstchar < (u_int)(font)->numchars)

/* The font that holds a character. */
#define PICK_FONT(ri, c)						\
	(((c) & WSFONT_FLAGS_MASK) == WSFONT_FLAG_OPT &&		\
	    (ri)->ri_optfont.data != NULL ?				\
	    &(ri)->ri_optfont : (ri)->ri_font)

/* Move a pointer by a number of bytes. */
#define DELTA(p, bytes, type)	((p) = (type)((char *)(p) + (bytes)))

__BEGIN_DECLS
/*
 * Prepare drawing: choose a font if there is none, for about so many rows and
 * columns (0: 25 and 80), and fill in the struct.  0, or -1 after a message
 * that says why not.  Any context; the caller keeps others off the struct.
 */
int	rasops_init(struct rasops_info *, int, int);
/* The same after a change of font or geometry; ri_devcmap and font stay. */
int	rasops_reconfig(struct rasops_info *, int, int);
/* Foreground, background (0..15) and whether underlined (may be NULL). */
void	rasops_unpack_attr(long, int *, int *, int *);
/* The emulops of the same names, for drivers that replace some of them. */
void	rasops_eraserows(void *, int, int, long);
void	rasops_erasecols(void *, int, int, int, long);
void	rasops_copycols(void *, int, int, int, int);
/* Red, green, blue of each colour for an 8-bit map.  0, or EINVAL: no room. */
int	rasops_get_cmap(struct rasops_info *, uint8_t *, size_t);

extern const uint8_t	rasops_isgray[16];
/* 16 colours; the last 16 entries are what an inverted cell becomes. */
extern const uint8_t	rasops_cmap[256 * 3];
__END_DECLS

#endif /* !_NETBSD_DEV_RASOPS_RASOPS_H_ */
