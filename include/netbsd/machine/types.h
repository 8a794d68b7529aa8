/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's part of sys/types.h; all of it is there. */
#ifndef _NETBSD_MACHINE_TYPES_H_
#define _NETBSD_MACHINE_TYPES_H_

#include "../sys/types.h"

#endif /* !_NETBSD_MACHINE_TYPES_H_ */
