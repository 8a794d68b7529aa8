/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What drivers find through sys/param.h of the machine: delay(9).
 */
#ifndef _NETBSD_MACHINE_PARAM_H_
#define _NETBSD_MACHINE_PARAM_H_

#include "../sys/cdefs.h"

__BEGIN_DECLS
/* Waits at least so many microseconds.  Any context; gives up no lock. */
void	delay(unsigned int);
__END_DECLS

#define DELAY(n)	delay(n)

#endif /* !_NETBSD_MACHINE_PARAM_H_ */
