/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Display timings.
 */
#ifndef _NETBSD_DEV_VIDEOMODE_VIDEOMODE_H_
#define _NETBSD_DEV_VIDEOMODE_VIDEOMODE_H_

#include "../../sys/cdefs.h"

/* Positions in a line in pixels, in a frame in lines, both from the start of
 * the visible part. */
struct videomode {
	int		dot_clock;	/* kHz */
	int		hdisplay, hsync_start, hsync_end, htotal;
	int		vdisplay, vsync_start, vsync_end, vtotal;
	int		flags;
	const char	*name;
};
/* Polarity of the sync signals, positive or negative; kinds of scanning. */
#define VID_PHSYNC	0x0001
#define VID_NHSYNC	0x0002
#define VID_PVSYNC	0x0004
#define VID_NVSYNC	0x0008
#define VID_INTERLACE	0x0010
#define VID_DBLSCAN	0x0020
#define VID_CSYNC	0x0040
#define VID_PCSYNC	0x0080
#define VID_NCSYNC	0x0100
#define VID_HSKEW	0x0200
#define VID_BCAST	0x0400
#define VID_PIXMUX	0x1000
#define VID_DBLCLK	0x2000
#define VID_CLKDIV2	0x4000

__BEGIN_DECLS
extern const struct videomode videomode_list[];
extern const int videomode_count;

/*
 * The mode of videomode_list of this width and height with the fastest dot
 * clock that is not above the last argument (kHz), or with the refresh rate
 * nearest to it (Hz).  Null if there is none.
 */
const struct videomode *pick_mode_by_dotclock(int, int, int);
const struct videomode *pick_mode_by_ref(int, int, int);

/*
 * Puts the preferred mode first, or the largest if the second argument points
 * to null, and the others behind it: those with the nearest refresh rate,
 * of these those of about its shape, of these the largest come first.  The
 * pointer to the preferred mode follows it.
 */
void	sort_modes(struct videomode *, struct videomode **, int);
__END_DECLS

#endif /* !_NETBSD_DEV_VIDEOMODE_VIDEOMODE_H_ */
