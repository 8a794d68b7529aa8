/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): what its files know of each other.
 *
 * Locks, in the order in which they are taken:
 *   sc_busy	who holds it, pupci_enter(), is alone in all that may sleep or
 *		touch user memory; no lock is held meanwhile, since a fault of
 *		that memory may come back by pupci_mmap().
 *   sc_lock	sc_busy, sc_open, sc_dying, and the list of DMA memory.
 *   v_lock	(IPL_VM) one interrupt's count and state.
 *   sc_conf_lock (IPL_VM) read-modify-write of configuration registers.
 */
#ifndef _DEV_PCI_PUPCIVAR_H_
#define _DEV_PCI_PUPCIVAR_H_

#include <sys/param.h>
#include <sys/bus.h>
#include <sys/condvar.h>
#include <sys/device.h>
#include <sys/mutex.h>
#include <sys/queue.h>
#include <sys/uio.h>

#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>

#include "pupciio.h"

struct knote;
struct lwp;
struct pupci_vector;
struct pupci_watch;

/* A BAR, and how the kernel reaches it once it had to. */
struct pupci_region {
	struct pupci_bar	r_bar;		/* but its mmap_offset */
	bus_space_tag_t		r_tag;
	bus_space_handle_t	r_handle;
	bool			r_mapped;
	bool			r_tracked;	/* its pages, for revoking */
	pcireg_t		r_shadow[2];	/* what the process reads */
};

/* DMA memory: allocated (d_kva) or pinned (d_vmspace). */
struct pupci_dma {
	LIST_ENTRY(pupci_dma)	d_list;
	uint32_t		d_id;
	bus_size_t		d_size;
	bus_dma_tag_t		d_tag;
	bool			d_subregion;	/* d_tag is our own */
	bus_dmamap_t		d_map;
	bool			d_loaded;
	bus_dma_segment_t	d_segment;
	int			d_nsegments;	/* of memory: 1, or 0 */
	bus_addr_t		d_address;	/* of allocated memory */
	void			*d_kva;
	paddr_t			d_pa;
	struct vmspace		*d_vmspace;
	vaddr_t			d_user;
	struct uio		d_uio;		/* loaded: the map refers to it */
	struct iovec		d_iov;
};

struct pupci_softc {
	device_t		sc_dev;
	struct pci_attach_args	sc_pa;
	pci_chipset_tag_t	sc_pc;
	pcitag_t		sc_tag;

	kmutex_t		sc_lock;
	kcondvar_t		sc_cv;		/* sc_busy */
	struct pupci_watch	*sc_watch;
	bool			sc_busy;
	bool			sc_open;
	bool			sc_dying;
	bool			sc_closing;	/* no mapping from here on */
	bool			sc_mapped;	/* there may be mappings */
	bool			sc_privileged;	/* who opened it was */
	uint32_t		sc_generation;	/* of opens */

	/* Capabilities: offset in configuration space, or 0. */
	u_int			sc_config_size;
	int			sc_pcie;
	int			sc_pm;
	int			sc_msi;
	int			sc_msix;
	int			sc_af;
	uint32_t		sc_flags;	/* PUPCI_INFO_* of the function */
	uint8_t			sc_allowed[PCI_EXTCONF_SIZE / 4 / 8];

	kmutex_t		sc_conf_lock;
	bool			sc_intx;	/* has a line */
	bool			sc_intx_disable; /* the process wants it */
	bool			sc_intx_quiet;	/* the kernel wants it */
	bool			sc_intx_found;	/* it was so before us */
	struct pci_conf_state	sc_saved;	/* while it is in D3 */
	bool			sc_asleep;

	struct pupci_region	sc_region[PUPCI_NBARS];

	LIST_HEAD(, pupci_dma)	sc_dma;
	LIST_HEAD(, pupci_dma)	sc_kept;	/* of former owners */
	uint64_t		sc_kept_total;	/* bytes */
	uint32_t		sc_dma_id;	/* the last one */
	uint64_t		sc_dma_total;	/* bytes */

	pci_intr_handle_t	*sc_intr;	/* of ALLOC, or null */
	uint32_t		sc_intr_type;
	u_int			sc_intr_count;
	struct pupci_vector	**sc_vector;	/* sc_intr_count of them */
};

/* mmap(2) offsets: bit 62 tells DMA memory from BARs. */
#define PUPCI_MAP_DMA		(UINT64_C(1) << 62)
#define PUPCI_MAP_DMA_SHIFT	32	/* id above, offset below */
#define PUPCI_MAP_BAR_SHIFT	40	/* number above, offset below */
#define PUPCI_MAP_GEN_SHIFT	43	/* generation of the open above */
#define PUPCI_MAP_GEN_MASK	0x7ffffU

/* pupci.c */
int	pupci_enter(struct pupci_softc *);
void	pupci_leave(struct pupci_softc *);

/* pupci_watch.c */
struct pupci_watch *pupci_watch_create(void);
void	pupci_watch_gone(struct pupci_watch *);
void	pupci_watch_release(struct pupci_watch *);
int	pupci_watch_poll(struct pupci_watch *, struct lwp *);
int	pupci_watch_kqfilter(struct pupci_watch *, struct knote *);

/* pupci_claim.c */
bool	pupci_claimed(const struct pci_attach_args *);
int	pupci_claim_set(const char *);
void	pupci_claim_init(void);
void	pupci_claim_fini(void);
extern int64_t pupci_dma_limit;	/* bytes, of one function */

/* pupci_config.c */
void	pupci_config_attach(struct pupci_softc *);
int	pupci_config_read(struct pupci_softc *, struct pupci_config *);
int	pupci_config_write(struct pupci_softc *, const struct pupci_config *);
void	pupci_config_release(struct pupci_softc *);
void	pupci_intx_attach(struct pupci_softc *);
void	pupci_intx_quiet(struct pupci_softc *, bool);
void	pupci_intx_restore(struct pupci_softc *);
bool	pupci_intx_pending(struct pupci_softc *);
void	pupci_master_off(struct pupci_softc *);
void	pupci_shadow_reset(struct pupci_softc *, u_int);

/* pupci_reset.c */
int	pupci_reset(struct pupci_softc *);
uint32_t pupci_reset_ways(struct pupci_softc *);
void	pupci_set_power(struct pupci_softc *, pcireg_t);

/* pupci_bar.c */
void	pupci_bar_attach(struct pupci_softc *);
void	pupci_bar_detach(struct pupci_softc *);
int	pupci_bar_map(struct pupci_softc *, u_int);
void	pupci_bar_info(struct pupci_softc *, struct pupci_bar *);
int	pupci_bar_check(struct pupci_softc *, u_int, uint32_t, uint64_t,
	    uint64_t);
int	pupci_bar_access(struct pupci_softc *, struct pupci_access *, bool);
int	pupci_bar_block(struct pupci_softc *, const struct pupci_block *);
uint64_t pupci_bar_read(struct pupci_region *, uint32_t, bus_size_t);
void	pupci_bar_write(struct pupci_region *, uint32_t, bus_size_t, uint64_t);
paddr_t	pupci_bar_mmap(struct pupci_softc *, uint64_t, int);
void	pupci_bar_revoke(struct pupci_softc *);

/* pupci_port.c */
void	pupci_port_init(void);
void	pupci_port_fini(void);
bool	pupci_port_mappable(struct pupci_softc *, const struct pupci_bar *);
paddr_t	pupci_port_mmap(struct pupci_softc *, const struct pupci_bar *,
	    uint64_t, int);
void	pupci_port_track(struct pupci_softc *, const struct pupci_bar *);
void	pupci_port_untrack(struct pupci_softc *, const struct pupci_bar *);
void	pupci_port_revoke_all(struct pupci_softc *, const struct pupci_bar *);

/* pupci_dma.c */
int	pupci_dma_alloc(struct pupci_softc *, struct pupci_dma_alloc *);
int	pupci_dma_pin(struct pupci_softc *, struct pupci_dma_pin *);
int	pupci_dma_sync(struct pupci_softc *, const struct pupci_dma_sync *);
int	pupci_dma_release(struct pupci_softc *, uint32_t);
paddr_t	pupci_dma_mmap(struct pupci_softc *, uint64_t, int);
void	pupci_dma_revoke_all(struct pupci_softc *);
void	pupci_dma_release_all(struct pupci_softc *, bool);
void	pupci_dma_detach(struct pupci_softc *);

/* pupci_intr.c */
u_int	pupci_intr_offered(struct pupci_softc *, uint32_t);
int	pupci_intr_alloc(struct pupci_softc *, const struct pupci_intr_alloc *);
int	pupci_intr_release(struct pupci_softc *);
u_int	pupci_intr_files(void);
int	pupci_intr_establish(struct pupci_softc *,
	    struct pupci_intr_establish *);

#endif /* !_DEV_PCI_PUPCIVAR_H_ */
