// SPDX-License-Identifier: BSD-2-Clause
// NetBSD's requests to /dev/pciN, pci(4), where there is no NetBSD.
#pragma once

#include <sys/ioccom.h>
#include <sys/types.h>

struct pciio_cfgreg {
  u_int reg;
  u_int val;
};

struct pciio_bdf_cfgreg {
  u_int bus;
  u_int device;
  u_int function;
  pciio_cfgreg cfgreg;
};
#define PCI_IOC_BDF_CFGREAD _IOWR('P', 2, struct pciio_bdf_cfgreg)
#define PCI_IOC_BDF_CFGWRITE _IOW('P', 3, struct pciio_bdf_cfgreg)

struct pciio_businfo {
  u_int busno;
  u_int maxdevs;
};
#define PCI_IOC_BUSINFO _IOR('P', 4, struct pciio_businfo)

#define PCI_IO_DRVNAME_LEN 16
struct pciio_drvname {
  u_int device;
  u_int function;
  char name[PCI_IO_DRVNAME_LEN];
};
#define PCI_IOC_DRVNAME _IOWR('P', 5, struct pciio_drvname)

struct pciio_drvnameonbus {
  u_int bus;
  u_int device;
  u_int function;
  char name[PCI_IO_DRVNAME_LEN];
};
#define PCI_IOC_DRVNAMEONBUS _IOWR('P', 6, struct pciio_drvnameonbus)
