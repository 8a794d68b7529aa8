/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timings by VESA's Generalized Timing Formula.
 */
#ifndef _NETBSD_DEV_VIDEOMODE_VESAGTF_H_
#define _NETBSD_DEV_VIDEOMODE_VESAGTF_H_

#include "videomode.h"

struct vesagtf_params {
	unsigned	margin_ppt;	/* border, in thousandths */
	unsigned	min_porch;	/* lines, or character cells */
	unsigned	vsync_rqd;	/* lines */
	unsigned	hsync_pct;	/* percent of a line */
	unsigned	min_vsbp;	/* vertical sync and back porch, us */
	unsigned	M, C, K, J;	/* of the blanking formula */
};
/* What the formula starts from unless a monitor says otherwise. */
#define VESAGTF_MARGIN_PPT	18
#define VESAGTF_MIN_PORCH	1
#define VESAGTF_VSYNC_RQD	3
#define VESAGTF_HSYNC_PCT	8
#define VESAGTF_MIN_VSBP	550
#define VESAGTF_M		600
#define VESAGTF_C		40
#define VESAGTF_K		128
#define VESAGTF_J		20

#define VESAGTF_FLAG_ILACE	0x0001	/* interlaced */
#define VESAGTF_FLAG_MARGINS	0x0002	/* with borders */

__BEGIN_DECLS
/* Width, height, frames (not fields) a second. */
void	vesagtf_mode(unsigned, unsigned, unsigned, struct videomode *);
void	vesagtf_mode_params(unsigned, unsigned, unsigned,
	    struct vesagtf_params *, int, struct videomode *);
__END_DECLS

#endif /* !_NETBSD_DEV_VIDEOMODE_VESAGTF_H_ */
