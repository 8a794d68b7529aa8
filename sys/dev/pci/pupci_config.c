/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pupci(4): configuration space as its process sees it.
 *
 * What decides where on the bus the function answers, where its messages go,
 * or what other functions do is the kernel's: writes to it are dropped, and
 * base address registers are kept in a shadow, so that sizing them works.
 */

#include <sys/cdefs.h>
__KERNEL_RCSID(0, "$NetBSD$");

#include <sys/param.h>
#include <sys/systm.h>

#include "pupcivar.h"

#define PUPCI_COMMAND_ALLOWED                                            \
	(PCI_COMMAND_IO_ENABLE | PCI_COMMAND_MEM_ENABLE |                \
	    PCI_COMMAND_MASTER_ENABLE | PCI_COMMAND_SPECIAL_ENABLE |     \
	    PCI_COMMAND_INVALIDATE_ENABLE | PCI_COMMAND_PALETTE_ENABLE | \
	    PCI_COMMAND_PARITY_ENABLE | PCI_COMMAND_SERR_ENABLE |        \
	    PCI_COMMAND_BACKTOBACK_ENABLE)

/* Device control: not the payload size, which all on the way must share. */
#define PUPCI_DCSR_ALLOWED                                                \
	(PCIE_DCSR_ENA_COR_ERR | PCIE_DCSR_ENA_NFER | PCIE_DCSR_ENA_FER | \
	    PCIE_DCSR_ENA_URR | PCIE_DCSR_ENA_RELAX_ORD |                 \
	    PCIE_DCSR_ENA_NO_SNOOP | PCIE_DCSR_MAX_READ_REQ | PUPCI_DCSR_W1C)
#define PUPCI_DCSR_W1C \
	(PCIE_DCSR_CED | PCIE_DCSR_NFED | PCIE_DCSR_FED | PCIE_DCSR_URD)

/* Link control: how deep it sleeps, which drivers turn off for errata. */
#define PUPCI_LCSR_ALLOWED \
	(PCIE_LCSR_ASPM_L0S | PCIE_LCSR_ASPM_L1 | PCIE_LCSR_ENCLKPM)
#define PUPCI_LCSR_W1C 0xc0000000U

#define PUPCI_STATUS_W1C                                               \
	(PCI_STATUS_PARITY_ERROR | PCI_STATUS_TARGET_TARGET_ABORT |    \
	    PCI_STATUS_MASTER_TARGET_ABORT | PCI_STATUS_MASTER_ABORT | \
	    PCI_STATUS_SPECIAL_ERROR | PCI_STATUS_PARITY_DETECT)

static bool
pupci_dword_allowed(const struct pupci_softc *sc, u_int reg)
{

	return (sc->sc_allowed[reg / 32] & (1U << (reg / 4 % 8))) != 0;
}

static void
pupci_forbid(struct pupci_softc *sc, u_int first, u_int size)
{
	u_int reg;

	for (reg = first & ~3U; reg < first + size; reg += 4) {
		if (reg < PCI_EXTCONF_SIZE)
			sc->sc_allowed[reg / 32] &= ~(1U << (reg / 4 % 8));
	}
}

/* Extended capabilities that a driver of the function alone may set. */
static bool
pupci_extcap_allowed(u_int id)
{

	switch (id) {
	case PCI_EXTCAP_AER:
	case PCI_EXTCAP_VENDOR:
	case PCI_EXTCAP_PWRBDGT:
	case PCI_EXTCAP_LTR:
	case PCI_EXTCAP_TPH_REQ:
		return true;
	default:
		return false;
	}
}

/* All others belong to the kernel, up to where the next one begins. */
static void
pupci_forbid_extcaps(struct pupci_softc *sc)
{
	u_int reg, other, end, offset = PCI_EXTCAPLIST_BASE;
	u_int starts[64];
	u_int ids[64];
	u_int i, j, n = 0;
	pcireg_t header;

	/* A chain is at most so long; one that bends back ends there. */
	while (offset >= PCI_EXTCAPLIST_BASE && n < __arraycount(starts)) {
		header = pci_conf_read(sc->sc_pc, sc->sc_tag, offset);
		if (header == 0 || header == 0xffffffffU)
			break;
		starts[n] = offset;
		ids[n++] = header & 0xffff;
		reg = (header >> 20) & 0xffc;
		if (reg <= offset)
			break;
		offset = reg;
	}
	for (i = 0; i < n; i++) {
		end = PCI_EXTCONF_SIZE;
		for (j = 0; j < n; j++) {
			other = starts[j];
			if (other > starts[i] && other < end)
				end = other;
		}
		if (!pupci_extcap_allowed(ids[i]))
			pupci_forbid(sc, starts[i], end - starts[i]);
	}
}

static u_int
pupci_msi_size(pcireg_t control)
{

	if ((control & PCI_MSI_CTL_PERVEC_MASK) != 0)
		return (control & PCI_MSI_CTL_64BIT_ADDR) != 0 ? 24 : 20;
	return (control & PCI_MSI_CTL_64BIT_ADDR) != 0 ? 14 : 10;
}

static bool
pupci_intx_maskable(struct pupci_softc *sc)
{
	const pcireg_t csr = pci_conf_read(sc->sc_pc, sc->sc_tag,
				 PCI_COMMAND_STATUS_REG) &
	    PCI_COMMAND_MASK;
	pcireg_t changed;

	/* Since PCI 2.3: only there the bit sticks. */
	pci_conf_write(sc->sc_pc, sc->sc_tag, PCI_COMMAND_STATUS_REG,
	    csr ^ PCI_COMMAND_INTERRUPT_DISABLE);
	changed = pci_conf_read(sc->sc_pc, sc->sc_tag, PCI_COMMAND_STATUS_REG);
	pci_conf_write(sc->sc_pc, sc->sc_tag, PCI_COMMAND_STATUS_REG, csr);
	return ((changed ^ csr) & PCI_COMMAND_INTERRUPT_DISABLE) != 0;
}

void
pupci_config_attach(struct pupci_softc *sc)
{
	const pci_chipset_tag_t pc = sc->sc_pc;
	const pcitag_t tag = sc->sc_tag;
	pcireg_t reg;

	memset(sc->sc_allowed, 0xff, sizeof(sc->sc_allowed));
	if (pupci_intx_maskable(sc))
		sc->sc_flags |= PUPCI_INFO_INTX_MASK;
	pupci_intx_quiet(sc, true);

	/* The header is read-only, but for the command register and these. */
	pupci_forbid(sc, 0, 0x40);
	sc->sc_allowed[0] |= 1U << (PCI_COMMAND_STATUS_REG / 4);
	sc->sc_allowed[0] |= 1U << (PCI_BHLC_REG / 4);

	(void)pci_get_capability(pc, tag, PCI_CAP_PWRMGMT, &sc->sc_pm, NULL);
	(void)pci_get_capability(pc, tag, PCI_CAP_PCIAF, &sc->sc_af, NULL);
	if (sc->sc_af != 0)
		pupci_forbid(sc, sc->sc_af, 8);
	if (pci_get_capability(pc, tag, PCI_CAP_MSI, &sc->sc_msi, &reg))
		pupci_forbid(sc, sc->sc_msi, pupci_msi_size(reg));
	if (pci_get_capability(pc, tag, PCI_CAP_MSIX, &sc->sc_msix, NULL))
		pupci_forbid(sc, sc->sc_msix, 12);

	sc->sc_config_size = PCI_CONF_SIZE;
	if (pci_get_capability(
		pc, tag, PCI_CAP_PCIEXPRESS, &sc->sc_pcie, NULL)) {
		pupci_forbid(sc, sc->sc_pcie, 0x3c);
		sc->sc_allowed[(sc->sc_pcie + PCIE_DCSR) / 32] |= 1U
		    << ((sc->sc_pcie + PCIE_DCSR) / 4 % 8);
		sc->sc_allowed[(sc->sc_pcie + PCIE_LCSR) / 32] |= 1U
		    << ((sc->sc_pcie + PCIE_LCSR) / 4 % 8);
		if (pci_conf_read(pc, tag, PCI_EXTCAPLIST_BASE) !=
		    0xffffffffU) {
			sc->sc_config_size = PCI_EXTCONF_SIZE;
			pupci_forbid_extcaps(sc);
		}
	}
}

/* Which bits of a register the process may set, and which it clears by 1. */
static uint32_t
pupci_config_mask(const struct pupci_softc *sc, u_int reg, uint32_t *w1c)
{

	*w1c = 0;
	if (!pupci_dword_allowed(sc, reg))
		return 0;
	if (reg == PCI_COMMAND_STATUS_REG) {
		*w1c = PUPCI_STATUS_W1C;
		return PUPCI_COMMAND_ALLOWED | PUPCI_STATUS_W1C;
	}
	if (reg == PCI_BHLC_REG)
		return 0x0000ffff; /* cache line and latency */
	if (sc->sc_pcie != 0 && reg == (u_int)sc->sc_pcie + PCIE_DCSR) {
		*w1c = PUPCI_DCSR_W1C;
		return PUPCI_DCSR_ALLOWED;
	}
	if (sc->sc_pcie != 0 && reg == (u_int)sc->sc_pcie + PCIE_LCSR) {
		*w1c = PUPCI_LCSR_W1C;
		return PUPCI_LCSR_ALLOWED;
	}
	if (sc->sc_pm != 0 && reg == (u_int)sc->sc_pm + PCI_PMCSR) {
		*w1c = PCI_PMCSR_PME_STS;
		return ~(uint32_t)PCI_PMCSR_STATE_MASK;
	}
	return UINT32_MAX;
}

/* The index of the BAR of a register, with which half it is; or -1. */
static int
pupci_config_bar(const struct pupci_softc *sc, u_int reg, u_int *half)
{
	int i;

	*half = 0;
	if (reg == PCI_MAPREG_ROM)
		return PUPCI_BAR_ROM;
	if (reg < PCI_MAPREG_START || reg >= PCI_MAPREG_START + 6 * 4)
		return -1;
	i = (reg - PCI_MAPREG_START) / 4;
	if (i > 0 &&
	    (sc->sc_region[i - 1].r_bar.flags & PUPCI_BAR_64BIT) != 0) {
		*half = 1;
		i--;
	}
	return i;
}

static void
pupci_shadow_write(
    struct pupci_softc *sc, int i, u_int half, uint32_t mask, uint32_t value)
{
	struct pupci_region *r = &sc->sc_region[i];
	const struct pupci_bar *bar = &r->r_bar;
	uint64_t bits;
	uint32_t type = 0xf;

	if (bar->size == 0)
		return;
	bits = ~(bar->size - 1);
	if (half == 0) {
		if (i == PUPCI_BAR_ROM) {
			type = 0x7ff;
			bits |= 1;
		} else if ((bar->flags & PUPCI_BAR_IO) != 0)
			type = 0x3;
		mask &= (uint32_t)bits & (~type | (i == PUPCI_BAR_ROM ? 1 : 0));
	} else
		mask &= (uint32_t)(bits >> 32);
	r->r_shadow[half] = (r->r_shadow[half] & ~mask) | (value & mask);

	/* The one bit that does reach the function: decoding its ROM. */
	if (i == PUPCI_BAR_ROM && (mask & 1) != 0 && bar->address != 0)
		pci_conf_write(sc->sc_pc, sc->sc_tag, PCI_MAPREG_ROM,
		    (uint32_t)bar->address | (value & 1));
}

static int
pupci_config_valid(const struct pupci_softc *sc, const struct pupci_config *pc)
{

	if (pc->width != 1 && pc->width != 2 && pc->width != 4)
		return EINVAL;
	if ((pc->offset & (pc->width - 1)) != 0)
		return EINVAL;
	if (pc->offset >= sc->sc_config_size)
		return EINVAL;
	return 0;
}

int
pupci_config_read(struct pupci_softc *sc, struct pupci_config *pc)
{
	const u_int reg = pc->offset & ~3U;
	u_int half;
	pcireg_t value;
	int bar, error;

	error = pupci_config_valid(sc, pc);
	if (error != 0)
		return error;
	bar = pupci_config_bar(sc, reg, &half);
	if (bar >= 0)
		value = sc->sc_region[bar].r_shadow[half];
	else
		value = pci_conf_read(sc->sc_pc, sc->sc_tag, reg);
	if (reg == PCI_COMMAND_STATUS_REG) {
		value &= ~PCI_COMMAND_INTERRUPT_DISABLE;
		if (sc->sc_intx_disable)
			value |= PCI_COMMAND_INTERRUPT_DISABLE;
	}
	value >>= (pc->offset & 3) * 8;
	if (pc->width < 4)
		value &= (1U << (pc->width * 8)) - 1;
	pc->value = value;
	return 0;
}

/* With sc_conf_lock: what both the kernel and the process want of the bit. */
static void
pupci_command_write(struct pupci_softc *sc, pcireg_t csr)
{

	csr &= ~PCI_COMMAND_INTERRUPT_DISABLE;
	if (sc->sc_intx_disable || sc->sc_intx_quiet)
		csr |= PCI_COMMAND_INTERRUPT_DISABLE;
	pci_conf_write(sc->sc_pc, sc->sc_tag, PCI_COMMAND_STATUS_REG, csr);
}

int
pupci_config_write(struct pupci_softc *sc, const struct pupci_config *pc)
{
	const u_int reg = pc->offset & ~3U, shift = (pc->offset & 3) * 8;
	const uint32_t value = pc->value << shift;
	uint32_t allowed, bytes, w1c, result;
	u_int half;
	int bar, error;

	error = pupci_config_valid(sc, pc);
	if (error != 0)
		return error;
	bytes = (pc->width == 4 ? UINT32_MAX : (1U << (pc->width * 8)) - 1)
	    << shift;
	bar = pupci_config_bar(sc, reg, &half);
	if (bar >= 0) {
		pupci_shadow_write(sc, bar, half, bytes, value);
		return 0;
	}
	allowed = bytes & pupci_config_mask(sc, reg, &w1c);
	if (reg == PCI_COMMAND_STATUS_REG && !sc->sc_privileged &&
	    (value & allowed & PCI_COMMAND_MASTER_ENABLE) != 0)
		return EPERM;
	if (sc->sc_pm != 0 && reg == (u_int)sc->sc_pm + PCI_PMCSR &&
	    (bytes & PCI_PMCSR_STATE_MASK) != 0)
		pupci_set_power(sc, value & PCI_PMCSR_STATE_MASK);

	mutex_enter(&sc->sc_conf_lock);
	if (reg == PCI_COMMAND_STATUS_REG &&
	    (bytes & PCI_COMMAND_INTERRUPT_DISABLE) != 0) {
		sc->sc_intx_disable = (value & PCI_COMMAND_INTERRUPT_DISABLE) !=
		    0;
		allowed |= PCI_COMMAND_INTERRUPT_DISABLE;
	}
	if (allowed != 0) {
		result = pci_conf_read(sc->sc_pc, sc->sc_tag, reg) & ~w1c;
		result = (result & ~allowed) | (value & allowed);
		if (reg == PCI_COMMAND_STATUS_REG)
			pupci_command_write(sc, result);
		else
			pci_conf_write(sc->sc_pc, sc->sc_tag, reg, result);
	}
	mutex_exit(&sc->sc_conf_lock);
	return 0;
}

/* As firmware or the bus assigned it. */
void
pupci_shadow_reset(struct pupci_softc *sc, u_int i)
{
	struct pupci_region *r = &sc->sc_region[i];
	const int reg = i == PUPCI_BAR_ROM ? PCI_MAPREG_ROM : PCI_BAR(i);

	if (r->r_bar.size == 0) {
		r->r_shadow[0] = r->r_shadow[1] = 0;
		return;
	}
	r->r_shadow[0] = pci_conf_read(sc->sc_pc, sc->sc_tag, reg);
	r->r_shadow[1] = (r->r_bar.flags & PUPCI_BAR_64BIT) == 0
	    ? 0
	    : pci_conf_read(sc->sc_pc, sc->sc_tag, reg + 4);
}

/* At a process's end: nothing of what it wished for lasts. */
void
pupci_config_release(struct pupci_softc *sc)
{
	u_int i;

	mutex_enter(&sc->sc_conf_lock);
	sc->sc_intx_disable = false;
	sc->sc_intx_quiet = true;
	pupci_command_write(sc,
	    pci_conf_read(sc->sc_pc, sc->sc_tag, PCI_COMMAND_STATUS_REG) &
		PCI_COMMAND_MASK & ~PCI_COMMAND_MASTER_ENABLE);
	mutex_exit(&sc->sc_conf_lock);
	for (i = 0; i < PUPCI_NBARS; i++)
		pupci_shadow_reset(sc, i);
}

void
pupci_master_off(struct pupci_softc *sc)
{

	mutex_enter(&sc->sc_conf_lock);
	pupci_command_write(sc,
	    pci_conf_read(sc->sc_pc, sc->sc_tag, PCI_COMMAND_STATUS_REG) &
		PCI_COMMAND_MASK & ~PCI_COMMAND_MASTER_ENABLE);
	/* Nor when it wakes up. */
	sc->sc_saved.reg[PCI_COMMAND_STATUS_REG / 4] &=
	    ~PCI_COMMAND_MASTER_ENABLE;
	mutex_exit(&sc->sc_conf_lock);
}

/* Whose driver comes after us finds the bit as we did. */
void
pupci_intx_attach(struct pupci_softc *sc)
{
	const struct pci_attach_args *pa = &sc->sc_pa;
	const pcireg_t csr = pci_conf_read(
	    sc->sc_pc, sc->sc_tag, PCI_COMMAND_STATUS_REG);
	pci_intr_handle_t ih;

	sc->sc_intx = pa->pa_intrpin != 0 && pci_intr_map(pa, &ih) == 0;
	sc->sc_intx_found = (csr & PCI_COMMAND_INTERRUPT_DISABLE) != 0;
	sc->sc_intx_quiet = sc->sc_intx_found;
}

/*
 * Interrupts of the line are not to come, or may come again: they come only
 * while a handler is there for them, since nobody else would quiet what asserts
 * a line that others share.  Any context.
 */
void
pupci_intx_quiet(struct pupci_softc *sc, bool quiet)
{

	mutex_enter(&sc->sc_conf_lock);
	sc->sc_intx_quiet = quiet;
	pupci_command_write(sc,
	    pci_conf_read(sc->sc_pc, sc->sc_tag, PCI_COMMAND_STATUS_REG) &
		PCI_COMMAND_MASK);
	mutex_exit(&sc->sc_conf_lock);
}

/* After registers were restored that may have been saved with it otherwise. */
void
pupci_intx_restore(struct pupci_softc *sc)
{

	mutex_enter(&sc->sc_conf_lock);
	pupci_command_write(sc,
	    pci_conf_read(sc->sc_pc, sc->sc_tag, PCI_COMMAND_STATUS_REG) &
		PCI_COMMAND_MASK);
	mutex_exit(&sc->sc_conf_lock);
}

/* Whether the function asserts its line, or would if it were let. */
bool
pupci_intx_pending(struct pupci_softc *sc)
{
	const pcireg_t csr = pci_conf_read(
	    sc->sc_pc, sc->sc_tag, PCI_COMMAND_STATUS_REG);

	/* All ones: it has been pulled out. */
	return csr != 0xffffffffU && (csr & PCI_STATUS_INT_STATUS) != 0;
}
