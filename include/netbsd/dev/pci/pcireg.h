/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Configuration space of a PCI function, under NetBSD's names (PCI Local Bus
 * Specification 3.0, chapter 6; PCI Express Base Specification, chapter 7).
 * Registers are byte offsets, of a capability from its own start.  All is read
 * in aligned 32-bit words, so that fields of the upper half of a word are
 * shifted by 16.
 */
#ifndef _NETBSD_DEV_PCI_PCIREG_H_
#define _NETBSD_DEV_PCI_PCIREG_H_

#include "../../sys/types.h"

typedef uint16_t	pci_vendor_id_t;
typedef uint16_t	pci_product_id_t;
typedef uint8_t		pci_class_t;
typedef uint8_t		pci_subclass_t;
typedef uint8_t		pci_interface_t;
typedef uint8_t		pci_revision_t;
typedef uint8_t		pci_intr_pin_t;
typedef uint8_t		pci_intr_line_t;
typedef uint8_t		pci_intr_latency_t;
typedef uint8_t		pci_intr_grant_t;

#include "pcireg_class.h"
#include "pcireg_express.h"

/* The field NAME of a register value, for all whose NAME_SHIFT and NAME_MASK are below. */
#define __PCI_FIELD(name, reg)	(((reg) >> PCI_##name##_SHIFT) & PCI_##name##_MASK)
#define __PCI_PLACE(name, val)	(((val) & PCI_##name##_MASK) << PCI_##name##_SHIFT)

#define PCI_VENDOR(reg)			__PCI_FIELD(VENDOR, reg)
#define PCI_PRODUCT(reg)		__PCI_FIELD(PRODUCT, reg)
#define PCI_CLASS(reg)			__PCI_FIELD(CLASS, reg)
#define PCI_SUBCLASS(reg)		__PCI_FIELD(SUBCLASS, reg)
#define PCI_INTERFACE(reg)		__PCI_FIELD(INTERFACE, reg)
#define PCI_REVISION(reg)		__PCI_FIELD(REVISION, reg)
#define PCI_BIST(reg)			__PCI_FIELD(BIST, reg)
#define PCI_HDRTYPE(reg)		__PCI_FIELD(HDRTYPE, reg)
#define PCI_HDRTYPE_TYPE(reg)		(PCI_HDRTYPE(reg) & 0x7f)
#define PCI_HDRTYPE_MULTIFN(reg)	((PCI_HDRTYPE(reg) & 0x80) != 0)
#define PCI_LATTIMER(reg)		__PCI_FIELD(LATTIMER, reg)
#define PCI_CACHELINE(reg)		__PCI_FIELD(CACHELINE, reg)
#define PCI_MAX_LAT(reg)		__PCI_FIELD(MAX_LAT, reg)
#define PCI_MIN_GNT(reg)		__PCI_FIELD(MIN_GNT, reg)
#define PCI_INTERRUPT_GRANT(reg)	__PCI_FIELD(INTERRUPT_GRANT, reg)
#define PCI_INTERRUPT_LATENCY(reg)	__PCI_FIELD(INTERRUPT_LATENCY, reg)
#define PCI_INTERRUPT_PIN(reg)		__PCI_FIELD(INTERRUPT_PIN, reg)
#define PCI_INTERRUPT_LINE(reg)		__PCI_FIELD(INTERRUPT_LINE, reg)

#define PCI_ID_CODE(vendor, product)	\
	(__PCI_PLACE(VENDOR, vendor) | __PCI_PLACE(PRODUCT, product))
#define PCI_COMMAND_STATUS_CODE(command, status)	\
	(__PCI_PLACE(COMMAND, command) | __PCI_PLACE(STATUS, status))
#define PCI_CLASS_CODE(cl, subclass, interface)	\
	(__PCI_PLACE(CLASS, cl) | __PCI_PLACE(SUBCLASS, subclass) | \
	 __PCI_PLACE(INTERFACE, interface))
#define PCI_BHLC_CODE(bist, type, multi, latency, line)	\
	(__PCI_PLACE(BIST, bist) | __PCI_PLACE(HDRTYPE, type) | \
	 ((multi) ? 0x80U << PCI_HDRTYPE_SHIFT : 0) | \
	 __PCI_PLACE(LATTIMER, latency) | __PCI_PLACE(CACHELINE, line))
#define PCI_INTERRUPT_CODE(latency, grant, pin, line)	\
	(__PCI_PLACE(INTERRUPT_LATENCY, latency) | \
	 __PCI_PLACE(INTERRUPT_GRANT, grant) | \
	 __PCI_PLACE(INTERRUPT_PIN, pin) | __PCI_PLACE(INTERRUPT_LINE, line))

#define PCI_BAR(n)			(PCI_MAPREG_START + 4 * (n))
#define PCI_MAPREG_NUM(reg)		(((unsigned)(reg) - PCI_MAPREG_START) / 4)
#define PCI_MAPREG_TYPE(bar)		((bar) & PCI_MAPREG_TYPE_MASK)
#define PCI_MAPREG_MEM_TYPE(bar)	((bar) & PCI_MAPREG_MEM_TYPE_MASK)
#define PCI_MAPREG_MEM_PREFETCHABLE(bar)	\
	(((bar) & PCI_MAPREG_MEM_PREFETCHABLE_MASK) != 0)
#define PCI_MAPREG_MEM_ADDR(bar)	((bar) & PCI_MAPREG_MEM_ADDR_MASK)
#define PCI_MAPREG_MEM64_ADDR(bar)	((bar) & PCI_MAPREG_MEM64_ADDR_MASK)
#define PCI_MAPREG_IO_ADDR(bar)		((bar) & PCI_MAPREG_IO_ADDR_MASK)
/* Size from what a BAR reads after all ones were written: its lowest set address bit. */
#define PCI_MAPREG_MEM_SIZE(bar)	\
	(PCI_MAPREG_MEM_ADDR(bar) & -PCI_MAPREG_MEM_ADDR(bar))
#define PCI_MAPREG_MEM64_SIZE(bar)	\
	(PCI_MAPREG_MEM64_ADDR(bar) & -PCI_MAPREG_MEM64_ADDR(bar))
#define PCI_MAPREG_IO_SIZE(bar)		\
	(PCI_MAPREG_IO_ADDR(bar) & -PCI_MAPREG_IO_ADDR(bar))
#define PCI_MAPREG_ROM_ADDR(bar)	((bar) & PCI_MAPREG_ROM_ADDR_MASK)
#define PCI_MAPREG_ROM_ADDR_MASK	0xfffff800U
#define PCI_MAPREG_SIZE_TO_MASK(size)	(-(size))

#define PCI_SUBSYS_VENDOR(reg)		((reg) & PCI_SUBSYS_VENDOR_MASK)
#define PCI_SUBSYS_ID(reg)		(((reg) & PCI_SUBSYS_ID_MASK) >> 16)

/* Capability list: the word at each offset holds number, next, and 16 bits of its own. */
#define PCI_CAPLIST_PTR(reg)		((reg) & 0xff)
#define PCI_CAPLIST_CAP(reg)		((reg) & 0xff)
#define PCI_CAPLIST_NEXT(reg)		(((reg) >> 8) & 0xff)
#define PCI_EXTCAPLIST_CAP(reg)		((reg) & 0xffff)
#define PCI_EXTCAPLIST_VERSION(reg)	(((reg) >> 16) & 0xf)
#define PCI_EXTCAPLIST_NEXT(reg)	(((reg) >> 20) & 0xfff)

#define PCI_CAP_AGP_MAJOR(reg)		(((reg) >> 20) & 0xf)
#define PCI_CAP_AGP_MINOR(reg)		(((reg) >> 16) & 0xf)
/* HyperTransport types of three bits (host, slave) sit in the top bits of five. */
#define PCI_HT_CAP(reg)			\
	((((reg) >> 27) & 0x18) == 0 ? ((reg) >> 27) & 0x1c : ((reg) >> 27) & 0x1f)
#define PCI_MSI_CTL_MME(reg)		(((reg) & PCI_MSI_CTL_MME_MASK) >> 20)
#define PCI_MSI_CTL_MMC(reg)		(((reg) & PCI_MSI_CTL_MMC_MASK) >> 17)
#define PCI_MSIX_CTL_TBLSIZE(reg)	\
	((((reg) & PCI_MSIX_CTL_TBLSIZE_MASK) >> PCI_MSIX_CTL_TBLSIZE_SHIFT) + 1)
#define PCI_SATA_BAR_NUM(reg)		(((reg) & PCI_SATA_BAR_SPEC) - 4)
#define PCI_VPD_ADDRESS(offset)		\
	(((offset) & PCI_VPD_ADDRESS_MASK) << PCI_VPD_ADDRESS_SHIFT)
#define PCI_VPD_DATAREG(capability)	((capability) + 4)
#define PCIX_CMD_BYTECNT(reg)		\
	(512 << (((reg) & PCIX_CMD_BYTECNT_MASK) >> PCIX_CMD_BYTECNT_SHIFT))
#define PCIX_STATUS_FN(reg)		((reg) & PCIX_STATUS_FN_MASK)
#define PCIX_STATUS_DEV(reg)		\
	(((reg) & PCIX_STATUS_DEV_MASK) >> PCIX_STATUS_DEV_SHIFT)
#define PCIX_STATUS_BUS(reg)		\
	(((reg) & PCIX_STATUS_BUS_MASK) >> PCIX_STATUS_BUS_SHIFT)

#define __PCI_BRIDGE_BUS(name, reg)	\
	(((reg) >> PCI_BRIDGE_BUS_##name##_SHIFT) & PCI_BRIDGE_BUS_EACH_MASK)
#define PCI_BRIDGE_BUS_PRIMARY(reg)		__PCI_BRIDGE_BUS(PRIMARY, reg)
#define PCI_BRIDGE_BUS_SECONDARY(reg)		__PCI_BRIDGE_BUS(SECONDARY, reg)
#define PCI_BRIDGE_BUS_SUBORDINATE(reg)		__PCI_BRIDGE_BUS(SUBORDINATE, reg)
#define PCI_BRIDGE_BUS_SEC_LATTIMER(reg)	__PCI_BRIDGE_BUS(SEC_LATTIMER, reg)
#define PCI_BRIDGE_BUS_NUM_PRIMARY(reg)		PCI_BRIDGE_BUS_PRIMARY(reg)
#define PCI_BRIDGE_BUS_NUM_SECONDARY(reg)	PCI_BRIDGE_BUS_SECONDARY(reg)
#define PCI_BRIDGE_BUS_NUM_SUBORDINATE(reg)	PCI_BRIDGE_BUS_SUBORDINATE(reg)
#define PCI_BRIDGE_IO_32BITS(reg)		(((reg) & 0xf) == 1)
#define PCI_BRIDGE_PREFETCHMEM_64BITS(reg)	((reg) & 0xf)

/* Vital product data: small and large resources, and keywords within. */
#define PCI_VPDRES_ISLARGE(byte)	((byte) & 0x80)
#define PCI_VPDRES_SMALL_LENGTH(byte)	((byte) & 0x7)
#define PCI_VPDRES_SMALL_NAME(byte)	(((byte) >> 3) & 0xf)
#define PCI_VPDRES_LARGE_NAME(byte)	((byte) & 0x7f)

struct pci_vpd_smallres {
	uint8_t		vpdres_byte0;
} __packed;

struct pci_vpd_largeres {
	uint8_t		vpdres_byte0;
	uint8_t		vpdres_len_lsb;
	uint8_t		vpdres_len_msb;
} __packed;

struct pci_vpd {
	uint8_t		vpd_key0;
	uint8_t		vpd_key1;
	uint8_t		vpd_len;	/* bytes that follow */
} __packed;

/* Expansion ROM: the header of an image, and the structure that it points at. */
struct pci_rom_header {
	uint16_t	romh_magic;
	uint8_t		romh_reserved[22];
	uint16_t	romh_data_ptr;
} __packed;

struct pci_rom {
	uint32_t		rom_signature;
	pci_vendor_id_t		rom_vendor;
	pci_product_id_t	rom_product;
	uint16_t		rom_vpd_ptr;
	uint16_t		rom_data_len;
	uint8_t			rom_data_rev;
	pci_interface_t		rom_interface;
	pci_subclass_t		rom_subclass;
	pci_class_t		rom_class;
	uint16_t		rom_len;	/* in units of 512 bytes */
	uint16_t		rom_rev;
	uint8_t			rom_code_type;
	uint8_t			rom_indicator;
	uint16_t		rom_reserved;
} __packed;

/* A 32-bit DMA tag reaches what lies below this. */
#define PCI32_DMA_BOUNCE_THRESHOLD	0x100000000ULL

/* Sizes of configuration space, in bytes */
#define PCI_CONF_SIZE			0x0100
#define PCI_EXTCONF_SIZE		0x1000

/* 0x00: vendor and product */
#define PCI_ID_REG			0x00
#define PCI_VENDOR_SHIFT		0x00
#define PCI_VENDOR_MASK			0xffff
#define PCI_PRODUCT_SHIFT		0x10
#define PCI_PRODUCT_MASK		0xffff

/* 0x04: command (low half) and status (high half) */
#define PCI_COMMAND_STATUS_REG		0x04
#define PCI_COMMAND_SHIFT		0x00
#define PCI_COMMAND_MASK		0xffff
#define PCI_STATUS_SHIFT		0x10
#define PCI_STATUS_MASK			0xffff
#define PCI_COMMAND_IO_ENABLE		0x01
#define PCI_COMMAND_MEM_ENABLE		0x02
#define PCI_COMMAND_MASTER_ENABLE	0x04
#define PCI_COMMAND_SPECIAL_ENABLE	0x08
#define PCI_COMMAND_INVALIDATE_ENABLE	0x10
#define PCI_COMMAND_PALETTE_ENABLE	0x20
#define PCI_COMMAND_PARITY_ENABLE	0x40
#define PCI_COMMAND_STEPPING_ENABLE	0x80
#define PCI_COMMAND_SERR_ENABLE		0x0100
#define PCI_COMMAND_BACKTOBACK_ENABLE	0x0200
#define PCI_COMMAND_INTERRUPT_DISABLE	0x0400
#define PCI_STATUS_IMMD_READNESS	0x00010000
#define PCI_STATUS_INT_STATUS		0x00080000
#define PCI_STATUS_CAPLIST_SUPPORT	0x00100000
#define PCI_STATUS_66MHZ_SUPPORT	0x00200000
#define PCI_STATUS_UDF_SUPPORT		0x00400000
#define PCI_STATUS_BACKTOBACK_SUPPORT	0x00800000
#define PCI_STATUS_PARITY_ERROR		0x01000000
#define PCI_STATUS_DEVSEL_FAST		0x00
#define PCI_STATUS_DEVSEL_MEDIUM	0x02000000
#define PCI_STATUS_DEVSEL_SLOW		0x04000000
#define PCI_STATUS_DEVSEL_MASK		0x06000000
#define PCI_STATUS_TARGET_TARGET_ABORT	0x08000000
#define PCI_STATUS_MASTER_TARGET_ABORT	0x10000000
#define PCI_STATUS_MASTER_ABORT		0x20000000
#define PCI_STATUS_SPECIAL_ERROR	0x40000000
#define PCI_STATUS_PARITY_DETECT	0x80000000U

/* 0x08: class and revision */
#define PCI_CLASS_REG			0x08
#define PCI_CLASS_SHIFT			0x18
#define PCI_CLASS_MASK			0xff
#define PCI_SUBCLASS_SHIFT		0x10
#define PCI_SUBCLASS_MASK		0xff
#define PCI_INTERFACE_SHIFT		0x08
#define PCI_INTERFACE_MASK		0xff
#define PCI_REVISION_SHIFT		0x00
#define PCI_REVISION_MASK		0xff

/* 0x0c: BIST, header type, latency timer, cache line size */
#define PCI_BHLC_REG			0x0c
#define PCI_BIST_SHIFT			0x18
#define PCI_BIST_MASK			0xff
#define PCI_HDRTYPE_SHIFT		0x10
#define PCI_HDRTYPE_MASK		0xff
#define PCI_LATTIMER_SHIFT		0x08
#define PCI_LATTIMER_MASK		0xff
#define PCI_CACHELINE_SHIFT		0x00
#define PCI_CACHELINE_MASK		0xff
#define PCI_HDRTYPE_DEVICE		0x00
#define PCI_HDRTYPE_PPB			0x01
#define PCI_HDRTYPE_PCB			0x02
#define PCI_HDRTYPE_EP			0x00
#define PCI_HDRTYPE_RC			0x01

/* 0x10: base address registers */
#define PCI_MAPREG_START		0x10
#define PCI_MAPREG_END			0x28
#define PCI_MAPREG_ROM			0x30
#define PCI_MAPREG_PPB_END		0x18
#define PCI_MAPREG_PCB_END		0x14
#define PCI_BAR0			0x10
#define PCI_BAR1			0x14
#define PCI_BAR2			0x18
#define PCI_BAR3			0x1c
#define PCI_BAR4			0x20
#define PCI_BAR5			0x24
#define PCI_MAPREG_TYPE_MASK		0x01
#define PCI_MAPREG_TYPE_MEM		0x00
#define PCI_MAPREG_TYPE_ROM		0x00
#define PCI_MAPREG_TYPE_IO		0x01
#define PCI_MAPREG_ROM_ENABLE		0x01
#define PCI_MAPREG_MEM_TYPE_MASK	0x06
#define PCI_MAPREG_MEM_TYPE_32BIT	0x00
#define PCI_MAPREG_MEM_TYPE_32BIT_1M	0x02
#define PCI_MAPREG_MEM_TYPE_64BIT	0x04
#define PCI_MAPREG_MEM_PREFETCHABLE_MASK	0x08
#define PCI_MAPREG_MEM_ADDR_MASK	0xfffffff0U
#define PCI_MAPREG_MEM64_ADDR_MASK	0xfffffffffffffff0ULL
#define PCI_MAPREG_IO_ADDR_MASK		0xfffffffcU

/* 0x28, 0x2c, 0x34: CIS, subsystem, start of the capability list */
#define PCI_CARDBUS_CIS_REG		0x28
#define PCI_SUBSYS_ID_REG		0x2c
#define PCI_SUBSYS_VENDOR_MASK		0xffff
#define PCI_SUBSYS_ID_MASK		0xffff0000U
#define PCI_CAPLISTPTR_REG		0x34
#define PCI_CARDBUS_CAPLISTPTR_REG	0x14

/* 0x3c: interrupt line and pin, grant and latency */
#define PCI_INTERRUPT_REG		0x3c
#define PCI_MAX_LAT_SHIFT		0x18
#define PCI_MAX_LAT_MASK		0xff
#define PCI_MIN_GNT_SHIFT		0x10
#define PCI_MIN_GNT_MASK		0xff
#define PCI_INTERRUPT_GRANT_SHIFT	0x18
#define PCI_INTERRUPT_GRANT_MASK	0xff
#define PCI_INTERRUPT_LATENCY_SHIFT	0x10
#define PCI_INTERRUPT_LATENCY_MASK	0xff
#define PCI_INTERRUPT_PIN_SHIFT		0x08
#define PCI_INTERRUPT_PIN_MASK		0xff
#define PCI_INTERRUPT_LINE_SHIFT	0x00
#define PCI_INTERRUPT_LINE_MASK		0xff
#define PCI_INTERRUPT_PIN_NONE		0x00
#define PCI_INTERRUPT_PIN_A		0x01
#define PCI_INTERRUPT_PIN_B		0x02
#define PCI_INTERRUPT_PIN_C		0x03
#define PCI_INTERRUPT_PIN_D		0x04
#define PCI_INTERRUPT_PIN_MAX		0x04

/* Type 1 header: bridges */
#define PCI_BRIDGE_BUS_REG		0x18
#define PCI_BRIDGE_BUS_EACH_MASK	0xff
#define PCI_BRIDGE_BUS_PRIMARY_SHIFT	0x00
#define PCI_BRIDGE_BUS_SECONDARY_SHIFT	0x08
#define PCI_BRIDGE_BUS_SUBORDINATE_SHIFT	0x10
#define PCI_BRIDGE_BUS_SEC_LATTIMER_SHIFT	0x18
#define PCI_BRIDGE_STATIO_REG		0x1c
#define PCI_BRIDGE_STATIO_IOBASE_SHIFT	0x00
#define PCI_BRIDGE_STATIO_IOLIMIT_SHIFT	0x08
#define PCI_BRIDGE_STATIO_STATUS_SHIFT	0x10
#define PCI_BRIDGE_STATIO_IOBASE_MASK	0xf0
#define PCI_BRIDGE_STATIO_IOLIMIT_MASK	0xf0
#define PCI_BRIDGE_STATIO_STATUS_MASK	0xffff
#define PCI_BRIDGE_MEMORY_REG		0x20
#define PCI_BRIDGE_MEMORY_BASE_SHIFT	0x04
#define PCI_BRIDGE_MEMORY_LIMIT_SHIFT	0x14
#define PCI_BRIDGE_MEMORY_BASE_MASK	0x0fff
#define PCI_BRIDGE_MEMORY_LIMIT_MASK	0x0fff
#define PCI_BRIDGE_PREFETCHMEM_REG	0x24
#define PCI_BRIDGE_PREFETCHMEM_BASE_SHIFT	0x04
#define PCI_BRIDGE_PREFETCHMEM_LIMIT_SHIFT	0x14
#define PCI_BRIDGE_PREFETCHMEM_BASE_MASK	0x0fff
#define PCI_BRIDGE_PREFETCHMEM_LIMIT_MASK	0x0fff
#define PCI_BRIDGE_PREFETCHBASE32_REG	0x28
#define PCI_BRIDGE_PREFETCHLIMIT32_REG	0x2c
#define PCI_BRIDGE_IOHIGH_REG		0x30
#define PCI_BRIDGE_IOHIGH_BASE_SHIFT	0x00
#define PCI_BRIDGE_IOHIGH_LIMIT_SHIFT	0x10
#define PCI_BRIDGE_IOHIGH_BASE_MASK	0xffff
#define PCI_BRIDGE_IOHIGH_LIMIT_MASK	0xffff
#define PCI_BRIDGE_CONTROL_REG		0x3c
#define PCI_BRIDGE_CONTROL_SHIFT	0x10
#define PCI_BRIDGE_CONTROL_MASK		0xffff
#define PCI_BRIDGE_CONTROL_PERE		0x01
#define PCI_BRIDGE_CONTROL_SERR		0x02
#define PCI_BRIDGE_CONTROL_ISA		0x04
#define PCI_BRIDGE_CONTROL_VGA		0x08
#define PCI_BRIDGE_CONTROL_MABRT	0x20
#define PCI_BRIDGE_CONTROL_SECBR	0x40
#define PCI_BRIDGE_CONTROL_SECFASTB2B	0x80
#define PCI_BRIDGE_CONTROL_PRI_DISC_TIMER	0x0100
#define PCI_BRIDGE_CONTROL_SEC_DISC_TIMER	0x0200
#define PCI_BRIDGE_CONTROL_DISC_TIMER_STAT	0x0400
#define PCI_BRIDGE_CONTROL_DISC_TIMER_SERR	0x0800

/* Capability numbers */
#define PCI_CAP_RESERVED0		0x00
#define PCI_CAP_PWRMGMT			0x01
#define PCI_CAP_AGP			0x02
#define PCI_CAP_VPD			0x03
#define PCI_CAP_SLOTID			0x04
#define PCI_CAP_MSI			0x05
#define PCI_CAP_CPCI_HOTSWAP		0x06
#define PCI_CAP_PCIX			0x07
#define PCI_CAP_LDT			0x08
#define PCI_CAP_VENDSPEC		0x09
#define PCI_CAP_DEBUGPORT		0x0a
#define PCI_CAP_CPCI_RSRCCTL		0x0b
#define PCI_CAP_HOTPLUG			0x0c
#define PCI_CAP_SUBVENDOR		0x0d
#define PCI_CAP_AGP8			0x0e
#define PCI_CAP_SECURE			0x0f
#define PCI_CAP_PCIEXPRESS		0x10
#define PCI_CAP_MSIX			0x11
#define PCI_CAP_SATA			0x12
#define PCI_CAP_PCIAF			0x13
#define PCI_CAP_EA			0x14

/* Power management */
#define PCI_PMCR_SHIFT			0x10
#define PCI_PMCR			0x02
#define PCI_PMCR_VERSION_MASK		0x07
#define PCI_PMCR_VERSION_10		0x01
#define PCI_PMCR_VERSION_11		0x02
#define PCI_PMCR_VERSION_12		0x03
#define PCI_PMCR_PME_CLOCK		0x08
#define PCI_PMCR_DSI			0x20
#define PCI_PMCR_AUXCUR_MASK		0x01c0
#define PCI_PMCR_AUXCUR_0		0x00
#define PCI_PMCR_AUXCUR_55		0x40
#define PCI_PMCR_AUXCUR_100		0x80
#define PCI_PMCR_AUXCUR_160		0xc0
#define PCI_PMCR_AUXCUR_220		0x0100
#define PCI_PMCR_AUXCUR_270		0x0140
#define PCI_PMCR_AUXCUR_320		0x0180
#define PCI_PMCR_AUXCUR_375		0x01c0
#define PCI_PMCR_D1SUPP			0x0200
#define PCI_PMCR_D2SUPP			0x0400
#define PCI_PMCR_PME_D0			0x0800
#define PCI_PMCR_PME_D1			0x1000
#define PCI_PMCR_PME_D2			0x2000
#define PCI_PMCR_PME_D3HOT		0x4000
#define PCI_PMCR_PME_D3COLD		0x8000
#define PCI_PMCSR			0x04
#define PCI_PMCSR_STATE_MASK		0x03
#define PCI_PMCSR_STATE_D0		0x00
#define PCI_PMCSR_STATE_D1		0x01
#define PCI_PMCSR_STATE_D2		0x02
#define PCI_PMCSR_STATE_D3		0x03
#define PCI_PMCSR_NO_SOFTRST		0x08
#define PCI_PMCSR_PME_EN		0x0100
#define PCI_PMCSR_DATASEL_MASK		0x1e00
#define PCI_PMCSR_DATASCL_MASK		0x6000
#define PCI_PMCSR_PME_STS		0x8000
#define PCI_PMCSR_B2B3_SUPPORT		0x00400000
#define PCI_PMCSR_BPCC_EN		0x00800000

/* Vital product data */
#define PCI_VPD_ADDRESS_MASK		0x7fff
#define PCI_VPD_ADDRESS_SHIFT		0x10
#define PCI_VPD_OPFLAG			0x80000000U
#define PCI_VPDRES_TYPE_COMPATIBLE_DEVICE_ID	0x03
#define PCI_VPDRES_TYPE_VENDOR_DEFINED	0x0e
#define PCI_VPDRES_TYPE_END_TAG		0x0f
#define PCI_VPDRES_TYPE_IDENTIFIER_STRING	0x02
#define PCI_VPDRES_TYPE_VPD		0x10

/* Message signalled interrupts */
#define PCI_MSI_CTL			0x00
#define PCI_MSI_MADDR			0x04
#define PCI_MSI_MADDR64_LO		0x04
#define PCI_MSI_MADDR64_HI		0x08
#define PCI_MSI_MDATA			0x08
#define PCI_MSI_MDATA64			0x0c
#define PCI_MSI_MASK			0x10
#define PCI_MSI_PENDING			0x14
#define PCI_MSI_CTL_MASK		0xffff0000U
#define PCI_MSI_CTL_PERVEC_MASK		0x01000000
#define PCI_MSI_CTL_64BIT_ADDR		0x00800000
#define PCI_MSI_CTL_MME_MASK		0x00700000
#define PCI_MSI_CTL_MMC_MASK		0x000e0000
#define PCI_MSI_CTL_MSI_ENABLE		0x00010000
#define PCI_MSI_MAX_VECTORS		0x20

/* MSI-X */
#define PCI_MSIX_CTL			0x00
#define PCI_MSIX_CTL_ENABLE		0x80000000U
#define PCI_MSIX_CTL_FUNCMASK		0x40000000
#define PCI_MSIX_CTL_TBLSIZE_MASK	0x07ff0000
#define PCI_MSIX_CTL_TBLSIZE_SHIFT	0x10
#define PCI_MSIX_TBLOFFSET		0x04
#define PCI_MSIX_TBLOFFSET_MASK		0xfffffff8U
#define PCI_MSIX_TBLBIR_MASK		0x07
#define PCI_MSIX_PBAOFFSET		0x08
#define PCI_MSIX_PBAOFFSET_MASK		0xfffffff8U
#define PCI_MSIX_PBABIR_MASK		0x07
#define PCI_MSIX_TABLE_ENTRY_SIZE	0x10
#define PCI_MSIX_TABLE_ENTRY_ADDR_LO	0x00
#define PCI_MSIX_TABLE_ENTRY_ADDR_HI	0x04
#define PCI_MSIX_TABLE_ENTRY_DATA	0x08
#define PCI_MSIX_TABLE_ENTRY_VECTCTL	0x0c
#define PCI_MSIX_VECTCTL_MASK		0x01
#define PCI_MSIX_VECTCTL_STLO		0x00ff0000
#define PCI_MSIX_VECTCTL_STUP		0xff000000U
#define PCI_MSIX_MAX_VECTORS		0x0800

/* PCI-X */
#define PCIX_CMD			0x00
#define PCIX_CMD_PERR_RECOVER		0x00010000
#define PCIX_CMD_RELAXED_ORDER		0x00020000
#define PCIX_CMD_BYTECNT_MASK		0x000c0000
#define PCIX_CMD_BYTECNT_SHIFT		0x12
#define PCIX_CMD_BCNT_512		0x00
#define PCIX_CMD_BCNT_1024		0x00040000
#define PCIX_CMD_BCNT_2048		0x00080000
#define PCIX_CMD_BCNT_4096		0x000c0000
#define PCIX_CMD_SPLTRANS_MASK		0x00700000
#define PCIX_CMD_SPLTRANS_SHIFT		0x14
#define PCIX_CMD_SPLTRANS_1		0x00
#define PCIX_CMD_SPLTRANS_2		0x00100000
#define PCIX_CMD_SPLTRANS_3		0x00200000
#define PCIX_CMD_SPLTRANS_4		0x00300000
#define PCIX_CMD_SPLTRANS_8		0x00400000
#define PCIX_CMD_SPLTRANS_12		0x00500000
#define PCIX_CMD_SPLTRANS_16		0x00600000
#define PCIX_CMD_SPLTRANS_32		0x00700000
#define PCIX_STATUS			0x04
#define PCIX_STATUS_FN_MASK		0x07
#define PCIX_STATUS_DEV_MASK		0xf8
#define PCIX_STATUS_DEV_SHIFT		0x03
#define PCIX_STATUS_BUS_MASK		0xff00
#define PCIX_STATUS_BUS_SHIFT		0x08
#define PCIX_STATUS_64BIT		0x00010000
#define PCIX_STATUS_133			0x00020000
#define PCIX_STATUS_SPLDISC		0x00040000
#define PCIX_STATUS_SPLUNEX		0x00080000
#define PCIX_STATUS_DEVCPLX		0x00100000
#define PCIX_STATUS_MAXB_MASK		0x00600000
#define PCIX_STATUS_MAXB_SHIFT		0x15
#define PCIX_STATUS_MAXB_512		0x00
#define PCIX_STATUS_MAXB_1024		0x00200000
#define PCIX_STATUS_MAXB_2048		0x00400000
#define PCIX_STATUS_MAXB_4096		0x00600000
#define PCIX_STATUS_MAXST_MASK		0x03800000
#define PCIX_STATUS_MAXST_SHIFT		0x17
#define PCIX_STATUS_MAXST_1		0x00
#define PCIX_STATUS_MAXST_2		0x00800000
#define PCIX_STATUS_MAXST_3		0x01000000
#define PCIX_STATUS_MAXST_4		0x01800000
#define PCIX_STATUS_MAXST_8		0x02000000
#define PCIX_STATUS_MAXST_12		0x02800000
#define PCIX_STATUS_MAXST_16		0x03000000
#define PCIX_STATUS_MAXST_32		0x03800000
#define PCIX_STATUS_MAXRS_MASK		0x1c000000
#define PCIX_STATUS_MAXRS_SHIFT		0x1a
#define PCIX_STATUS_MAXRS_1K		0x00
#define PCIX_STATUS_MAXRS_2K		0x04000000
#define PCIX_STATUS_MAXRS_4K		0x08000000
#define PCIX_STATUS_MAXRS_8K		0x0c000000
#define PCIX_STATUS_MAXRS_16K		0x10000000
#define PCIX_STATUS_MAXRS_32K		0x14000000
#define PCIX_STATUS_MAXRS_64K		0x18000000
#define PCIX_STATUS_MAXRS_128K		0x1c000000
#define PCIX_STATUS_SCERR		0x20000000
#define PCIX_STATUS_266			0x40000000
#define PCIX_STATUS_533			0x80000000U
#define PCIX_BRIDGE_2ND_STATUS		0x00
#define PCIX_BRIDGE_ST_64BIT		0x00010000
#define PCIX_BRIDGE_ST_133		0x00020000
#define PCIX_BRIDGE_ST_SPLDISC		0x00040000
#define PCIX_BRIDGE_ST_SPLUNEX		0x00080000
#define PCIX_BRIDGE_ST_SPLOVRN		0x00100000
#define PCIX_BRIDGE_ST_SPLRQDL		0x00200000
#define PCIX_BRIDGE_2NDST_CLKF		0x03c00000
#define PCIX_BRIDGE_2NDST_CLKF_SHIFT	0x16
#define PCIX_BRIDGE_2NDST_VER_MASK	0x30000000
#define PCIX_BRIDGE_2NDST_VER_SHIFT	0x1c
#define PCIX_BRIDGE_ST_266		0x40000000
#define PCIX_BRIDGE_ST_533		0x80000000U
#define PCIX_BRIDGE_PRI_STATUS		0x04
#define PCIX_BRIDGE_UP_STCR		0x08
#define PCIX_BRIDGE_DOWN_STCR		0x0c
#define PCIX_BRIDGE_STCAP		0xffff
#define PCIX_BRIDGE_STCLIM		0xffff0000U
#define PCIX_BRIDGE_STCLIM_SHIFT	0x10

/* HyperTransport */
#define PCI_HT_CMD			0x00
#define PCI_HT_CMD_MASK			0xffff0000U
#define PCI_HT_CAPMASK			0xf8000000U
#define PCI_HT_CAP_SLAVE		0x00
#define PCI_HT_CAP_HOST			0x04
#define PCI_HT_CAP_SWITCH		0x08
#define PCI_HT_CAP_INTERRUPT		0x10
#define PCI_HT_CAP_REVID		0x11
#define PCI_HT_CAP_UNITID_CLUMP		0x12
#define PCI_HT_CAP_EXTCNFSPACE		0x13
#define PCI_HT_CAP_ADDRMAP		0x14
#define PCI_HT_CAP_MSIMAP		0x15
#define PCI_HT_CAP_DIRECTROUTE		0x16
#define PCI_HT_CAP_VCSET		0x17
#define PCI_HT_CAP_RETRYMODE		0x18
#define PCI_HT_CAP_X86ENCODE		0x19
#define PCI_HT_CAP_GEN3			0x1a
#define PCI_HT_CAP_FLE			0x1b
#define PCI_HT_CAP_PM			0x1c
#define PCI_HT_CAP_HIGHNODECNT		0x1d
#define PCI_HT_MSI_ENABLED		0x00010000
#define PCI_HT_MSI_FIXED		0x00020000
#define PCI_HT_MSI_ADDR_LO		0x04
#define PCI_HT_MSI_ADDR_LO_MASK		0xfff00000U
#define PCI_HT_MSI_FIXED_ADDR		0xfee00000U
#define PCI_HT_MSI_ADDR_HI		0x08

/* Others */
#define PCI_VENDORSPECIFIC_SHIFT	0x10
#define PCI_VENDORSPECIFIC		0x02
#define PCI_DEBUG_BASER			0x00
#define PCI_DEBUG_BASER_SHIFT		0x10
#define PCI_DEBUG_PORTOFF_SHIFT		0x10
#define PCI_DEBUG_PORTOFF_MASK		0x1fff0000
#define PCI_DEBUG_BARNUM_SHIFT		0x1d
#define PCI_DEBUG_BARNUM_MASK		0xe0000000U
#define PCI_CAP_SUBSYS_ID		0x04
#define PCI_SATA_REV			0x00
#define PCI_SATA_REV_MINOR		0x000f0000
#define PCI_SATA_REV_MAJOR		0x00f00000
#define PCI_SATA_BAR			0x04
#define PCI_SATA_BAR_SPEC		0x0f
#define PCI_SATA_BAR_INCONF		0x0f
#define PCI_SATA_BAR_OFFSET		0x00fffff0
#define PCI_AFCAPR			0x00
#define PCI_AFCAPR_MASK			0xff000000U
#define PCI_AF_LENGTH			0x00ff0000
#define PCI_AF_TP_CAP			0x01000000
#define PCI_AF_FLR_CAP			0x02000000
#define PCI_AFCSR			0x04
#define PCI_AFCR_INITIATE_FLR		0x01
#define PCI_AFSR_TP			0x0100

/* Expansion ROM */
#define PCI_ROM_HEADER_MAGIC		0xaa55
#define PCI_ROM_SIGNATURE		0x52494350
#define PCI_ROM_CODE_TYPE_X86		0x00
#define PCI_ROM_CODE_TYPE_OFW		0x01
#define PCI_ROM_CODE_TYPE_HPPA		0x02
#define PCI_ROM_CODE_TYPE_EFI		0x03
#define PCI_ROM_INDICATOR_LAST		0x80

#endif /* !_NETBSD_DEV_PCI_PCIREG_H_ */
