/* SPDX-License-Identifier: BSD-2-Clause */
/* Old home of the basic types; they are in sys/types.h. */
#ifndef _NETBSD_MACHINE_ANSI_H_
#define _NETBSD_MACHINE_ANSI_H_

#include "../sys/types.h"

#endif /* !_NETBSD_MACHINE_ANSI_H_ */
