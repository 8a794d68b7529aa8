/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes of pages: see sys/param.h. */
#ifndef _NETBSD_MACHINE_VMPARAM_H_
#define _NETBSD_MACHINE_VMPARAM_H_

#include "../sys/param.h"

#endif /* !_NETBSD_MACHINE_VMPARAM_H_ */
