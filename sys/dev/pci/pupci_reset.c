/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): resetting a function by what it offers (PCI Express 6.6.2, Advanced
 * Features, PCI Power Management 5.4), with its configuration as before
 * afterwards, and its power states.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>
#include <sys/kernel.h>
#include <sys/proc.h>

#include "pupcivar.h"

/* Advanced Features: capability and control in their words. */
#define PUPCI_AF_CAP_TP	   0x01000000
#define PUPCI_AF_CAP_FLR   0x02000000
#define PUPCI_AF_CTRL	   0x04
#define PUPCI_AF_CTRL_FLR  0x00000001
#define PUPCI_AF_STATUS_TP 0x00000100

#define PUPCI_RESET_MS 100 /* until it answers */
#define PUPCI_POWER_MS 10

static void
pupci_wait(int ms)
{

	kpause("pupcirst", false, MAX(1, mstohz(ms)), NULL);
}

static pcireg_t
pupci_read(struct pupci_softc *sc, int reg)
{

	return pci_conf_read(sc->sc_pc, sc->sc_tag, reg);
}

static void
pupci_write(struct pupci_softc *sc, int reg, pcireg_t value)
{

	pci_conf_write(sc->sc_pc, sc->sc_tag, reg, value);
}

uint32_t
pupci_reset_ways(struct pupci_softc *sc)
{
	const pcireg_t af = PUPCI_AF_CAP_TP | PUPCI_AF_CAP_FLR;
	uint32_t ways = 0;

	if (sc->sc_pcie != 0 &&
	    (pupci_read(sc, sc->sc_pcie + PCIE_DCAP) & PCIE_DCAP_FLR) != 0)
		ways |= PUPCI_INFO_RESET_FLR;
	if (sc->sc_af != 0 && (pupci_read(sc, sc->sc_af) & af) == af)
		ways |= PUPCI_INFO_RESET_AF;
	if (sc->sc_pm != 0 &&
	    (pupci_read(sc, sc->sc_pm + PCI_PMCSR) & PCI_PMCSR_NO_SOFTRST) == 0)
		ways |= PUPCI_INFO_RESET_POWER;
	return ways;
}

/* Requests that it has made are answered first: at most PUPCI_RESET_MS. */
static void
pupci_drain(struct pupci_softc *sc, int reg, pcireg_t pending)
{
	int ms;

	for (ms = 0; ms < PUPCI_RESET_MS; ms += 10) {
		if ((pupci_read(sc, reg) & pending) == 0)
			return;
		pupci_wait(10);
	}
	aprint_debug_dev(sc->sc_dev, "reset with transactions pending\n");
}

static void
pupci_reset_flr(struct pupci_softc *sc)
{
	const int reg = sc->sc_pcie + PCIE_DCSR;

	pupci_drain(sc, reg, PCIE_DCSR_TRANSACTION_PND);
	pupci_write(
	    sc, reg, (pupci_read(sc, reg) & 0xffff) | PCIE_DCSR_INITIATE_FLR);
	pupci_wait(PUPCI_RESET_MS);
}

static void
pupci_reset_af(struct pupci_softc *sc)
{
	const int reg = sc->sc_af + PUPCI_AF_CTRL;

	pupci_drain(sc, reg, PUPCI_AF_STATUS_TP);
	pupci_write(sc, reg, PUPCI_AF_CTRL_FLR);
	pupci_wait(PUPCI_RESET_MS);
}

static void
pupci_power_to(struct pupci_softc *sc, pcireg_t state)
{
	const int reg = sc->sc_pm + PCI_PMCSR;

	pupci_write(sc, reg,
	    (pupci_read(sc, reg) &
		~(PCI_PMCSR_STATE_MASK | PCI_PMCSR_PME_STS)) |
		state);
	pupci_wait(PUPCI_POWER_MS);
}

static void
pupci_reset_power(struct pupci_softc *sc)
{

	pupci_power_to(sc, PCI_PMCSR_STATE_D3);
	pupci_power_to(sc, PCI_PMCSR_STATE_D0);
}

/* 0, or EOPNOTSUPP.  Thread context; takes up to a quarter of a second. */
int
pupci_reset(struct pupci_softc *sc)
{
	struct pci_conf_state state;
	pcireg_t device = 0, link = 0;

	if (sc->sc_asleep)
		pupci_set_power(sc, PCI_PMCSR_STATE_D0);
	pupci_master_off(sc);
	if (pupci_read(sc, PCI_ID_REG) == 0xffffffffU)
		return ENXIO; /* pulled out */
	pci_conf_capture(sc->sc_pc, sc->sc_tag, &state);
	if (sc->sc_pcie != 0) {
		device = pupci_read(sc, sc->sc_pcie + PCIE_DCSR) & 0xffff;
		link = pupci_read(sc, sc->sc_pcie + PCIE_LCSR) & 0xffff;
	}

	if ((sc->sc_flags & PUPCI_INFO_RESET_FLR) != 0)
		pupci_reset_flr(sc);
	else if ((sc->sc_flags & PUPCI_INFO_RESET_AF) != 0)
		pupci_reset_af(sc);
	else if ((sc->sc_flags & PUPCI_INFO_RESET_POWER) != 0)
		pupci_reset_power(sc);
	else
		return EOPNOTSUPP;

	if (sc->sc_pcie != 0) {
		pupci_write(sc, sc->sc_pcie + PCIE_DCSR,
		    device & ~PCIE_DCSR_INITIATE_FLR);
		pupci_write(
		    sc, sc->sc_pcie + PCIE_LCSR, link & ~PCIE_LCSR_RETRAIN);
	}
	pci_conf_restore(sc->sc_pc, sc->sc_tag, &state);
	return 0;
}

/* What the process asked for by PMCSR; D3 forgets the header. */
void
pupci_set_power(struct pupci_softc *sc, pcireg_t state)
{

	if (state == PCI_PMCSR_STATE_D3 && !sc->sc_asleep) {
		pci_conf_capture(sc->sc_pc, sc->sc_tag, &sc->sc_saved);
		sc->sc_asleep = true;
	}
	pupci_power_to(sc, state);
	if (state == PCI_PMCSR_STATE_D0 && sc->sc_asleep) {
		pci_conf_restore(sc->sc_pc, sc->sc_tag, &sc->sc_saved);
		pupci_intx_restore(sc);
		sc->sc_asleep = false;
	}
}
