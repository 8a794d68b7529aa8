/* SPDX-License-Identifier: BSD-2-Clause */
/* What a program can ask of pcitest(4). */
#ifndef _DEV_PCI_PCITESTIO_H_
#define _DEV_PCI_PCITESTIO_H_

#include <sys/types.h>
#include <sys/ioccom.h>

/*
 * Write `pt_writes` times with `pt_width` bytes (1, 2, 4 or, memory only, 8) to
 * BAR `pt_bar` (0 memory, 1 I/O).  The device's own count comes back in
 * `pt_count`.  EINVAL for another BAR or width.
 */
struct pcitest_run {
	uint32_t pt_bar;
	uint32_t pt_width;
	uint32_t pt_writes;
	uint32_t pt_count;
};

#define PCITESTIOC_RUN _IOWR('T', 0, struct pcitest_run)

#endif /* !_DEV_PCI_PCITESTIO_H_ */
