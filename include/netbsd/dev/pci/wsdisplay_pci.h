/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wsdisplay(9) on PCI.
 */
#ifndef _NETBSD_DEV_PCI_WSDISPLAY_PCI_H_
#define _NETBSD_DEV_PCI_WSDISPLAY_PCI_H_

#include "pcivar.h"
#include "../../sys/device_if.h"

__BEGIN_DECLS
/*
 * For a driver's ioctl: WSDISPLAYIO_GET_BUSID, into the struct
 * wsdisplayio_bus_id at the last argument.  0.
 */
int	wsdisplayio_busid_pci(device_t, pci_chipset_tag_t, pcitag_t, void *);
__END_DECLS

#endif /* !_NETBSD_DEV_PCI_WSDISPLAY_PCI_H_ */
