/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's part of bus_space(9) and bus_dma(9): all is in sys/bus.h. */
#ifndef _NETBSD_MACHINE_BUS_H_
#define _NETBSD_MACHINE_BUS_H_

#include "../sys/bus.h"

#endif /* !_NETBSD_MACHINE_BUS_H_ */
