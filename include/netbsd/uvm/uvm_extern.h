/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * As much of the virtual memory system as drivers touch: pages of kernel
 * memory (uvm_km(9)) and physical addresses (pmap(9)), which are bus
 * addresses here.
 */
#ifndef _NETBSD_UVM_UVM_EXTERN_H_
#define _NETBSD_UVM_UVM_EXTERN_H_

#include "../sys/types.h"
#include "../sys/param.h"

typedef int	vm_prot_t;
typedef struct pmap *pmap_t;
struct vm_map;

#define VM_PROT_NONE	0x00
#define VM_PROT_READ	0x01
#define VM_PROT_WRITE	0x02
#define VM_PROT_EXECUTE	0x04
#define VM_PROT_ALL	(VM_PROT_READ | VM_PROT_WRITE | VM_PROT_EXECUTE)
#define UVM_PROT_RW	(VM_PROT_READ | VM_PROT_WRITE)

#define UVM_KMF_WIRED	0x1	/* memory that stays where it is */
#define UVM_KMF_NOWAIT	0x8
#define UVM_KMF_CANFAIL	0x10
#define UVM_KMF_ZERO	0x20
#define UVM_KMF_WAITVA	0x40

__BEGIN_DECLS
extern struct vm_map *kernel_map;

/*
 * Whole pages: map, size, alignment (0 or a power of two up to PAGE_SIZE),
 * flags with UVM_KMF_WIRED.  0 when there are none, which without
 * UVM_KMF_NOWAIT and UVM_KMF_CANFAIL is a panic instead.  Thread context.
 */
vaddr_t	uvm_km_alloc(struct vm_map *, vsize_t, vsize_t, unsigned int);
void	uvm_km_free(struct vm_map *, vaddr_t, vsize_t, unsigned int);

/*
 * The memory of a process, p_vmspace: keeps part of it in its place for a
 * device's use, by bus_dmamap_load_uio(); EFAULT when it is not accessible for
 * prot.  With a reference the vmspace outlives its process, but not its
 * contents: copies fail then.  Thread context.
 */
struct vmspace;
int	uvm_vslock(struct vmspace *, void *, size_t, vm_prot_t);
void	uvm_vsunlock(struct vmspace *, void *, size_t);
void	uvmspace_addref(struct vmspace *);
void	uvmspace_free(struct vmspace *);

/* Pages of memory that devices reach; NULL for other addresses. */
struct vm_page;
struct vm_page *uvm_phys_to_vm_page(paddr_t);
paddr_t	uvm_vm_page_to_phys(const struct vm_page *);

/*
 * Without VM_PROT_WRITE: takes a page from all processes that have mapped it,
 * which fault then; it is not theirs again before they map it anew.  Waits
 * until that is done.  pv: of what is not memory, a BAR, between track and
 * untrack, of the same whole pages.  Thread context.
 */
void	pmap_page_protect(struct vm_page *, vm_prot_t);
void	pmap_pv_track(paddr_t, psize_t);
void	pmap_pv_untrack(paddr_t, psize_t);
void	pmap_pv_protect(paddr_t, vm_prot_t);

/* False, or a panic from vtophys(), for memory that no device can reach. */
bool	pmap_extract(pmap_t, vaddr_t, paddr_t *);
pmap_t	pmap_kernel(void);
paddr_t	vtophys(vaddr_t);
__END_DECLS

#define __HAVE_PMAP_PV_TRACK
/* The physical address that a driver's d_mmap has answered. */
#define pmap_phys_address(cookie)	ptoa(cookie)
#define PHYS_TO_VM_PAGE(pa)	uvm_phys_to_vm_page(pa)
#define VM_PAGE_TO_PHYS(pg)	uvm_vm_page_to_phys(pg)
#define kvtophys(va)	vtophys((vaddr_t)(va))

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "../sys/proc.h"
#include "../sys/rwlock.h"
#endif

#endif /* !_NETBSD_UVM_UVM_EXTERN_H_ */
