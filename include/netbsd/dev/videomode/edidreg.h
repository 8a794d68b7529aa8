/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Layout of an EDID's base block: VESA E-EDID 1.3.  Arguments called `p' point
 * to its first byte, those called `d' to an 18-byte descriptor.
 */
#ifndef _NETBSD_DEV_VIDEOMODE_EDIDREG_H_
#define _NETBSD_DEV_VIDEOMODE_EDIDREG_H_

#define EDID_SIGNATURE		{ 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0 }

/* Where things are, in bytes. */
#define EDID_OFFSET_SIGNATURE		0
#define EDID_OFFSET_MANUFACTURER_ID	8
#define EDID_OFFSET_PRODUCT_ID		10
#define EDID_OFFSET_SERIAL_NUMBER	12
#define EDID_OFFSET_MANUFACTURE_WEEK	16
#define EDID_OFFSET_MANUFACTURE_YEAR	17
#define EDID_OFFSET_VERSION		18
#define EDID_OFFSET_REVISION		19
#define EDID_OFFSET_VIDEO_INPUT		20
#define EDID_OFFSET_MAX_HSIZE		21
#define EDID_OFFSET_MAX_VSIZE		22
#define EDID_OFFSET_GAMMA		23
#define EDID_OFFSET_FEATURE		24
#define EDID_OFFSET_CHROMA		25
#define EDID_OFFSET_EST_TIMING_1	35
#define EDID_OFFSET_EST_TIMING_2	36
#define EDID_OFFSET_MFG_TIMING		37
#define EDID_OFFSET_STD_TIMING		38
#define EDID_OFFSET_DESC_BLOCK		54

/* Who made it: three letters of five bits, the first of them on top. */
#define EDID_VENDOR_ID(p)	(((p)[8] << 8) + (p)[9])
#define EDID_MANFID_0(x)	('@' + (((x) >> 10) & 31))
#define EDID_MANFID_1(x)	('@' + (((x) >> 5) & 31))
#define EDID_MANFID_2(x)	('@' + ((x) & 31))
#define EDID_PRODUCT_ID(p)	((p)[10] | ((p)[11] << 8))
#define EDID_SERIAL_NUMBER(p)	\
	((unsigned)(p)[12] | ((unsigned)(p)[13] << 8) |	\
	 ((unsigned)(p)[14] << 16) | ((unsigned)(p)[15] << 24))
#define EDID_WEEK(p)		((p)[16])
#define EDID_YEAR(p)		(1990 + (p)[17])
#define EDID_VERSION(p)		((p)[18])
#define EDID_REVISION(p)	((p)[19])
#define EDID_MAX_HSIZE(p)	((p)[21])	/* cm */
#define EDID_MAX_VSIZE(p)	((p)[22])
#define EDID_EXT_BLOCK_COUNT(p)	((p)[126])

#define EDID_VIDEO_INPUT(p)	((p)[20])
#define EDID_VIDEO_INPUT_DIGITAL	0x80
#define EDID_VIDEO_INPUT_DFP1_COMPAT	0x01	/* if digital */
#define EDID_VIDEO_INPUT_LEVEL(x)	(((x) >> 5) & 3)	/* if analog */
#define EDID_VIDEO_INPUT_BLANK_TO_BLACK	0x10
#define EDID_VIDEO_INPUT_SEPARATE_SYNCS	0x08
#define EDID_VIDEO_INPUT_COMPOSITE_SYNC	0x04
#define EDID_VIDEO_INPUT_SYNC_ON_GRN	0x02
#define EDID_VIDEO_INPUT_SERRATION	0x01

/* In hundredths. */
#define _EDID_GAMMA(x)		((x) == 0xff ? 100 : 100 + (x))
#define EDID_GAMMA(p)		_EDID_GAMMA((p)[23])

#define EDID_FEATURES(p)	((p)[24])
#define EDID_FEATURES_STANDBY		0x80
#define EDID_FEATURES_SUSPEND		0x40
#define EDID_FEATURES_ACTIVE_OFF	0x20
#define EDID_FEATURES_DISP_TYPE(x)	(((x) >> 3) & 3)
#define EDID_FEATURES_DISP_TYPE_MONO	0
#define EDID_FEATURES_DISP_TYPE_RGB	1
#define EDID_FEATURES_DISP_TYPE_NON_RGB	2
#define EDID_FEATURES_DISP_TYPE_UNDEFINED 3
#define EDID_FEATURES_STD_COLOR		0x04
#define EDID_FEATURES_PREFERRED_TIMING	0x02
#define EDID_FEATURES_DEFAULT_GTF	0x01

/*
 * Colour coordinates, in thousandths: the lower two bits of ten are at `shift'
 * of one byte, the others are another byte.
 */
#define _EDID_CHROMA(p, low, shift, high)	\
	(((((p)[high] << 2) | (((p)[low] >> (shift)) & 3)) * 1000) / 1024)
#define EDID_CHROMA_REDX(p)	_EDID_CHROMA(p, 25, 6, 27)
#define EDID_CHROMA_REDY(p)	_EDID_CHROMA(p, 25, 4, 28)
#define EDID_CHROMA_GREENX(p)	_EDID_CHROMA(p, 25, 2, 29)
#define EDID_CHROMA_GREENY(p)	_EDID_CHROMA(p, 25, 0, 30)
#define EDID_CHROMA_BLUEX(p)	_EDID_CHROMA(p, 26, 6, 31)
#define EDID_CHROMA_BLUEY(p)	_EDID_CHROMA(p, 26, 4, 32)
#define EDID_CHROMA_WHITEX(p)	_EDID_CHROMA(p, 26, 2, 33)
#define EDID_CHROMA_WHITEY(p)	_EDID_CHROMA(p, 26, 0, 34)

/* Established timings: width, height, frames a second. */
#define EDID_EST_TIMING(p)	(((p)[35] << 8) | (p)[36])
#define EDID_EST_TIMING_720_400_70	0x8000
#define EDID_EST_TIMING_720_400_88	0x4000
#define EDID_EST_TIMING_640_480_60	0x2000
#define EDID_EST_TIMING_640_480_67	0x1000
#define EDID_EST_TIMING_640_480_72	0x0800
#define EDID_EST_TIMING_640_480_75	0x0400
#define EDID_EST_TIMING_800_600_56	0x0200
#define EDID_EST_TIMING_800_600_60	0x0100
#define EDID_EST_TIMING_800_600_72	0x0080
#define EDID_EST_TIMING_800_600_75	0x0040
#define EDID_EST_TIMING_832_624_75	0x0020
#define EDID_EST_TIMING_1024_768_87I	0x0010
#define EDID_EST_TIMING_1024_768_60	0x0008
#define EDID_EST_TIMING_1024_768_70	0x0004
#define EDID_EST_TIMING_1024_768_75	0x0002
#define EDID_EST_TIMING_1280_1024_75	0x0001

/* Standard timings: of each, a pointer to its two bytes. */
#define EDID_STD_TIMING_COUNT		8
#define EDID_STD_TIMING_SIZE		16	/* bytes, of all */
#define EDID_STD_TIMING_HRES(t)		(8 * ((t)[0] + 31))
#define EDID_STD_TIMING_VFREQ(t)	(60 + ((t)[1] & 0x3f))
#define EDID_STD_TIMING_RATIO(t)	((t)[1] & 0xc0)
#define EDID_STD_TIMING_RATIO_16_10	0x00
#define EDID_STD_TIMING_RATIO_4_3	0x40
#define EDID_STD_TIMING_RATIO_5_4	0x80
#define EDID_STD_TIMING_RATIO_16_9	0xc0

/* The four descriptors. */
#define EDID_BLOCK_COUNT		4
#define EDID_BLOCK_SIZE			18
#define EDID_DESC_BLOCK_SIZE		EDID_BLOCK_SIZE
#define EDID_BLOCK_IS_DET_TIMING(d)	((d)[0] | (d)[1])

/* ... of a detailed timing.  Blanking includes sync and borders. */
#define _EDID_12(low, high)		((low) | (((high) & 15) << 8))
#define _EDID_10(low, high)		((low) | (((high) & 3) << 8))
#define _EDID_6(low, high)		(((low) & 15) | (((high) & 3) << 4))
#define EDID_DET_TIMING_DOT_CLOCK(d)	(((d)[0] | ((d)[1] << 8)) * 10000) /* Hz */
#define EDID_DET_TIMING_HACTIVE(d)	_EDID_12((d)[2], (d)[4] >> 4)
#define EDID_DET_TIMING_HBLANK(d)	_EDID_12((d)[3], (d)[4])
#define EDID_DET_TIMING_VACTIVE(d)	_EDID_12((d)[5], (d)[7] >> 4)
#define EDID_DET_TIMING_VBLANK(d)	_EDID_12((d)[6], (d)[7])
#define EDID_DET_TIMING_HSYNC_OFFSET(d)	_EDID_10((d)[8], (d)[11] >> 6)
#define EDID_DET_TIMING_HSYNC_WIDTH(d)	_EDID_10((d)[9], (d)[11] >> 4)
#define EDID_DET_TIMING_VSYNC_OFFSET(d)	_EDID_6((d)[10] >> 4, (d)[11] >> 2)
#define EDID_DET_TIMING_VSYNC_WIDTH(d)	_EDID_6((d)[10], (d)[11])
#define EDID_DET_TIMING_HSIZE(d)	_EDID_12((d)[12], (d)[14] >> 4)	/* mm */
#define EDID_DET_TIMING_VSIZE(d)	_EDID_12((d)[13], (d)[14])
#define EDID_DET_TIMING_HBORDER(d)	((d)[15])
#define EDID_DET_TIMING_VBORDER(d)	((d)[16])
#define EDID_DET_TIMING_FLAGS(d)	((d)[17])
#define EDID_DET_TIMING_FLAG_INTERLACE		0x80
#define EDID_DET_TIMING_FLAG_STEREO		0x60
#define EDID_DET_TIMING_FLAG_SYNC_SEPARATE	0x18
#define EDID_DET_TIMING_FLAG_VSYNC_POSITIVE	0x04
#define EDID_DET_TIMING_FLAG_HSYNC_POSITIVE	0x02
#define EDID_DET_TIMING_FLAG_STEREO_MODE	0x01

/* ... of anything else. */
#define EDID_BLOCK_TYPE(d)		((d)[3])
#define EDID_DESC_BLOCK_TYPE_SERIAL		0xff
#define EDID_DESC_BLOCK_TYPE_ASCII		0xfe
#define EDID_DESC_BLOCK_TYPE_RANGE		0xfd
#define EDID_DESC_BLOCK_TYPE_NAME		0xfc
#define EDID_DESC_BLOCK_TYPE_COLOR_POINT	0xfb
#define EDID_DESC_BLOCK_TYPE_STD_TIMING		0xfa

/* Text: SERIAL, ASCII, NAME; a newline ends it early. */
#define EDID_DESC_ASCII_DATA_OFFSET		5
#define EDID_DESC_ASCII_DATA_LEN		13

#define EDID_DESC_RANGE_MIN_VFREQ(d)		((d)[5])	/* Hz */
#define EDID_DESC_RANGE_MAX_VFREQ(d)		((d)[6])
#define EDID_DESC_RANGE_MIN_HFREQ(d)		((d)[7])	/* kHz */
#define EDID_DESC_RANGE_MAX_HFREQ(d)		((d)[8])
#define EDID_DESC_RANGE_MAX_CLOCK(d)		(10 * (d)[9])	/* MHz */
#define EDID_DESC_RANGE_HAVE_GTF2(d)		((d)[10] == 2)
#define EDID_DESC_RANGE_GTF2_HFREQ(d)		(2 * (d)[12])	/* kHz */
#define EDID_DESC_RANGE_GTF2_C(d)		((d)[13] / 2)
#define EDID_DESC_RANGE_GTF2_M(d)		((d)[14] | ((d)[15] << 8))
#define EDID_DESC_RANGE_GTF2_K(d)		((d)[16])
#define EDID_DESC_RANGE_GTF2_J(d)		((d)[17] / 2)

#define EDID_DESC_COLOR_WHITE_INDEX_1(d)	((d)[5])
#define EDID_DESC_COLOR_WHITEX_1(d)		_EDID_CHROMA(d, 6, 2, 7)
#define EDID_DESC_COLOR_WHITEY_1(d)		_EDID_CHROMA(d, 6, 0, 8)
#define EDID_DESC_COLOR_GAMMA_1(d)		_EDID_GAMMA((d)[9])
#define EDID_DESC_COLOR_WHITE_INDEX_2(d)	((d)[10])
#define EDID_DESC_COLOR_WHITEX_2(d)		_EDID_CHROMA(d, 11, 2, 12)
#define EDID_DESC_COLOR_WHITEY_2(d)		_EDID_CHROMA(d, 11, 0, 13)
#define EDID_DESC_COLOR_GAMMA_2(d)		_EDID_GAMMA((d)[14])

#define EDID_DESC_STD_TIMING_START		5
#define EDID_DESC_STD_TIMING_COUNT		6

#endif /* !_NETBSD_DEV_VIDEOMODE_EDIDREG_H_ */
