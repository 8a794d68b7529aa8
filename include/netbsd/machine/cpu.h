/* SPDX-License-Identifier: BSD-2-Clause */
/* All of it is in sys/cpu.h and machine/param.h. */
#ifndef _NETBSD_MACHINE_CPU_H_
#define _NETBSD_MACHINE_CPU_H_

#include "../sys/cpu.h"
#include "param.h"

#endif /* !_NETBSD_MACHINE_CPU_H_ */
