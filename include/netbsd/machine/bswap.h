/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's part of sys/bswap.h; all of it is there. */
#ifndef _NETBSD_MACHINE_BSWAP_H_
#define _NETBSD_MACHINE_BSWAP_H_

#include "../sys/bswap.h"

#endif /* !_NETBSD_MACHINE_BSWAP_H_ */
