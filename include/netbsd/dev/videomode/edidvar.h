/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a monitor's EDID says.
 */
#ifndef _NETBSD_DEV_VIDEOMODE_EDIDVAR_H_
#define _NETBSD_DEV_VIDEOMODE_EDIDVAR_H_

#include "../../sys/types.h"
#include "videomode.h"

/* CIE coordinates, in thousandths. */
struct edid_chroma {
	uint16_t	ec_redx, ec_redy;
	uint16_t	ec_greenx, ec_greeny;
	uint16_t	ec_bluex, ec_bluey;
	uint16_t	ec_whitex, ec_whitey;
};

struct edid_range {
	uint16_t	er_min_vfreq, er_max_vfreq;	/* Hz */
	uint16_t	er_min_hfreq, er_max_hfreq;	/* kHz */
	uint16_t	er_max_clock;			/* MHz */
	int		er_have_gtf2;
	uint16_t	er_gtf2_hfreq;
	uint16_t	er_gtf2_c, er_gtf2_m, er_gtf2_k, er_gtf2_j;
};

#define EDID_MAX_MODES	64

struct edid_info {
	uint8_t		edid_vendor[4];		/* three letters */
	char		edid_vendorname[16];
	char		edid_productname[16];
	char		edid_comment[16];
	char		edid_serial[16];
	uint16_t	edid_product;
	uint8_t		edid_version;
	uint8_t		edid_revision;
	int		edid_year;
	int		edid_week;
	uint8_t		edid_video_input;	/* EDID_VIDEO_INPUT_* */
	uint8_t		edid_max_hsize;		/* cm */
	uint8_t		edid_max_vsize;
	uint8_t		edid_gamma;		/* hundredths */
	uint8_t		edid_features;		/* EDID_FEATURES_* */
	uint8_t		edid_ext_block_count;
	int		edid_have_range;
	struct edid_range	edid_range;
	struct edid_chroma	edid_chroma;
	struct videomode	*edid_preferred_mode;	/* null, or one of: */
	int			edid_nmodes;
	struct videomode	edid_modes[EDID_MAX_MODES];
};

__BEGIN_DECLS
/* Of 128 bytes: signature, version and checksum are right (0), or EINVAL. */
int	edid_is_valid(uint8_t *);
/* The same, and everything in it; nothing of it is believed unchecked. */
int	edid_parse(uint8_t *, struct edid_info *);
void	edid_print(struct edid_info *);
__END_DECLS

#endif /* !_NETBSD_DEV_VIDEOMODE_EDIDVAR_H_ */
