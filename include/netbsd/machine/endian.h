/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's part of sys/endian.h; all of it is there. */
#ifndef _NETBSD_MACHINE_ENDIAN_H_
#define _NETBSD_MACHINE_ENDIAN_H_

#include "../sys/endian.h"

#endif /* !_NETBSD_MACHINE_ENDIAN_H_ */
