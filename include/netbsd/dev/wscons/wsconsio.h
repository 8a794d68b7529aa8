/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to wsdisplay(4), wskbd(4), wsmouse(4) and wsmux(4), with NetBSD
 * 10's numbers and structures.  Group 'W': 0-31 keyboards, 32-63 mice, 64-96
 * and 101-107 displays, 97-100 muxes.
 */
#ifndef _NETBSD_DEV_WSCONS_WSCONSIO_H_
#define _NETBSD_DEV_WSCONS_WSCONSIO_H_

#include "../../sys/types.h"
#include "../../sys/time.h"
#include "../../sys/ioccom.h"
#include "wsksymvar.h"
#include "wsconsio_input.h"

/*
 * What kind of display it is.
 */
#define WSDISPLAYIO_GTYPE		_IOR('W', 64, u_int)
#define WSDISPLAY_TYPE_UNKNOWN		0
/* DEC */
#define WSDISPLAY_TYPE_PM_MONO		1
#define WSDISPLAY_TYPE_PM_COLOR		2
#define WSDISPLAY_TYPE_CFB		3
#define WSDISPLAY_TYPE_XCFB		4
#define WSDISPLAY_TYPE_MFB		5
#define WSDISPLAY_TYPE_SFB		6
#define WSDISPLAY_TYPE_TGA		9
#define WSDISPLAY_TYPE_SFBP		10
#define WSDISPLAY_TYPE_PX		13
#define WSDISPLAY_TYPE_PXG		14
#define WSDISPLAY_TYPE_TX		15
#define WSDISPLAY_TYPE_SPX		18
#define WSDISPLAY_TYPE_GPX		19
#define WSDISPLAY_TYPE_LCG		20
#define WSDISPLAY_TYPE_VAX_MONO		21
/* PCs */
#define WSDISPLAY_TYPE_ISAVGA		7
#define WSDISPLAY_TYPE_PCIVGA		8
#define WSDISPLAY_TYPE_PCIMISC		11
#define WSDISPLAY_TYPE_EGA		23
#define WSDISPLAY_TYPE_VESA		42
/* whatever somebody else has set up */
#define WSDISPLAY_TYPE_GENFB		45
#define WSDISPLAY_TYPE_VNC		53
/* HP */
#define WSDISPLAY_TYPE_GBOX		25
#define WSDISPLAY_TYPE_TOPCAT		26
#define WSDISPLAY_TYPE_RBOX		27
#define WSDISPLAY_TYPE_CATSEYE		28
#define WSDISPLAY_TYPE_DVBOX		29
#define WSDISPLAY_TYPE_TVRX		30
#define WSDISPLAY_TYPE_HYPERION		31
#define WSDISPLAY_TYPE_STI		40
/* SGI */
#define WSDISPLAY_TYPE_NEWPORT		34
#define WSDISPLAY_TYPE_GR2		35
#define WSDISPLAY_TYPE_LIGHT		44
#define WSDISPLAY_TYPE_CRIME		46
/* Sun and what plugs into its machines */
#define WSDISPLAY_TYPE_SB_P9100		22
#define WSDISPLAY_TYPE_SUN24		33
#define WSDISPLAY_TYPE_SUNCG12		36
#define WSDISPLAY_TYPE_SUNCG14		37
#define WSDISPLAY_TYPE_SUNTCX		38
#define WSDISPLAY_TYPE_SUNFFB		39
#define WSDISPLAY_TYPE_AG10		48
#define WSDISPLAY_TYPE_XVR1000		50
#define WSDISPLAY_TYPE_MGX		61
/* the others */
#define WSDISPLAY_TYPE_NEXTMONO		12
#define WSDISPLAY_TYPE_HPCFB		16
#define WSDISPLAY_TYPE_VIDC		17
#define WSDISPLAY_TYPE_DCPVR		24
#define WSDISPLAY_TYPE_AMIGACC		32
#define WSDISPLAY_TYPE_HDLCD		41
#define WSDISPLAY_TYPE_XILFB		43
#define WSDISPLAY_TYPE_PXALCD		47
#define WSDISPLAY_TYPE_DL		49
#define WSDISPLAY_TYPE_LUNA		51
#define WSDISPLAY_TYPE_GRF		52
#define WSDISPLAY_TYPE_VALKYRIE		54
#define WSDISPLAY_TYPE_IMXIPU		55
#define WSDISPLAY_TYPE_VC4		56
#define WSDISPLAY_TYPE_OMAP3		57
#define WSDISPLAY_TYPE_WINDERMERE	58
#define WSDISPLAY_TYPE_CLPS711X		59
#define WSDISPLAY_TYPE_ALLWINNER	60
#define WSDISPLAY_TYPE_MESON		62
#define WSDISPLAY_TYPE_TEGRA		63
#define WSDISPLAY_TYPE_PLATINUM		64
#define WSDISPLAY_TYPE_PLFB		65
#define WSDISPLAY_TYPE_SSDFB		66
#define WSDISPLAY_TYPE_HOLLYWOOD	67
#define WSDISPLAY_TYPE_VC6		68
#define WSDISPLAY_TYPE_VIOGPU		69

/*
 * Geometry, colours, power, the two ways of using it.
 */
struct wsdisplay_fbinfo {
	u_int	height;		/* pixels */
	u_int	width;
	u_int	depth;		/* bits of a pixel */
	u_int	cmsize;		/* entries of the colour map, 0 if it has none */
};
#define WSDISPLAYIO_GINFO	_IOR('W', 65, struct wsdisplay_fbinfo)
#define WSDISPLAYIO_LINEBYTES	_IOR('W', 95, u_int)	/* from line to line */

struct wsdisplay_cmap {
	u_int	index;		/* the first entry meant */
	u_int	count;
	u_char	*red;		/* `count' values each, in the caller's memory */
	u_char	*green;
	u_char	*blue;
};
#define WSDISPLAYIO_GETCMAP	_IOW('W', 66, struct wsdisplay_cmap)
#define WSDISPLAYIO_PUTCMAP	_IOW('W', 67, struct wsdisplay_cmap)

#define WSDISPLAYIO_GVIDEO	_IOR('W', 68, u_int)
#define WSDISPLAYIO_SVIDEO	_IOW('W', 69, u_int)
#define WSDISPLAYIO_VIDEO_OFF	0
#define WSDISPLAYIO_VIDEO_ON	1

#define WSDISPLAYIO_GMODE	_IOR('W', 75, u_int)
#define WSDISPLAYIO_SMODE	_IOW('W', 76, u_int)
#define WSDISPLAYIO_MODE_EMUL	0	/* the kernel draws text */
#define WSDISPLAYIO_MODE_MAPPED	1	/* a program draws, registers and all */
#define WSDISPLAYIO_MODE_DUMBFB	2	/* a program draws, pixels only */

#define WSDISPLAYIO_GBORDER	_IOR('W', 91, int)
#define WSDISPLAYIO_SBORDER	_IOW('W', 92, int)

struct wsdisplay_param {
	int	param;
#define WSDISPLAYIO_PARAM_BACKLIGHT	1	/* on or off, brightness kept */
#define WSDISPLAYIO_PARAM_BRIGHTNESS	2
#define WSDISPLAYIO_PARAM_CONTRAST	3
	int	min, max, curval;
	int	reserved[4];
};
#define WSDISPLAYIO_GETPARAM	_IOWR('W', 82, struct wsdisplay_param)
#define WSDISPLAYIO_SETPARAM	_IOWR('W', 83, struct wsdisplay_param)

/*
 * What WSDISPLAYIO_GINFO, LINEBYTES and GTYPE say, and the pixel's layout.
 */
#define WSFB_RGB	0
#define WSFB_CI		1	/* an index into the colour map */
#define WSFB_GREYSCALE	2
#define WSFB_YUV	3
#define WSFB_YUY2	4

struct wsdisplayio_fbinfo {
	uint64_t	fbi_fbsize;	/* bytes */
	uint64_t	fbi_fboffset;	/* of the first visible pixel, in bytes */
	uint32_t	fbi_width;	/* pixels */
	uint32_t	fbi_height;
	uint32_t	fbi_stride;	/* bytes */
	uint32_t	fbi_bitsperpixel;
	uint32_t	fbi_pixeltype;	/* WSFB_* */
	union _fbi_subtype {
		struct _fbi_rgbmasks {	/* WSFB_RGB: position of the lowest
					   bit, and number of bits */
			uint32_t	red_offset, red_size;
			uint32_t	green_offset, green_size;
			uint32_t	blue_offset, blue_size;
			uint32_t	alpha_offset, alpha_size;
		} fbi_rgbmasks;
		struct _fbi_cmapinfo {	/* WSFB_CI */
			uint32_t	cmap_entries;
		} fbi_cmapinfo;
	} fbi_subtype;
	uint32_t	fbi_flags;
#define WSFB_VRAM_IS_RAM	0x0001	/* as fast as memory */
#define WSFB_VRAM_IS_SPLIT	0x0002	/* two halves, each drawn to apart */
};
#define WSDISPLAYIO_GET_FBINFO	_IOWR('W', 104, struct wsdisplayio_fbinfo)

/*
 * The hardware cursor.
 */
struct wsdisplay_curpos {
	u_int	x, y;
};

struct wsdisplay_cursor {
	u_int	which;		/* which of the following are meant */
#define WSDISPLAY_CURSOR_DOCUR		0x01	/* enable */
#define WSDISPLAY_CURSOR_DOPOS		0x02	/* pos */
#define WSDISPLAY_CURSOR_DOHOT		0x04	/* hot */
#define WSDISPLAY_CURSOR_DOCMAP		0x08	/* cmap */
#define WSDISPLAY_CURSOR_DOSHAPE	0x10	/* size, image, mask */
#define WSDISPLAY_CURSOR_DOALL		0x1f
	u_int	enable;
	struct wsdisplay_curpos	pos;
	struct wsdisplay_curpos	hot;
	struct wsdisplay_cmap	cmap;
	struct wsdisplay_curpos	size;
	u_char	*image;
	u_char	*mask;
};
#define WSDISPLAYIO_GCURPOS	_IOR('W', 70, struct wsdisplay_curpos)
#define WSDISPLAYIO_SCURPOS	_IOW('W', 71, struct wsdisplay_curpos)
#define WSDISPLAYIO_GCURMAX	_IOR('W', 72, struct wsdisplay_curpos)
#define WSDISPLAYIO_GCURSOR	_IOWR('W', 73, struct wsdisplay_cursor)
#define WSDISPLAYIO_SCURSOR	_IOW('W', 74, struct wsdisplay_cursor)

/*
 * Fonts.  Glyphs stand one after the other, `stride' bytes for each line; a
 * stride of fontwidth or more is a font of alpha values, a byte a pixel.
 */
struct wsdisplay_font {
	const char	*name;
	int		firstchar, numchars;
	int		encoding;
#define WSDISPLAY_FONTENC_ISO	0
#define WSDISPLAY_FONTENC_IBM	1
#define WSDISPLAY_FONTENC_PCVT	2
#define WSDISPLAY_FONTENC_ISO7	3
#define WSDISPLAY_FONTENC_ISO2	4
#define WSDISPLAY_FONTENC_KOI8_R 5
	u_int		fontwidth, fontheight, stride;
#define WSDISPLAY_MAXFONTSZ	(512 * 1024)
	int		bitorder, byteorder;
#define WSDISPLAY_FONTORDER_KNOWN 0	/* as rasops(9) wants it */
#define WSDISPLAY_FONTORDER_L2R	1	/* the leftmost pixel or byte is the
					   most significant, the first */
#define WSDISPLAY_FONTORDER_R2L	2
	void		*data;
};
#define WSDISPLAYIO_LDFONT	_IOW('W', 77, struct wsdisplay_font)

struct wsdisplay_usefontdata {
	char	*name;
};
#define WSDISPLAYIO_SFONT	_IOW('W', 80, struct wsdisplay_usefontdata)

struct wsdisplayio_fontdesc {
	char		fd_name[64];
	uint16_t	fd_height;
	uint16_t	fd_width;
};

struct wsdisplayio_fontinfo {
	uint32_t	fi_buffersize;	/* bytes at fi_fonts */
	uint32_t	fi_numentries;	/* out: how many fonts there are */
	struct wsdisplayio_fontdesc *fi_fonts;	/* may be null */
};
#define WSDISPLAYIO_LISTFONTS	_IOWR('W', 107, struct wsdisplayio_fontinfo)

/*
 * Screens.
 */
struct wsdisplay_addscreendata {
	int	idx;
	char	*screentype;
	char	*emul;
};
#define WSDISPLAYIO_ADDSCREEN	_IOW('W', 78, struct wsdisplay_addscreendata)

struct wsdisplay_delscreendata {
	int	idx;
	int	flags;
#define WSDISPLAY_DELSCR_FORCE	1	/* open or not */
};
#define WSDISPLAYIO_DELSCREEN	_IOW('W', 79, struct wsdisplay_delscreendata)
#define WSDISPLAYIO_GETACTIVESCREEN _IOR('W', 84, int)

/* A character cell of the current screen. */
struct wsdisplay_char {
	int		row, col;
	uint16_t	letter;
	uint8_t		background, foreground;
	char		flags;
#define WSDISPLAY_CHAR_BRIGHT	1
#define WSDISPLAY_CHAR_BLINK	2
};
#define WSDISPLAYIO_GETWSCHAR	_IOWR('W', 85, struct wsdisplay_char)
#define WSDISPLAYIO_PUTWSCHAR	_IOWR('W', 86, struct wsdisplay_char)

struct wsdisplay_scroll_data {
	u_int	which;
#define WSDISPLAY_SCROLL_DOFASTLINES	0x01
#define WSDISPLAY_SCROLL_DOSLOWLINES	0x02
#define WSDISPLAY_SCROLL_DOALL		0x03
	u_int	fastlines;
	u_int	slowlines;
};
#define WSDISPLAYIO_DGSCROLL	_IOR('W', 87, struct wsdisplay_scroll_data)
#define WSDISPLAYIO_DSSCROLL	_IOW('W', 88, struct wsdisplay_scroll_data)

struct wsdisplay_msgattrs {
	int	default_attrs, default_bg, default_fg;
	int	kernel_attrs, kernel_bg, kernel_fg;
};
#define WSDISPLAYIO_GMSGATTRS	_IOR('W', 89, struct wsdisplay_msgattrs)
#define WSDISPLAYIO_SMSGATTRS	_IOW('W', 90, struct wsdisplay_msgattrs)

#define WSDISPLAYIO_SSPLASH	_IOW('W', 93, int)
#define WSDISPLAYIO_SPROGRESS	_IOW('W', 94, int)
#define WSDISPLAYIO_SETVERSION	_IOW('W', 96, int)
#define WSDISPLAYIO_EVENT_VERSION WSEVENT_VERSION

/*
 * Where the display is, and what hangs on it.
 */
struct wsdisplayio_bus_id {
	u_int	bus_type;
#define WSDISPLAYIO_BUS_PCI	0
#define WSDISPLAYIO_BUS_SBUS	1
#define WSDISPLAYIO_BUS_SOC	2
	union bus_data {
		struct bus_pci {
			uint32_t	domain;
			uint32_t	bus;
			uint32_t	device;
			uint32_t	function;
		} pci;
		struct bus_sbus {
			uint32_t	fb_instance;
		} sbus;
		char	pad[32];
	} ubus;
};
#define WSDISPLAYIO_GET_BUSID	_IOR('W', 101, struct wsdisplayio_bus_id)

struct wsdisplayio_edid_info {
	uint32_t	buffer_size;
	uint32_t	data_size;	/* out: how long the EDID is */
	void		*edid_data;	/* untouched (EAGAIN) if it is longer
					   than the buffer */
};
#define WSDISPLAYIO_GET_EDID	_IOWR('W', 102, struct wsdisplayio_edid_info)

/*
 * 1: from now on draw at once, without interrupts, on the kernel's own screen
 * (a panic, a debugger); 0: as ever.
 */
#define WSDISPLAYIO_SET_POLLING	_IOW('W', 103, int)

struct wsdisplayio_blit {
	uint32_t	serial;
	uint32_t	op;
#define WSFB_BLIT_FILL	1
#define WSFB_BLIT_COPY	2
#define WSFB_BLIT_TRANS	3	/* except where the source is `pen' */
	uint32_t	srcx, srcy;
	uint32_t	dstx, dsty;
	uint32_t	width, height;
	uint32_t	pen;
};
#define WSDISPLAYIO_DOBLIT	_IOWR('W', 105, struct wsdisplayio_blit)
#define WSDISPLAYIO_WAITBLIT	_IOWR('W', 106, struct wsdisplayio_blit)

#endif /* !_NETBSD_DEV_WSCONS_WSCONSIO_H_ */
