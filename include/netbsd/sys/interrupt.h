/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where interrupts are handled: interrupt_distribute(9).
 */
#ifndef _NETBSD_SYS_INTERRUPT_H_
#define _NETBSD_SYS_INTERRUPT_H_

#include "intr.h"
#include "kcpuset.h"
#include "types.h"

/* Bytes that hold the name of an interrupt, and of who handles it. */
#define INTRIDBUF	64
#define INTRDEVNAMEBUF	256

__BEGIN_DECLS
/*
 * Thread context.  Moves what pci_intr_establish() returned to the first CPU of
 * the set; the last argument, unless NULL, becomes the CPU it was on.  EINVAL if
 * the set has no CPU that exists, which is CPU 0.
 */
int	interrupt_distribute(void *, const kcpuset_t *, kcpuset_t *);
__END_DECLS

#endif /* !_NETBSD_SYS_INTERRUPT_H_ */
