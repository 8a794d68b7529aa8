/* SPDX-License-Identifier: BSD-2-Clause */
/* Old home of the integer types; they are in sys/types.h. */
#ifndef _NETBSD_MACHINE_INT_TYPES_H_
#define _NETBSD_MACHINE_INT_TYPES_H_

#include "../sys/types.h"

#endif /* !_NETBSD_MACHINE_INT_TYPES_H_ */
