/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): base address registers, by mmap(2) and by request.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kmem.h>

#include <uvm/uvm_extern.h>

#include "pupcivar.h"
#include "pupci_compat.h"

static int
pupci_bar_reg(u_int i)
{

	return i == PUPCI_BAR_ROM ? PCI_MAPREG_ROM : PCI_BAR(i);
}

/*
 * A part of a page would bring along what else is in it: only of ports it has
 * to be.
 */
static bool
pupci_bar_mappable(struct pupci_softc *sc, const struct pupci_bar *bar)
{

	if ((bar->flags & PUPCI_BAR_IO) != 0)
		return pupci_port_mappable(sc, bar);
	return bar->address != 0 && (bar->address & PAGE_MASK) == 0 &&
	    (bar->size & PAGE_MASK) == 0 &&
	    bar->size <= UINT64_C(1) << PUPCI_MAP_BAR_SHIFT;
}

/* Fills in BAR `i'; true when the next one is its upper half. */
static bool
pupci_bar_find(struct pupci_softc *sc, u_int i)
{
	struct pupci_bar *bar = &sc->sc_region[i].r_bar;
	const int reg = pupci_bar_reg(i);
	pcireg_t type = PCI_MAPREG_TYPE_MEM;
	bus_addr_t address;
	bus_size_t size;
	int flags;
	bool wide;

	if (i != PUPCI_BAR_ROM &&
	    pci_mapreg_probe(sc->sc_pc, sc->sc_tag, reg, &type) == 0)
		return false;
	wide = PCI_MAPREG_TYPE(type) == PCI_MAPREG_TYPE_MEM &&
	    PCI_MAPREG_MEM_TYPE(type) == PCI_MAPREG_MEM_TYPE_64BIT;
	if (pci_mapreg_info(sc->sc_pc, sc->sc_tag, reg, type, &address, &size,
		&flags) != 0 ||
	    size == 0)
		return wide;

	bar->address = address;
	bar->size = size;
	if (PCI_MAPREG_TYPE(type) == PCI_MAPREG_TYPE_IO)
		bar->flags |= PUPCI_BAR_IO;
	if (wide)
		bar->flags |= PUPCI_BAR_64BIT;
	if ((flags & BUS_SPACE_MAP_PREFETCHABLE) != 0)
		bar->flags |= PUPCI_BAR_PREFETCH;
	if (pupci_bar_mappable(sc, bar))
		bar->flags |= PUPCI_BAR_MMAP;
	return wide;
}

void
pupci_bar_attach(struct pupci_softc *sc)
{
	u_int i, n = 6;

	if (PCI_HDRTYPE_TYPE(pci_conf_read(
		sc->sc_pc, sc->sc_tag, PCI_BHLC_REG)) != PCI_HDRTYPE_DEVICE)
		n = 0;
	for (i = 0; i < n; i++) {
		if (pupci_bar_find(sc, i))
			i++;
	}
	if (n != 0)
		(void)pupci_bar_find(sc, PUPCI_BAR_ROM);
	for (i = 0; i < PUPCI_NBARS; i++)
		pupci_shadow_reset(sc, i);
}

/* What is tracked can be taken from who has it mapped. */
static void
pupci_bar_track(struct pupci_softc *sc, const struct pupci_bar *bar)
{

	if ((bar->flags & PUPCI_BAR_IO) != 0)
		pupci_port_track(sc, bar);
	else
		PUPCI_PV_TRACK(bar->address, bar->size);
}

static void
pupci_bar_untrack(struct pupci_softc *sc, const struct pupci_bar *bar)
{

	if ((bar->flags & PUPCI_BAR_IO) != 0)
		pupci_port_untrack(sc, bar);
	else
		PUPCI_PV_UNTRACK(bar->address, bar->size);
}

void
pupci_bar_detach(struct pupci_softc *sc)
{
	struct pupci_region *r;

	for (r = sc->sc_region; r < &sc->sc_region[PUPCI_NBARS]; r++) {
		if (r->r_mapped)
			bus_space_unmap(r->r_tag, r->r_handle, r->r_bar.size);
		if (r->r_tracked)
			pupci_bar_untrack(sc, &r->r_bar);
	}
}

void
pupci_bar_info(struct pupci_softc *sc, struct pupci_bar *bars)
{
	const uint64_t generation = sc->sc_generation & PUPCI_MAP_GEN_MASK;
	struct pupci_region *r;
	uint64_t i;

	for (i = 0; i < PUPCI_NBARS; i++) {
		r = &sc->sc_region[i];
		bars[i] = r->r_bar;
		if ((r->r_bar.flags & PUPCI_BAR_MMAP) == 0)
			continue;
		/* Of its first byte, which for ports may be within a page. */
		bars[i].mmap_offset = generation << PUPCI_MAP_GEN_SHIFT |
		    i << PUPCI_MAP_BAR_SHIFT | (r->r_bar.address & PAGE_MASK);
		if (!r->r_tracked) {
			/* Who asks is about to map it. */
			pupci_bar_track(sc, &r->r_bar);
			r->r_tracked = true;
		}
	}
}

/* 0, ENXIO without such a BAR, EBUSY when another driver has mapped it. */
int
pupci_bar_map(struct pupci_softc *sc, u_int i)
{
	struct pupci_region *r;

	if (i >= PUPCI_NBARS)
		return ENXIO;
	r = &sc->sc_region[i];
	if (r->r_bar.size == 0 || r->r_bar.address == 0)
		return ENXIO;
	if (r->r_mapped)
		return 0;
	r->r_tag = (r->r_bar.flags & PUPCI_BAR_IO) != 0 ? sc->sc_pa.pa_iot
							: sc->sc_pa.pa_memt;
	if (bus_space_map(r->r_tag, r->r_bar.address, r->r_bar.size, 0,
		&r->r_handle) != 0)
		return EBUSY;
	r->r_mapped = true;
	return 0;
}

/* Whether `length' bytes by `width' lie within it, and maps it; an errno. */
int
pupci_bar_check(struct pupci_softc *sc, u_int i, uint32_t width,
    uint64_t offset, uint64_t length)
{
	int error;

	error = pupci_bar_map(sc, i);
	if (error != 0)
		return error;
	if (width != 1 && width != 2 && width != 4 && width != 8)
		return EINVAL;
	if (width == 8 && (sc->sc_region[i].r_bar.flags & PUPCI_BAR_IO) != 0)
		return EINVAL;
	if ((offset & (width - 1)) != 0)
		return EINVAL;
	if (offset > sc->sc_region[i].r_bar.size ||
	    length > sc->sc_region[i].r_bar.size - offset)
		return ERANGE;
	return 0;
}

uint64_t
pupci_bar_read(struct pupci_region *r, uint32_t width, bus_size_t offset)
{

	switch (width) {
	case 1:
		return bus_space_read_1(r->r_tag, r->r_handle, offset);
	case 2:
		return bus_space_read_2(r->r_tag, r->r_handle, offset);
	case 4:
		return bus_space_read_4(r->r_tag, r->r_handle, offset);
	default:
#ifdef __HAVE_BUS_SPACE_8
		return bus_space_read_8(r->r_tag, r->r_handle, offset);
#else
		return bus_space_read_4(r->r_tag, r->r_handle, offset) |
		    (uint64_t)bus_space_read_4(
			r->r_tag, r->r_handle, offset + 4)
		    << 32;
#endif
	}
}

void
pupci_bar_write(
    struct pupci_region *r, uint32_t width, bus_size_t offset, uint64_t value)
{

	switch (width) {
	case 1:
		bus_space_write_1(r->r_tag, r->r_handle, offset, value);
		break;
	case 2:
		bus_space_write_2(r->r_tag, r->r_handle, offset, value);
		break;
	case 4:
		bus_space_write_4(r->r_tag, r->r_handle, offset, value);
		break;
	default:
#ifdef __HAVE_BUS_SPACE_8
		bus_space_write_8(r->r_tag, r->r_handle, offset, value);
#else
		bus_space_write_4(r->r_tag, r->r_handle, offset, value);
		bus_space_write_4(
		    r->r_tag, r->r_handle, offset + 4, value >> 32);
#endif
		break;
	}
}

int
pupci_bar_access(struct pupci_softc *sc, struct pupci_access *pa, bool write)
{
	int error;

	error = pupci_bar_check(sc, pa->bar, pa->width, pa->offset, pa->width);
	if (error != 0)
		return error;
	if (write)
		pupci_bar_write(
		    &sc->sc_region[pa->bar], pa->width, pa->offset, pa->value);
	else
		pa->value = pupci_bar_read(
		    &sc->sc_region[pa->bar], pa->width, pa->offset);
	return 0;
}

/* Items between the buffer, in this machine's byte order, and the BAR. */
static void
pupci_bar_items(
    struct pupci_region *r, const struct pupci_block *pb, uint8_t *buffer)
{
	const bus_size_t step = (pb->flags & PUPCI_BLOCK_FIFO) != 0 ? 0
								    : pb->width;
	bus_size_t offset = pb->offset;
	uint8_t *item = buffer;
	uint64_t value;
	uint32_t i;
	union {
		uint8_t u1;
		uint16_t u2;
		uint32_t u4;
		uint64_t u8;
	} u;

	for (i = 0; i < pb->count; i++) {
		if ((pb->flags & PUPCI_BLOCK_WRITE) != 0) {
			memcpy(&u, item, pb->width);
			value = pb->width == 1 ? u.u1
			    : pb->width == 2   ? u.u2
			    : pb->width == 4   ? u.u4
					       : u.u8;
			pupci_bar_write(r, pb->width, offset, value);
		} else {
			value = pupci_bar_read(r, pb->width, offset);
			switch (pb->width) {
			case 1:
				u.u1 = value;
				break;
			case 2:
				u.u2 = value;
				break;
			case 4:
				u.u4 = value;
				break;
			default:
				u.u8 = value;
				break;
			}
			memcpy(item, &u, pb->width);
		}
		item += pb->width;
		offset += step;
	}
}

int
pupci_bar_block(struct pupci_softc *sc, const struct pupci_block *pb)
{
	void *user = (void *)(uintptr_t)pb->data, *buffer;
	size_t size;
	int error;

	if ((pb->flags & ~(PUPCI_BLOCK_WRITE | PUPCI_BLOCK_FIFO)) != 0 ||
	    pb->width == 0 || pb->count > PUPCI_BLOCK_MAX / pb->width)
		return EINVAL;
	size = (size_t)pb->count * pb->width;
	error = pupci_bar_check(sc, pb->bar, pb->width, pb->offset,
	    (pb->flags & PUPCI_BLOCK_FIFO) != 0 ? pb->width : size);
	if (error != 0 || size == 0)
		return error;
	buffer = kmem_alloc(size, KM_SLEEP);
	if ((pb->flags & PUPCI_BLOCK_WRITE) != 0)
		error = copyin(user, buffer, size);
	if (error == 0)
		pupci_bar_items(&sc->sc_region[pb->bar], pb, buffer);
	if (error == 0 && (pb->flags & PUPCI_BLOCK_WRITE) == 0)
		error = copyout(buffer, user, size);
	kmem_free(buffer, size);
	return error;
}

/* With sc_lock, which only guards against the end of the open. */
paddr_t
pupci_bar_mmap(struct pupci_softc *sc, uint64_t offset, int prot)
{
	const u_int i = (offset >> PUPCI_MAP_BAR_SHIFT) & 7;
	const uint64_t at = offset & ((UINT64_C(1) << PUPCI_MAP_BAR_SHIFT) - 1);
	const struct pupci_bar *bar;

	if (i >= PUPCI_NBARS ||
	    offset >> PUPCI_MAP_GEN_SHIFT !=
		(sc->sc_generation & PUPCI_MAP_GEN_MASK))
		return (paddr_t)-1;
	bar = &sc->sc_region[i].r_bar;
	if ((bar->flags & PUPCI_BAR_MMAP) == 0)
		return (paddr_t)-1;
	if ((bar->flags & PUPCI_BAR_IO) != 0)
		return pupci_port_mmap(sc, bar, at, prot);
	if (at >= bar->size)
		return (paddr_t)-1;
	return bus_space_mmap(sc->sc_pa.pa_memt, bar->address, at, prot,
	    (bar->flags & PUPCI_BAR_PREFETCH) != 0 ? BUS_SPACE_MAP_PREFETCHABLE
						   : 0);
}

/* Whoever still has a BAR mapped loses it: the next access is a fault. */
void
pupci_bar_revoke(struct pupci_softc *sc)
{
	const struct pupci_region *r;
	uint64_t at;

	for (r = sc->sc_region; r < &sc->sc_region[PUPCI_NBARS]; r++) {
		if (!r->r_tracked)
			continue;
		if ((r->r_bar.flags & PUPCI_BAR_IO) != 0) {
			pupci_port_revoke_all(sc, &r->r_bar);
			continue;
		}
		for (at = 0; at < r->r_bar.size; at += PAGE_SIZE)
			PUPCI_PV_REVOKE(r->r_bar.address + at);
	}
}
