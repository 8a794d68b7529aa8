/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI autoconfiguration, configuration space and interrupts: pci(9),
 * pci_intr(9), pci_msi(9).
 */
#ifndef _NETBSD_DEV_PCI_PCIVAR_H_
#define _NETBSD_DEV_PCI_PCIVAR_H_

#include "../../sys/types.h"
#include "../../sys/stdbool.h"
#include "../../sys/bus.h"
#include "../../sys/device.h"
#include "../../machine/pci_machdep.h"
#include "pcireg.h"

typedef uint32_t	pcireg_t;	/* a word of configuration space */

struct evcnt;

/* What the parent tells a PCI bus. */
struct pcibus_attach_args {
	char		*_pba_busname;
	bus_space_tag_t	pba_iot;
	bus_space_tag_t	pba_memt;
	bus_dma_tag_t	pba_dmat;
	bus_dma_tag_t	pba_dmat64;
	pci_chipset_tag_t pba_pc;
	int		pba_flags;	/* PCI_FLAGS_* */
	int		pba_bus;
	int		pba_sub;	/* highest bus number below this bus */
	pcitag_t	*pba_bridgetag;	/* of the parent bridge; null at the root */
	u_int		pba_intrswiz;	/* how far pins are rotated on the way up */
	pcitag_t	pba_intrtag;	/* where interrupts seem to come from */
};

/* What a PCI bus tells a function's driver. */
struct pci_attach_args {
	bus_space_tag_t	pa_iot;
	bus_space_tag_t	pa_memt;
	bus_dma_tag_t	pa_dmat;	/* reaches 32 bits */
	bus_dma_tag_t	pa_dmat64;	/* reaches everything */
	pci_chipset_tag_t pa_pc;
	int		pa_flags;	/* PCI_FLAGS_* */
	u_int		pa_bus;
	u_int		pa_device;
	u_int		pa_function;
	pcitag_t	pa_tag;
	pcireg_t	pa_id;		/* PCI_ID_REG */
	pcireg_t	pa_class;	/* PCI_CLASS_REG */
	u_int		pa_intrswiz;
	pcitag_t	pa_intrtag;
	pci_intr_pin_t	pa_intrpin;	/* 1 = A, swizzled up to the root; 0: none */
	pci_intr_line_t	pa_intrline;	/* what firmware left in the register */
	pci_intr_pin_t	pa_rawintrpin;	/* as the function itself says */
	pcitag_t	*pa_bridgetag;	/* of the bridge above; null at the root */
};

#define PCI_FLAGS_IO_OKAY	0x01
#define PCI_FLAGS_MEM_OKAY	0x02
#define PCI_FLAGS_MRL_OKAY	0x04	/* memory read line */
#define PCI_FLAGS_MRM_OKAY	0x08	/* memory read multiple */
#define PCI_FLAGS_MWI_OKAY	0x10	/* memory write and invalidate */
#define PCI_FLAGS_MSI_OKAY	0x20
#define PCI_FLAGS_MSIX_OKAY	0x40

/* The header of a function, to be put back later. */
struct pci_conf_state {
	pcireg_t reg[16];
};

#define PCI_PWR_D0	0
#define PCI_PWR_D1	1
#define PCI_PWR_D2	2
#define PCI_PWR_D3	3

#define PCIBUS_UNK_BUS		(-1)	/* locators that were left open */
#define PCI_UNK_DEV		(-1)
#define PCI_UNK_FUNCTION	(-1)

typedef enum {
	PCI_INTR_TYPE_INTX = 0,
	PCI_INTR_TYPE_MSI,
	PCI_INTR_TYPE_MSIX,
	PCI_INTR_TYPE_SIZE,
} pci_intr_type_t;

/* Attributes of pci_intr_setattr(). */
#define PCI_INTR_MPSAFE		1

#define PCI_INTRSTR_LEN		64

/* Sentinel of the tables that pci_compatible_match() reads; see PCI_ID_CODE. */
#define PCI_COMPAT_EOL_VALUE	0
#define PCI_COMPAT_EOL		{ .id = PCI_COMPAT_EOL_VALUE }

static __inline pci_chipset_tag_t
pcibus_attach_args_pc(struct pcibus_attach_args *pba)
{
	return pba->pba_pc;
}

static __inline pci_chipset_tag_t
pci_attach_args_pc(const struct pci_attach_args *pa)
{
	return pa->pa_pc;
}

__BEGIN_DECLS
extern struct cfdriver pci_cd;

/* The "bus N" of an attach message; for config_found(). */
int	pcibusprint(void *, const char *);

/*
 * Configuration space.  Any context.  `reg' is a multiple of 4 below the size
 * of the function's space; beyond it, and where no function is, reads answer
 * all ones and writes vanish.
 */
pcireg_t	pci_conf_read(pci_chipset_tag_t, pcitag_t, int reg);
void		pci_conf_write(pci_chipset_tag_t, pcitag_t, int reg, pcireg_t);
pcitag_t	pci_make_tag(pci_chipset_tag_t, int bus, int device,
		    int function);
void		pci_decompose_tag(pci_chipset_tag_t, pcitag_t, int *bus,
		    int *device, int *function);
u_int		pci_get_segment(pci_chipset_tag_t);
int		pci_bus_maxdevs(pci_chipset_tag_t, int bus);
/* Devices of a bus in the order of probing: how many were stored. */
int		pci_bus_devorder(pci_chipset_tag_t, int bus, uint8_t *, int max);

/*
 * 1 and the capability's offset and first word (either may be null) when the
 * function has it, else 0.  For HyperTransport by type, as PCI_HT_CAP_*.
 */
int	pci_get_capability(pci_chipset_tag_t, pcitag_t, int, int *, pcireg_t *);
int	pci_get_ht_capability(pci_chipset_tag_t, pcitag_t, int, int *,
	    pcireg_t *);
int	pci_get_ext_capability(pci_chipset_tag_t, pcitag_t, int, int *,
	    pcireg_t *);
int	pci_msi_count(pci_chipset_tag_t, pcitag_t);
int	pci_msix_count(pci_chipset_tag_t, pcitag_t);

/*
 * Base address registers, by their offset (PCI_BAR(n), PCI_MAPREG_ROM).
 * mapreg_type: the type bits (PCI_MAPREG_TYPE_IO, PCI_MAPREG_TYPE_MEM |
 * PCI_MAPREG_MEM_TYPE_64BIT ...).  mapreg_probe: 0 when the register is not
 * implemented.  mapreg_info: 0, or 1 when the type is another or the region is
 * void; size and flags are for bus_space_map().
 */
pcireg_t pci_mapreg_type(pci_chipset_tag_t, pcitag_t, int reg);
int	pci_mapreg_probe(pci_chipset_tag_t, pcitag_t, int reg, pcireg_t *type);
int	pci_mapreg_info(pci_chipset_tag_t, pcitag_t, int reg, pcireg_t type,
	    bus_addr_t *, bus_size_t *, int *flags);
/*
 * Maps what the register names, all of it or [offset, offset + maxsize) of it,
 * and turns on decoding.  Thread context.  0, 1 as mapreg_info, else an errno.
 */
int	pci_mapreg_map(const struct pci_attach_args *, int reg, pcireg_t type,
	    int flags, bus_space_tag_t *, bus_space_handle_t *, bus_addr_t *,
	    bus_size_t *);
int	pci_mapreg_submap(const struct pci_attach_args *, int reg,
	    pcireg_t type, int flags, bus_size_t maxsize, bus_size_t offset,
	    bus_space_tag_t *, bus_space_handle_t *, bus_addr_t *,
	    bus_size_t *);
/* The image of code type `type' in a mapped ROM; 0, 1 (none). */
int	pci_find_rom(const struct pci_attach_args *, bus_space_tag_t,
	    bus_space_handle_t, bus_size_t, int type, bus_space_handle_t *,
	    bus_size_t *);

/*
 * What a driver's d_ioctl hands on: PCI_IOC_CFGREAD and PCI_IOC_CFGWRITE of
 * its own function, whose file flags are `flag'.  0; EBADF for a write
 * without FWRITE; EINVAL for a register that is not aligned or not there;
 * EPASSTHROUGH for every other command.
 */
int	pci_devioctl(pci_chipset_tag_t, pcitag_t, u_long cmd, void *data,
	    int flag, struct lwp *);

/* Names, from pci.ids; "vendor 1234" and "product 5678" where it has none. */
const char *pci_findvendor(char *, size_t, uint32_t vendor);
const char *pci_findproduct(char *, size_t, uint32_t vendor, uint32_t product);
void	pci_devinfo(pcireg_t id, pcireg_t class_reg, int showclass, char *,
	    size_t);
void	pci_aprint_devinfo_fancy(const struct pci_attach_args *,
	    const char *naive, const char *known, int addrev);
#define pci_aprint_devinfo(pa, naive)	\
	pci_aprint_devinfo_fancy(pa, naive, NULL, 0)
void	pci_conf_print(pci_chipset_tag_t, pcitag_t,
	    void (*)(pci_chipset_tag_t, pcitag_t, const pcireg_t *));

/*
 * Calls `match' for each function; 1 and its attach arguments (may be null)
 * for the first that it accepts, else 0.
 */
int	pci_find_device(struct pci_attach_args *,
	    int (*match)(const struct pci_attach_args *));
int	pci_dma64_available(const struct pci_attach_args *);

/* The entry of a table, ended by PCI_COMPAT_EOL, that has this id; or null. */
int	pci_compatible_match(const struct pci_attach_args *,
	    const struct device_compatible_entry *);
int	pci_compatible_match_subsys(const struct pci_attach_args *,
	    const struct device_compatible_entry *);
const struct device_compatible_entry *pci_compatible_lookup(
	    const struct pci_attach_args *,
	    const struct device_compatible_entry *);
const struct device_compatible_entry *pci_compatible_lookup_id(pcireg_t,
	    const struct device_compatible_entry *);
const struct device_compatible_entry *pci_compatible_lookup_subsys(
	    const struct pci_attach_args *,
	    const struct device_compatible_entry *);

/*
 * Power management.  EOPNOTSUPP without the capability, EINVAL for a state
 * that the function does not have.  pci_activate() brings it to D0, calling
 * `wakeup' if it must come from D3.
 */
int	pci_get_powerstate(pci_chipset_tag_t, pcitag_t, pcireg_t *);
int	pci_set_powerstate(pci_chipset_tag_t, pcitag_t, pcireg_t);
int	pci_activate(pci_chipset_tag_t, pcitag_t, device_t,
	    int (*wakeup)(pci_chipset_tag_t, pcitag_t, device_t, pcireg_t));
int	pci_activate_null(pci_chipset_tag_t, pcitag_t, device_t, pcireg_t);
void	pci_conf_capture(pci_chipset_tag_t, pcitag_t, struct pci_conf_state *);
void	pci_conf_restore(pci_chipset_tag_t, pcitag_t, struct pci_conf_state *);

/*
 * Vital product data, in words of 4 bytes from a multiple of 4.  Thread
 * context.  0, ENXIO without the capability, EINVAL, EIO on a timeout.
 */
int	pci_vpd_read(pci_chipset_tag_t, pcitag_t, int offset, int count,
	    pcireg_t *);
int	pci_vpd_write(pci_chipset_tag_t, pcitag_t, int offset, int count,
	    pcireg_t *);

/*
 * Interrupts.  Thread context.  A handler without PCI_INTR_MPSAFE runs under
 * the kernel lock; it returns nonzero when the interrupt was its device's.
 * The functions of allocation return 0 or an errno, and undo all on failure.
 */
int	pci_intr_map(const struct pci_attach_args *, pci_intr_handle_t *);
const char *pci_intr_string(pci_chipset_tag_t, pci_intr_handle_t, char *,
	    size_t);
const struct evcnt *pci_intr_evcnt(pci_chipset_tag_t, pci_intr_handle_t);
void	*pci_intr_establish(pci_chipset_tag_t, pci_intr_handle_t, int ipl,
	    int (*)(void *), void *);
void	*pci_intr_establish_xname(pci_chipset_tag_t, pci_intr_handle_t, int ipl,
	    int (*)(void *), void *, const char *xname);
/* Returns when the handler runs no more. */
void	pci_intr_disestablish(pci_chipset_tag_t, void *);
int	pci_intr_setattr(pci_chipset_tag_t, pci_intr_handle_t *, int attr,
	    uint64_t);
pci_intr_type_t	pci_intr_type(pci_chipset_tag_t, pci_intr_handle_t);
/*
 * `counts', by type, says exactly how many to ask for (0: not of this type, -1:
 * all that the function has), and on return how many were allocated; null: one,
 * of whatever type.  MSI-X, MSI, INTx are tried in this order; with `counts',
 * from `max_type' on.
 */
int	pci_intr_alloc(const struct pci_attach_args *, pci_intr_handle_t **,
	    int *counts, pci_intr_type_t max_type);
void	pci_intr_release(pci_chipset_tag_t, pci_intr_handle_t *, int count);
int	pci_intx_alloc(const struct pci_attach_args *, pci_intr_handle_t **);
int	pci_msi_alloc(const struct pci_attach_args *, pci_intr_handle_t **,
	    int *count);
int	pci_msi_alloc_exact(const struct pci_attach_args *,
	    pci_intr_handle_t **, int count);
int	pci_msix_alloc(const struct pci_attach_args *, pci_intr_handle_t **,
	    int *count);
int	pci_msix_alloc_exact(const struct pci_attach_args *,
	    pci_intr_handle_t **, int count);
/* The vectors of these numbers, in this order. */
int	pci_msix_alloc_map(const struct pci_attach_args *,
	    pci_intr_handle_t **, u_int *indexes, int count);
__END_DECLS

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "../../sys/systm.h"
#include "../../sys/time.h"
#include "../../sys/callout.h"
#include "../../sys/intr.h"
#include "pci_verbose.h"
#endif

#endif /* !_NETBSD_DEV_PCI_PCIVAR_H_ */
