/* SPDX-License-Identifier: BSD-2-Clause */
/* As stdbool.h of ISO C; all of it is in sys/types.h. */
#ifndef _NETBSD_SYS_STDBOOL_H_
#define _NETBSD_SYS_STDBOOL_H_

#include "types.h"

#endif /* !_NETBSD_SYS_STDBOOL_H_ */
