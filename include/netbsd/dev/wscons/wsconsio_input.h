/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The half of wsconsio.h that is about keyboards, mice and muxes.
 */
#ifndef _NETBSD_DEV_WSCONS_WSCONSIO_INPUT_H_
#define _NETBSD_DEV_WSCONS_WSCONSIO_INPUT_H_

#include "../../sys/types.h"
#include "../../sys/time.h"
#include "../../sys/ioccom.h"
#include "wsksymvar.h"

#define WSEVENT_VERSION	1

struct wscons_event {
	u_int		type;
	int		value;
	struct timespec	time;
};
/* Types, and what the value is. */
#define WSCONS_EVENT_KEY_UP		1	/* code of the key */
#define WSCONS_EVENT_KEY_DOWN		2
#define WSCONS_EVENT_ALL_KEYS_UP	3
#define WSCONS_EVENT_MOUSE_UP		4	/* button, 0 is the leftmost */
#define WSCONS_EVENT_MOUSE_DOWN		5
#define WSCONS_EVENT_MOUSE_DELTA_X	6
#define WSCONS_EVENT_MOUSE_DELTA_Y	7
#define WSCONS_EVENT_MOUSE_ABSOLUTE_X	8
#define WSCONS_EVENT_MOUSE_ABSOLUTE_Y	9
#define WSCONS_EVENT_MOUSE_DELTA_Z	10
#define WSCONS_EVENT_MOUSE_ABSOLUTE_Z	11
#define WSCONS_EVENT_SCREEN_SWITCH	12	/* the new screen */
#define WSCONS_EVENT_ASCII		13	/* the character */
#define WSCONS_EVENT_MOUSE_DELTA_W	14
#define WSCONS_EVENT_MOUSE_ABSOLUTE_W	15

/*
 * Keyboards.
 */
#define WSKBDIO_GTYPE		_IOR('W', 0, u_int)
#define WSKBD_TYPE_LK201	1
#define WSKBD_TYPE_LK401	2
#define WSKBD_TYPE_PC_XT	3
#define WSKBD_TYPE_PC_AT	4
#define WSKBD_TYPE_USB		5
#define WSKBD_TYPE_ADB		11
#define WSKBD_TYPE_SUN		16
#define WSKBD_TYPE_SUN5		17
#define WSKBD_TYPE_BLUETOOTH	21
#define WSKBD_TYPE_RFB		24

struct wskbd_bell_data {
	u_int	which;
#define WSKBD_BELL_DOPITCH	0x1
#define WSKBD_BELL_DOPERIOD	0x2
#define WSKBD_BELL_DOVOLUME	0x4
#define WSKBD_BELL_DOALL	0x7
	u_int	pitch;		/* Hz */
	u_int	period;		/* ms */
	u_int	volume;		/* percent */
};
#define WSKBDIO_BELL		_IO('W', 1)
#define WSKBDIO_COMPLEXBELL	_IOW('W', 2, struct wskbd_bell_data)
#define WSKBDIO_SETBELL		_IOW('W', 3, struct wskbd_bell_data)
#define WSKBDIO_GETBELL		_IOR('W', 4, struct wskbd_bell_data)
#define WSKBDIO_SETDEFAULTBELL	_IOW('W', 5, struct wskbd_bell_data)
#define WSKBDIO_GETDEFAULTBELL	_IOR('W', 6, struct wskbd_bell_data)

struct wskbd_keyrepeat_data {
	u_int	which;
#define WSKBD_KEYREPEAT_DODEL1	0x1
#define WSKBD_KEYREPEAT_DODELN	0x2
#define WSKBD_KEYREPEAT_DOALL	0x3
	u_int	del1;		/* ms before the first */
	u_int	delN;		/* ms between the others */
};
#define WSKBDIO_SETKEYREPEAT		_IOW('W', 7, struct wskbd_keyrepeat_data)
#define WSKBDIO_GETKEYREPEAT		_IOR('W', 8, struct wskbd_keyrepeat_data)
#define WSKBDIO_SETDEFAULTKEYREPEAT	_IOW('W', 9, struct wskbd_keyrepeat_data)
#define WSKBDIO_GETDEFAULTKEYREPEAT	_IOR('W', 10, struct wskbd_keyrepeat_data)

#define WSKBDIO_SETLEDS		_IOW('W', 11, int)
#define WSKBDIO_GETLEDS		_IOR('W', 12, int)
#define WSKBD_LED_CAPS		0x01
#define WSKBD_LED_NUM		0x02
#define WSKBD_LED_SCROLL	0x04
#define WSKBD_LED_COMPOSE	0x08

struct wskbd_map_data {
	u_int	maplen;
#define WSKBDIO_MAXMAPLEN	65536
	struct wscons_keymap *map;
};
#define WSKBDIO_GETMAP		_IOWR('W', 13, struct wskbd_map_data)
#define WSKBDIO_SETMAP		_IOW('W', 14, struct wskbd_map_data)
#define WSKBDIO_GETENCODING	_IOR('W', 15, kbd_t)
#define WSKBDIO_SETENCODING	_IOW('W', 16, kbd_t)

#define WSKBDIO_SETMODE		_IOW('W', 19, int)
#define WSKBDIO_GETMODE		_IOR('W', 20, int)
#define WSKBD_TRANSLATED	0
#define WSKBD_RAW		1
#define WSKBDIO_SETKEYCLICK	_IOW('W', 21, int)
#define WSKBDIO_GETKEYCLICK	_IOR('W', 22, int)
#define WSKBDIO_SETVERSION	_IOW('W', 25, int)
#define WSKBDIO_EVENT_VERSION	WSEVENT_VERSION

/*
 * Mice.
 */
#define WSMOUSEIO_GTYPE		_IOR('W', 32, u_int)
#define WSMOUSE_TYPE_VSXXX	1
#define WSMOUSE_TYPE_PS2	2
#define WSMOUSE_TYPE_USB	3
#define WSMOUSE_TYPE_LMS	4
#define WSMOUSE_TYPE_MMS	5
#define WSMOUSE_TYPE_TPANEL	6
#define WSMOUSE_TYPE_BLUETOOTH	14
#define WSMOUSE_TYPE_ADB	15
#define WSMOUSE_TYPE_PSEUDO	16
#define WSMOUSEIO_SRES		_IOW('W', 33, u_int)
#define WSMOUSEIO_SSCALE	_IOW('W', 34, u_int[2])
#define WSMOUSEIO_SRATE		_IOW('W', 35, u_int)
#define WSMOUSEIO_SETVERSION	_IOW('W', 41, int)
#define WSMOUSE_EVENT_VERSION	WSEVENT_VERSION

/*
 * Muxes.
 */
struct wsmux_device {
	int	type;
#define WSMUX_MOUSE	1
#define WSMUX_KBD	2
#define WSMUX_MUX	3
#define WSMUX_BELL	4
	int	idx;
};
#define WSMUXIO_ADD_DEVICE	_IOW('W', 97, struct wsmux_device)
#define WSMUXIO_REMOVE_DEVICE	_IOW('W', 98, struct wsmux_device)

#define WSMUX_MAXDEV	32
struct wsmux_device_list {
	int	ndevices;
	struct wsmux_device devices[WSMUX_MAXDEV];
};
#define WSMUXIO_LIST_DEVICES	_IOWR('W', 99, struct wsmux_device_list)
#define WSMUXIO_INJECTEVENT	_IOW('W', 100, struct wscons_event)

#endif /* !_NETBSD_DEV_WSCONS_WSCONSIO_INPUT_H_ */
