/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): memory that a function reaches: allocated for its process, or the
 * process's own.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/kmem.h>
#include <sys/proc.h>

#include <uvm/uvm_extern.h>
#include <uvm/uvm_page.h>

#include "pupcivar.h"

#define PUPCI_SEGMENTS_MAX 1024

/* A tag for [lowest, highest]; 0, or EINVAL for nothing in between. */
static int
pupci_dma_tag(struct pupci_softc *sc, struct pupci_dma *d, uint64_t lowest,
    uint64_t highest)
{
	const struct pci_attach_args *pa = &sc->sc_pa;
	bus_addr_t last = (bus_addr_t)-1;
	int error;

	if (lowest > highest || lowest > last)
		return EINVAL;
	d->d_tag = pci_dma64_available(pa) ? pa->pa_dmat64 : pa->pa_dmat;
	if (highest < last)
		last = highest;
	else if (lowest == 0)
		return 0;
	error = bus_dmatag_subregion(
	    d->d_tag, lowest, last, &d->d_tag, BUS_DMA_WAITOK);
	d->d_subregion = error == 0;
	return error;
}

static struct pupci_dma *
pupci_dma_find(struct pupci_softc *sc, uint32_t id)
{
	struct pupci_dma *d;

	LIST_FOREACH(d, &sc->sc_dma, d_list)
	{
		if (d->d_id == id)
			return d;
	}
	return NULL;
}

static void
pupci_dma_insert(struct pupci_softc *sc, struct pupci_dma *d)
{

	mutex_enter(&sc->sc_lock);
	do {
		sc->sc_dma_id = (sc->sc_dma_id + 1) & 0x3fffffff;
	} while (
	    sc->sc_dma_id == 0 || pupci_dma_find(sc, sc->sc_dma_id) != NULL);
	d->d_id = sc->sc_dma_id;
	sc->sc_dma_total += d->d_size;
	LIST_INSERT_HEAD(&sc->sc_dma, d, d_list);
	mutex_exit(&sc->sc_lock);
}

/* Takes the pages from every process that has mapped them. */
static void
pupci_dma_revoke(const struct pupci_dma *d)
{
	bus_size_t at;

	if (d->d_kva == NULL)
		return;
	for (at = 0; at < d->d_size; at += PAGE_SIZE)
		pmap_page_protect(PHYS_TO_VM_PAGE(d->d_pa + at), VM_PROT_NONE);
}

/* Undoes whatever there is of it.  No process has it mapped any more. */
static void
pupci_dma_free(struct pupci_dma *d)
{

	if (d->d_loaded)
		bus_dmamap_unload(d->d_tag, d->d_map);
	if (d->d_map != NULL)
		bus_dmamap_destroy(d->d_tag, d->d_map);
	if (d->d_kva != NULL)
		bus_dmamem_unmap(d->d_tag, d->d_kva, d->d_size);
	if (d->d_nsegments != 0)
		bus_dmamem_free(d->d_tag, &d->d_segment, d->d_nsegments);
	if (d->d_vmspace != NULL) {
		uvm_vsunlock(d->d_vmspace, (void *)d->d_user, d->d_size);
		uvmspace_free(d->d_vmspace);
	}
	if (d->d_subregion)
		bus_dmatag_destroy(d->d_tag);
	kmem_free(d, sizeof(*d));
}

static int
pupci_dma_size(struct pupci_softc *sc, uint64_t size)
{

	const uint64_t limit = MAX(pupci_dma_limit, 0);

	if (size == 0 || size > UINT32_MAX - PAGE_SIZE)
		return EINVAL;
	return size > limit || sc->sc_dma_total > limit - size ? ENOMEM : 0;
}

/* Where the kernel sees it: all zero, not what was there before. */
static int
pupci_dma_map(struct pupci_dma *d)
{
	int error;

	error = bus_dmamem_map(d->d_tag, &d->d_segment, 1, d->d_size, &d->d_kva,
	    BUS_DMA_WAITOK | BUS_DMA_COHERENT);
	if (error != 0) {
		d->d_kva = NULL;
		return error;
	}
	(void)pmap_extract(pmap_kernel(), (vaddr_t)d->d_kva, &d->d_pa);
	memset(d->d_kva, 0, d->d_size);
	error = bus_dmamap_load(
	    d->d_tag, d->d_map, d->d_kva, d->d_size, NULL, BUS_DMA_WAITOK);
	d->d_loaded = error == 0;
	return error;
}

static int
pupci_dma_memory(struct pupci_dma *d, const struct pupci_dma_alloc *pd)
{
	int error, n;

	error = bus_dmamem_alloc(d->d_tag, d->d_size,
	    MAX(pd->alignment, PAGE_SIZE), pd->boundary, &d->d_segment, 1, &n,
	    BUS_DMA_NOWAIT);
	if (error != 0)
		return error;
	d->d_nsegments = 1;
	error = bus_dmamap_create(d->d_tag, d->d_size, 1, d->d_size,
	    pd->boundary, BUS_DMA_WAITOK, &d->d_map);
	if (error != 0) {
		d->d_map = NULL;
		return error;
	}
	return pupci_dma_map(d);
}

static void
pupci_dma_drop_kept(struct pupci_softc *sc)
{
	struct pupci_dma *d = LIST_FIRST(&sc->sc_kept);

	LIST_REMOVE(d, d_list);
	sc->sc_kept_total -= d->d_size;
	pupci_dma_free(d);
}

/* At the end of the device: the last that it keeps of former owners. */
void
pupci_dma_detach(struct pupci_softc *sc)
{

	while (!LIST_EMPTY(&sc->sc_kept))
		pupci_dma_drop_kept(sc);
}

static bool
pupci_dma_fits(const struct pupci_dma *d, const struct pupci_dma_alloc *pd)
{
	const uint64_t first = d->d_address;
	const uint64_t last = first + d->d_size - 1;

	return d->d_size == round_page(pd->size) && first >= pd->lowest &&
	    last <= pd->highest &&
	    (pd->alignment == 0 || (first & (pd->alignment - 1)) == 0) &&
	    (pd->boundary == 0 || first / pd->boundary == last / pd->boundary);
}

/* Memory that a former owner of the function had, or NULL. */
static struct pupci_dma *
pupci_dma_reuse(struct pupci_softc *sc, const struct pupci_dma_alloc *pd)
{
	struct pupci_dma *d;

	LIST_FOREACH(d, &sc->sc_kept, d_list)
	{
		if (!pupci_dma_fits(d, pd))
			continue;
		LIST_REMOVE(d, d_list);
		sc->sc_kept_total -= d->d_size;
		if (pupci_dma_map(d) == 0)
			return d;
		pupci_dma_free(d);
		break;
	}
	return NULL;
}

static int
pupci_dma_create(struct pupci_softc *sc, const struct pupci_dma_alloc *pd,
    struct pupci_dma **dp)
{
	struct pupci_dma *d = kmem_zalloc(sizeof(*d), KM_SLEEP);
	int error;

	d->d_size = round_page(pd->size);
	error = pupci_dma_tag(sc, d, pd->lowest, pd->highest);
	if (error == 0)
		error = pupci_dma_memory(d, pd);
	if (error != 0) {
		pupci_dma_free(d);
		return error;
	}
	*dp = d;
	return 0;
}

int
pupci_dma_alloc(struct pupci_softc *sc, struct pupci_dma_alloc *pd)
{
	struct pupci_dma *d;
	int error;

	if (!powerof2(pd->alignment) || !powerof2(pd->boundary))
		return EINVAL;
	error = pupci_dma_size(sc, pd->size);
	if (error != 0)
		return error;
	if (pd->boundary != 0 && round_page(pd->size) > pd->boundary)
		return EINVAL;
	d = pupci_dma_reuse(sc, pd);
	while (d == NULL) {
		/* What was kept counts, and goes first. */
		error = pupci_dma_size(sc, sc->sc_kept_total + pd->size);
		if (error == 0)
			error = pupci_dma_create(sc, pd, &d);
		if (error != 0 && (error != ENOMEM || LIST_EMPTY(&sc->sc_kept)))
			return error;
		if (error != 0)
			pupci_dma_drop_kept(sc);
	}
	pupci_dma_insert(sc, d);
	pd->size = d->d_size;
	pd->address = d->d_address = d->d_map->dm_segs[0].ds_addr;
	pd->mmap_offset = PUPCI_MAP_DMA |
	    (uint64_t)d->d_id << PUPCI_MAP_DMA_SHIFT;
	pd->id = d->d_id;
	return 0;
}

/* Wires the caller's memory and loads it. */
static int
pupci_dma_wire(struct pupci_dma *d, const struct pupci_dma_pin *pd)
{
	struct vmspace *vm = curproc->p_vmspace;
	vm_prot_t prot = VM_PROT_READ;
	struct uio *uio = &d->d_uio;
	int error;

	if ((pd->flags & PUPCI_PIN_WRITE) != 0)
		prot |= VM_PROT_WRITE;
	d->d_user = (vaddr_t)pd->data;
	error = uvm_vslock(vm, (void *)d->d_user, d->d_size, prot);
	if (error != 0)
		return error;
	uvmspace_addref(vm);
	d->d_vmspace = vm;

	error = bus_dmamap_create(d->d_tag, d->d_size, pd->nsegments, d->d_size,
	    pd->boundary, BUS_DMA_WAITOK, &d->d_map);
	if (error != 0) {
		d->d_map = NULL;
		return error;
	}
	d->d_iov.iov_base = (void *)d->d_user;
	d->d_iov.iov_len = d->d_size;
	uio->uio_iov = &d->d_iov;
	uio->uio_iovcnt = 1;
	uio->uio_resid = d->d_size;
	uio->uio_rw = (pd->flags & PUPCI_PIN_WRITE) != 0 ? UIO_READ : UIO_WRITE;
	uio->uio_vmspace = vm;
	error = bus_dmamap_load_uio(d->d_tag, d->d_map, uio, BUS_DMA_WAITOK);
	d->d_loaded = error == 0;
	return error;
}

static int
pupci_dma_tell(const struct pupci_dma *d, struct pupci_dma_pin *pd)
{
	struct pupci_segment segment;
	char *user = (char *)(uintptr_t)pd->segments;
	int i, error = 0;

	for (i = 0; i < d->d_map->dm_nsegs && error == 0; i++) {
		segment.address = d->d_map->dm_segs[i].ds_addr;
		segment.length = d->d_map->dm_segs[i].ds_len;
		error = copyout(
		    &segment, user + i * sizeof(segment), sizeof(segment));
	}
	pd->nsegments = d->d_map->dm_nsegs;
	return error;
}

int
pupci_dma_pin(struct pupci_softc *sc, struct pupci_dma_pin *pd)
{
	struct pupci_dma *d;
	int error;

	if ((pd->flags & (PUPCI_PIN_READ | PUPCI_PIN_WRITE)) == 0 ||
	    (pd->flags & ~(PUPCI_PIN_READ | PUPCI_PIN_WRITE)) != 0 ||
	    pd->nsegments == 0 || pd->nsegments > PUPCI_SEGMENTS_MAX ||
	    !powerof2(pd->boundary) || pd->data > UINTPTR_MAX - PAGE_SIZE ||
	    pd->size > UINTPTR_MAX - PAGE_SIZE - pd->data)
		return EINVAL;
	error = pupci_dma_size(sc, pd->size);
	if (error != 0)
		return error;
	d = kmem_zalloc(sizeof(*d), KM_SLEEP);
	d->d_size = pd->size;
	error = pupci_dma_tag(sc, d, pd->lowest, pd->highest);
	if (error == 0)
		error = pupci_dma_wire(d, pd);
	if (error == 0)
		error = pupci_dma_tell(d, pd);
	if (error != 0) {
		pupci_dma_free(d);
		return error;
	}
	pupci_dma_insert(sc, d);
	pd->id = d->d_id;
	return 0;
}

int
pupci_dma_sync(struct pupci_softc *sc, const struct pupci_dma_sync *ps)
{
	static const struct {
		uint32_t bit;
		int op;
	} ops[] = {
		{ PUPCI_SYNC_PREREAD, BUS_DMASYNC_PREREAD },
		{ PUPCI_SYNC_POSTREAD, BUS_DMASYNC_POSTREAD },
		{ PUPCI_SYNC_PREWRITE, BUS_DMASYNC_PREWRITE },
		{ PUPCI_SYNC_POSTWRITE, BUS_DMASYNC_POSTWRITE },
	};
	const uint32_t pre = PUPCI_SYNC_PREREAD | PUPCI_SYNC_PREWRITE;
	const uint32_t post = PUPCI_SYNC_POSTREAD | PUPCI_SYNC_POSTWRITE;
	struct pupci_dma *d;
	size_t i;
	int op = 0;

	/* bus_dma(9): before or after, never both at once. */
	if (ps->ops == 0 || (ps->ops & ~(pre | post)) != 0 ||
	    ((ps->ops & pre) != 0 && (ps->ops & post) != 0))
		return EINVAL;
	d = pupci_dma_find(sc, ps->id);
	if (d == NULL)
		return ENOENT;
	if (ps->offset > d->d_size || ps->length > d->d_size - ps->offset)
		return ERANGE;
	for (i = 0; i < __arraycount(ops); i++) {
		if ((ps->ops & ops[i].bit) != 0)
			op |= ops[i].op;
	}
	bus_dmamap_sync(d->d_tag, d->d_map, ps->offset, ps->length, op);
	return 0;
}

static void
pupci_dma_remove(struct pupci_softc *sc, struct pupci_dma *d)
{

	mutex_enter(&sc->sc_lock);
	LIST_REMOVE(d, d_list);
	sc->sc_dma_total -= d->d_size;
	mutex_exit(&sc->sc_lock);
}

int
pupci_dma_release(struct pupci_softc *sc, uint32_t id)
{
	struct pupci_dma *d = pupci_dma_find(sc, id);

	if (d == NULL)
		return ENOENT;
	pupci_dma_remove(sc, d);
	pupci_dma_revoke(d);
	if (d->d_kva != NULL && sc->sc_mapped) {
		/* A fault may just have looked it up: see pupci_teardown(). */
		kpause("pupcimap", false, 1, NULL);
		pupci_dma_revoke(d);
	}
	pupci_dma_free(d);
	return 0;
}

void
pupci_dma_revoke_all(struct pupci_softc *sc)
{
	const struct pupci_dma *d;

	LIST_FOREACH(d, &sc->sc_dma, d_list)
	pupci_dma_revoke(d);
}

/* The kernel's own mapping may have gone with those of processes. */
static void
pupci_dma_keep(struct pupci_softc *sc, struct pupci_dma *d)
{

	bus_dmamap_unload(d->d_tag, d->d_map);
	d->d_loaded = false;
	bus_dmamem_unmap(d->d_tag, d->d_kva, d->d_size);
	d->d_kva = NULL;
	LIST_INSERT_HEAD(&sc->sc_kept, d, d_list);
	sc->sc_kept_total += d->d_size;
}

/*
 * At a process's end.  A function that could not be reset may still have a
 * transfer in mind, and go on with it when it is made a master again.  So its
 * memory stays with it, for its next owner.
 */
void
pupci_dma_release_all(struct pupci_softc *sc, bool quiet)
{
	struct pupci_dma *d;

	while ((d = LIST_FIRST(&sc->sc_dma)) != NULL) {
		pupci_dma_remove(sc, d);
		if (quiet || d->d_kva == NULL)
			pupci_dma_free(d);
		else
			pupci_dma_keep(sc, d);
	}
}

/* With sc_lock. */
paddr_t
pupci_dma_mmap(struct pupci_softc *sc, uint64_t offset, int prot)
{
	const uint32_t at = offset;
	struct pupci_dma *d = pupci_dma_find(
	    sc, (uint32_t)((offset & ~PUPCI_MAP_DMA) >> PUPCI_MAP_DMA_SHIFT));

	if (d == NULL || d->d_kva == NULL || at >= d->d_size)
		return (paddr_t)-1;
	return bus_dmamem_mmap(d->d_tag, &d->d_segment, 1, at, prot,
	    BUS_DMA_NOWAIT | BUS_DMA_COHERENT);
}
