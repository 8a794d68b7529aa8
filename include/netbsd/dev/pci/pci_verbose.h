/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of vendors and products: pci_findvendor() and pci_findproduct(). */
#ifndef _NETBSD_DEV_PCI_PCI_VERBOSE_H_
#define _NETBSD_DEV_PCI_PCI_VERBOSE_H_

#include "pcivar.h"

/* Sizes that hold any name, with its terminating 0. */
#define PCI_VENDORSTR_LEN	64
#define PCI_PRODUCTSTR_LEN	64

#endif /* !_NETBSD_DEV_PCI_PCI_VERBOSE_H_ */
