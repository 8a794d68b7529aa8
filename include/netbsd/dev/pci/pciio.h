/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to /dev/pciN (pci(4)).
 */
#ifndef _NETBSD_DEV_PCI_PCIIO_H_
#define _NETBSD_DEV_PCI_PCIIO_H_

#include "../../sys/types.h"
#include "../../sys/ioccom.h"

/* A configuration register of a function on this bus ... */
struct pciio_cfgreg {
	u_int	reg;		/* in: aligned offset */
	u_int	val;		/* CFGREAD out, CFGWRITE in */
};
#define PCI_IOC_CFGREAD		_IOWR('P', 0, struct pciio_cfgreg)
#define PCI_IOC_CFGWRITE	_IOW('P', 1, struct pciio_cfgreg)

/* ... and of a function anywhere in the domain. */
struct pciio_bdf_cfgreg {
	u_int	bus;
	u_int	device;
	u_int	function;
	struct pciio_cfgreg cfgreg;
};
#define PCI_IOC_BDF_CFGREAD	_IOWR('P', 2, struct pciio_bdf_cfgreg)
#define PCI_IOC_BDF_CFGWRITE	_IOW('P', 3, struct pciio_bdf_cfgreg)

struct pciio_businfo {
	u_int	busno;
	u_int	maxdevs;
};
#define PCI_IOC_BUSINFO		_IOR('P', 4, struct pciio_businfo)

/* Which driver instance is attached to a function of this bus. */
#define PCI_IO_DRVNAME_LEN	16
struct pciio_drvname {
	u_int	device;
	u_int	function;
	char	name[PCI_IO_DRVNAME_LEN];
};
#define PCI_IOC_DRVNAME		_IOWR('P', 5, struct pciio_drvname)

struct pciio_drvnameonbus {
	u_int	bus;
	u_int	device;
	u_int	function;
	char	name[PCI_IO_DRVNAME_LEN];
};
#define PCI_IOC_DRVNAMEONBUS	_IOWR('P', 6, struct pciio_drvnameonbus)

#endif /* !_NETBSD_DEV_PCI_PCIIO_H_ */
