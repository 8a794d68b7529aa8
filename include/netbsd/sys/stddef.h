/* SPDX-License-Identifier: BSD-2-Clause */
/* As stddef.h of ISO C; all of it is in sys/types.h. */
#ifndef _NETBSD_SYS_STDDEF_H_
#define _NETBSD_SYS_STDDEF_H_

#include "types.h"

#endif /* !_NETBSD_SYS_STDDEF_H_ */
