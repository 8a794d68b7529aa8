/* SPDX-License-Identifier: BSD-2-Clause */
/* NULL; it is in sys/types.h. */
#ifndef _NETBSD_SYS_NULL_H_
#define _NETBSD_SYS_NULL_H_

#include "types.h"

#endif /* !_NETBSD_SYS_NULL_H_ */
