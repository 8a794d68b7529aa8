/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI-PCI bridges (PCI-to-PCI Bridge Architecture Specification 1.2, chapter
 * 3): registers of the type 1 header, and how a bridge permutes interrupt pins.
 */
#ifndef _NETBSD_DEV_PCI_PPBREG_H_
#define _NETBSD_DEV_PCI_PPBREG_H_

#define PPB_REG_BASE0		0x10
#define PPB_REG_BASE1		0x14
#define PPB_REG_BUSINFO		0x18	/* bus numbers, secondary latency timer */
#define PPB_REG_IOSTATUS	0x1c	/* I/O window, secondary status */
#define PPB_REG_MEM		0x20	/* memory window */
#define PPB_REG_PREFMEM		0x24	/* prefetchable window */
#define PPB_REG_PREFBASE_HI32	0x28
#define PPB_REG_PREFLIM_HI32	0x2c
#define PPB_REG_IO_HI		0x30
#define PPB_REG_BRIDGECONTROL	0x3c	/* upper half */

#define PPB_BUSINFO_PRIMARY(reg)	((reg) & 0xff)
#define PPB_BUSINFO_SECONDARY(reg)	(((reg) >> 8) & 0xff)
#define PPB_BUSINFO_SUBORDINATE(reg)	(((reg) >> 16) & 0xff)
#define PPB_BUSINFO_SECLAT(reg)		(((reg) >> 24) & 0xff)

/* Pin (1 = A) of a device on the secondary bus, as seen on the primary one. */
#define PPB_INTERRUPT_SWIZZLE(pin, device)	(((pin) + (device) - 1) % 4 + 1)

#define PPB_IOBASE_SHIFT	0
#define PPB_IOLIMIT_SHIFT	8
#define PPB_IO_MASK		0xf000
#define PPB_IO_MIN		0x1000
#define PPB_MEMBASE_SHIFT	0
#define PPB_MEMLIMIT_SHIFT	16
#define PPB_MEM_SHIFT		16
#define PPB_MEM_MASK		0xfff00000U
#define PPB_MEM_MIN		0x00100000U

#define PPB_BC_BITBASE			   16
#define PPB_BC_PARITYERRORRESPONSE_ENABLE  0x00010000U
#define PPB_BC_SERR_ENABLE		   0x00020000U
#define PPB_BC_ISA_ENABLE		   0x00040000U
#define PPB_BC_VGA_ENABLE		   0x00080000U
#define PPB_BC_MASTER_ABORT_MODE	   0x00200000U
#define PPB_BC_SECONDARY_RESET		   0x00400000U
#define PPB_BC_FAST_B2B_ENABLE		   0x00800000U
#define PPB_BC_PRIMARY_DISCARD_TIMEOUT	   0x01000000U
#define PPB_BC_SECONDARY_DISCARD_TIMEOUT   0x02000000U
#define PPB_BC_DISCARD_TIMER_STATUS	   0x04000000U
#define PPB_BC_DISCARD_TIMER_SERR_ENABLE   0x08000000U

#endif /* !_NETBSD_DEV_PCI_PPBREG_H_ */
