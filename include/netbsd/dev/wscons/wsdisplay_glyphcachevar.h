/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Glyphs kept in a display's spare memory, so that its engine can copy them
 * instead of the CPU drawing them again.
 */
#ifndef _NETBSD_DEV_WSCONS_WSDISPLAY_GLYPHCACHEVAR_H_
#define _NETBSD_DEV_WSCONS_WSDISPLAY_GLYPHCACHEVAR_H_

#include "../../sys/types.h"
#include "../../sys/time.h"

struct vcons_screen;

#define GLYPHCACHE_FIRSTCHAR	33	/* blanks are better filled */
#define GLYPHCACHE_CHARS	223	/* ... to 255 */

/* Glyphs of one attribute. */
typedef struct _gc_bucket {
	int	gb_firstcell;
	int	gb_numcells;
	volatile unsigned int gb_usedcells;
	int	gb_index;	/* of its attribute, -1: none */
	uint32_t gb_map[GLYPHCACHE_CHARS];	/* x << 16 | y */
	time_t	gb_lastread;	/* time_uptime */
} gc_bucket;

typedef struct _glyphcache {
	int	gc_numcells;
	int	gc_cellwidth;	/* pixels, as all that follows */
	int	gc_cellstride;	/* from cell to cell: the width, aligned */
	int	gc_cellalign;
	int	gc_cellheight;
	int	gc_cellsperline;
	int	gc_firstline;	/* of the memory to use */
	int	gc_firstcol;
	int	gc_lines;
	int	gc_width;
	int	gc_fontcookie;
	int	gc_numbuckets;	/* in use */
	int	gc_nbuckets;	/* allocated */
	gc_bucket *gc_buckets;
	gc_bucket *gc_next;	/* where glyphcache_add() puts one */
	long	gc_underline;	/* its attribute */
	int	gc_attrmap[256];	/* attribute to bucket, -1: none */
	/*
	 * The driver's, set before glyphcache_init(): copy (cookie, from x, y,
	 * to x, y, width, height, gc_rop), and fill in the foreground of an
	 * attribute (cookie, x, y, width, height, attribute; may be NULL).
	 */
	void	(*gc_bitblt)(void *, int, int, int, int, int, int, int);
	void	(*gc_rectfill)(void *, int, int, int, int, long);
	void	*gc_blitcookie;
	int	gc_rop;
} glyphcache;

/* Answers of glyphcache_try(). */
#define GC_OK	0	/* drawn */
#define GC_ADD	1	/* draw it, then glyphcache_add() it */
#define GC_NOPE	2	/* draw it; it cannot be kept */

__BEGIN_DECLS
/*
 * Use `lines' lines of memory from line `first' on, `width' wide, for cells
 * of a size; an attribute that always keeps its place.  0, or ENOMEM: there
 * is no room for a single glyph.  Thread context.
 *	first, lines, width, cell width, cell height, attribute
 */
int	glyphcache_init(glyphcache *, int, int, int, int, int, long);
/* ... with a first column too: column, first, lines, width, ... */
int	glyphcache_init_x(glyphcache *, int, int, int, int, int, int, long);
/* ... whose cells begin at multiples of so many pixels. */
int	glyphcache_init_align(glyphcache *, int, int, int, int, int, long, int);
/* Another size of cells, with the same memory.  0 or ENOMEM. */
int	glyphcache_reconfig(glyphcache *, int, int, long);
/* For vcons_data::show_screen_cb, the glyphcache its cookie. */
void	glyphcache_adapt(struct vcons_screen *, void *);
/* Forget all glyphs: the memory was used by others. */
void	glyphcache_wipe(glyphcache *);
/* Character, and where it was drawn, after GC_ADD.  0 or ENOMEM. */
int	glyphcache_add(glyphcache *, int, int, int);
/* Character, x, y, attribute. */
int	glyphcache_try(glyphcache *, int, int, int, long);
/* Draw the underline of a cell: x, y, attribute. */
void	glyphcache_underline(glyphcache *, int, int, long);
__END_DECLS

#endif /* !_NETBSD_DEV_WSCONS_WSDISPLAY_GLYPHCACHEVAR_H_ */
