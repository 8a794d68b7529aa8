/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): I/O ports by mmap(2), where the machine has them in memory.
 *
 * BARs of ports are seldom whole pages, so that several functions may have
 * theirs in one: each that is mapped is counted, for pmap(9) knows a page once.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kmem.h>

#include <uvm/uvm_extern.h>

#include "pupcivar.h"
#include "pupci_compat.h"

struct pupci_port_page {
	LIST_ENTRY(pupci_port_page) p_list;
	paddr_t p_address;
	u_int p_users;
};

static LIST_HEAD(, pupci_port_page) pupci_port_pages;
static kmutex_t pupci_port_lock;

void
pupci_port_init(void)
{

	LIST_INIT(&pupci_port_pages);
	mutex_init(&pupci_port_lock, MUTEX_DEFAULT, IPL_NONE);
}

void
pupci_port_fini(void)
{

	mutex_destroy(&pupci_port_lock);
}

/* What d_mmap answers for the page of a port; -1 where there is none. */
static paddr_t
pupci_port_page(struct pupci_softc *sc, uint64_t port, int prot)
{

#ifdef PCI_MAGIC_IO_RANGE
	return bus_space_mmap(
	    sc->sc_pa.pa_iot, port & ~(uint64_t)PAGE_MASK, 0, prot, 0);
#else
	return (paddr_t)-1;
#endif
}

/* Bytes from the beginning of its first page to the end of its last one. */
static uint64_t
pupci_port_span(const struct pupci_bar *bar)
{

	return round_page((vaddr_t)((bar->address & PAGE_MASK) + bar->size));
}

bool
pupci_port_mappable(struct pupci_softc *sc, const struct pupci_bar *bar)
{

	return bar->address != 0 &&
	    pupci_port_page(sc, bar->address, VM_PROT_READ | VM_PROT_WRITE) !=
	    (paddr_t)-1;
}

/* `at' counts from the beginning of the BAR's first page. */
paddr_t
pupci_port_mmap(
    struct pupci_softc *sc, const struct pupci_bar *bar, uint64_t at, int prot)
{

	if (at >= pupci_port_span(bar))
		return (paddr_t)-1;
	return pupci_port_page(
	    sc, (bar->address & ~(uint64_t)PAGE_MASK) + at, prot);
}

static struct pupci_port_page *
pupci_port_find(paddr_t address)
{
	struct pupci_port_page *p;

	LIST_FOREACH(p, &pupci_port_pages, p_list)
	{
		if (p->p_address == address)
			return p;
	}
	return NULL;
}

static void
pupci_port_hold(paddr_t address)
{
	struct pupci_port_page *new, *p;

	new = kmem_zalloc(sizeof(*new), KM_SLEEP);
	mutex_enter(&pupci_port_lock);
	p = pupci_port_find(address);
	if (p == NULL) {
		p = new;
		new = NULL;
		p->p_address = address;
		LIST_INSERT_HEAD(&pupci_port_pages, p, p_list);
		PUPCI_PV_TRACK(address, PAGE_SIZE);
	}
	p->p_users++;
	mutex_exit(&pupci_port_lock);
	if (new != NULL)
		kmem_free(new, sizeof(*new));
}

static void
pupci_port_drop(paddr_t address)
{
	struct pupci_port_page *p;

	mutex_enter(&pupci_port_lock);
	p = pupci_port_find(address);
	KASSERT(p != NULL);
	if (--p->p_users == 0) {
		LIST_REMOVE(p, p_list);
		PUPCI_PV_UNTRACK(address, PAGE_SIZE);
	} else
		p = NULL;
	mutex_exit(&pupci_port_lock);
	if (p != NULL)
		kmem_free(p, sizeof(*p));
}

static void
pupci_port_revoke(paddr_t address)
{

	PUPCI_PV_REVOKE(address);
}

static void
pupci_port_each(
    struct pupci_softc *sc, const struct pupci_bar *bar, void (*what)(paddr_t))
{
	uint64_t at;
	paddr_t page;

	for (at = 0; at < pupci_port_span(bar); at += PAGE_SIZE) {
		page = pupci_port_mmap(
		    sc, bar, at, VM_PROT_READ | VM_PROT_WRITE);
		if (page != (paddr_t)-1)
			(*what)(pmap_phys_address(page));
	}
}

void
pupci_port_track(struct pupci_softc *sc, const struct pupci_bar *bar)
{

	pupci_port_each(sc, bar, pupci_port_hold);
}

void
pupci_port_untrack(struct pupci_softc *sc, const struct pupci_bar *bar)
{

	pupci_port_each(sc, bar, pupci_port_drop);
}

/* From every process: a neighbour's that has them faults them in again. */
void
pupci_port_revoke_all(struct pupci_softc *sc, const struct pupci_bar *bar)
{

	pupci_port_each(sc, bar, pupci_port_revoke);
}
