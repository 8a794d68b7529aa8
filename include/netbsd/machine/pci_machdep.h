/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's part of pci(9): opaque types.  The functions are in
 * dev/pci/pcivar.h.
 */
#ifndef _NETBSD_MACHINE_PCI_MACHDEP_H_
#define _NETBSD_MACHINE_PCI_MACHDEP_H_

#include "../sys/types.h"

typedef struct pupci_pci_chipset *pci_chipset_tag_t;
typedef uint64_t	pcitag_t;
typedef uint64_t	pci_intr_handle_t;

#define __HAVE_PCI_MSI_MSIX	1
#define __HAVE_PCI_GET_SEGMENT	1

#endif /* !_NETBSD_MACHINE_PCI_MACHDEP_H_ */
