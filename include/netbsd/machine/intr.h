/* SPDX-License-Identifier: BSD-2-Clause */
/* All of it is in sys/intr.h. */
#ifndef _NETBSD_MACHINE_INTR_H_
#define _NETBSD_MACHINE_INTR_H_

#include "../sys/intr.h"

#endif /* !_NETBSD_MACHINE_INTR_H_ */
