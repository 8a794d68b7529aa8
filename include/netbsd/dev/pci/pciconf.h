/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Giving addresses to the functions of a PCI bus: pci_configure_bus(9).  Hosts
 * do so by themselves; this is for who wants other addresses than those.
 */
#ifndef _NETBSD_DEV_PCI_PCICONF_H_
#define _NETBSD_DEV_PCI_PCICONF_H_

#include "../../sys/bus.h"
#include "pcivar.h"

enum pciconf_resource_type {
	PCICONF_RESOURCE_IO = 0,
	PCICONF_RESOURCE_MEM = 1,
	PCICONF_RESOURCE_PREFETCHABLE_MEM = 2,
	PCICONF_RESOURCE_NTYPES = 3
};

struct pciconf_resources;

__BEGIN_DECLS
/* All of these: thread context. */
struct pciconf_resources *pciconf_resource_init(void);
void	pciconf_resource_fini(struct pciconf_resources *);
/*
 * Bus addresses that may be given out.  EINVAL: no such type, no bytes, beyond
 * the end (of 16 bits, for ports), or what was added before; else 0.
 */
int	pciconf_resource_add(struct pciconf_resources *, int type, bus_addr_t start, bus_size_t size);

/*
 * Gives addresses anew to the BARs of all functions, and windows to the
 * bridges.  No driver may use a function meanwhile, nor a mapping from before
 * afterwards.  Bus numbers stay; functions then decode, but master nothing.
 * firstbus: 0.  cacheline_size: bytes, 0 leaves it.  EINVAL; ENOMEM when there
 * was no room for all, which the console tells; else 0.
 */
int	pci_configure_bus(pci_chipset_tag_t, struct pciconf_resources *, int firstbus,
	    int cacheline_size);
__END_DECLS

#endif /* !_NETBSD_DEV_PCI_PCICONF_H_ */
