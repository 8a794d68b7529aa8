/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types of key symbols and keyboard layouts, as requests to wskbd(4) carry
 * them.
 */
#ifndef _NETBSD_DEV_WSCONS_WSKSYMVAR_H_
#define _NETBSD_DEV_WSCONS_WSKSYMVAR_H_

#include "../../sys/types.h"

typedef uint16_t keysym_t;
typedef uint32_t kbd_t;		/* layout and its variants */

struct wscons_keymap {
	keysym_t	command;
	keysym_t	group1[2];	/* plain, shifted */
	keysym_t	group2[2];	/* the same with the mode switch */
};

#endif /* !_NETBSD_DEV_WSCONS_WSKSYMVAR_H_ */
