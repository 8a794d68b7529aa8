/* SPDX-License-Identifier: BSD-2-Clause */
/* Another path to lib/libkern/libkern.h. */
#ifndef _NETBSD_SYS_LIBKERN_H_
#define _NETBSD_SYS_LIBKERN_H_

#include "../lib/libkern/libkern.h"

#endif /* !_NETBSD_SYS_LIBKERN_H_ */
