/* SPDX-License-Identifier: BSD-2-Clause */
/* Older home of what is in sys/rndsource.h. */
#ifndef _NETBSD_SYS_RND_H_
#define _NETBSD_SYS_RND_H_

#include "rndsource.h"

#endif /* !_NETBSD_SYS_RND_H_ */
