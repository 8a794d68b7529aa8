/* SPDX-License-Identifier: BSD-2-Clause */
/* Old home of the basic types; they are in sys/types.h. */
#ifndef _NETBSD_SYS_ANSI_H_
#define _NETBSD_SYS_ANSI_H_

#include "types.h"

#endif /* !_NETBSD_SYS_ANSI_H_ */
