/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Types that autoconf(9) and pmf(9) share.
 */
#ifndef _NETBSD_SYS_DEVICE_IF_H_
#define _NETBSD_SYS_DEVICE_IF_H_

#include "types.h"

typedef enum devact_level {
	DEVACT_LEVEL_CLASS,
	DEVACT_LEVEL_DRIVER,
	DEVACT_LEVEL_BUS
} devact_level_t;
#define DEVACT_LEVEL_FULL	DEVACT_LEVEL_CLASS

struct device_suspensor;
typedef struct device_suspensor device_suspensor_t;

#endif /* !_NETBSD_SYS_DEVICE_IF_H_ */
