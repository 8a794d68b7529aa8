#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# ioconf.sh DRIVER DIRECTORY: writes ioconf.h and ioconf.c, as config(1) would
# for "DRIVER* at pci? dev ? function ?". Only for compiling: where there is
# no config(1).
driver=$1
dir=$2

cat >"$dir/ioconf.h" <<EOF
#include <sys/device.h>
extern struct cfdriver ${driver}_cd;
EOF
cat >"$dir/ioconf.c" <<EOF
#include <sys/param.h>
#include <sys/device.h>
CFDRIVER_DECL($driver, DV_DULL, NULL);
extern struct cfattach ${driver}_ca;
static int loc[] = { -1, -1 };
static const struct cfparent pci_parent = { "pci", NULL, DVUNIT_ANY };
static struct cfdata cfdata_ioconf_$driver[] = {
	{
		.cf_name = "$driver", .cf_atname = "$driver", .cf_unit = 0,
		.cf_fstate = FSTATE_STAR, .cf_loc = loc, .cf_flags = 0,
		.cf_pspec = &pci_parent,
	},
	{ .cf_name = NULL },
};
static struct cfdriver * const cfdriver_ioconf_$driver[] = {
	&${driver}_cd, NULL
};
static struct cfattach * const cfattach_list[] = { &${driver}_ca, NULL };
static const struct cfattachinit cfattach_ioconf_$driver[] = {
	{ .cfai_name = "$driver", .cfai_list = cfattach_list },
	{ .cfai_name = NULL },
};
EOF
