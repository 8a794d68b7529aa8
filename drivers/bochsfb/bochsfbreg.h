/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of the Bochs display interface ("dispi") as QEMU has it in its
 * devices bochs-display and VGA (QEMU: docs/specs/standard-vga).
 *
 * BAR 0 is the video memory; BAR 2, if it is there, holds the EDID and every
 * register.  Without it the interface is at two ports of its own, and the VGA's
 * registers are at the usual ones.
 */
#ifndef _DEV_PCI_BOCHSFBREG_H_
#define _DEV_PCI_BOCHSFBREG_H_

#define BOCHSFB_VENDOR	0x1234
#define BOCHSFB_PRODUCT 0x1111

#define BOCHSFB_BAR_MEM PCI_BAR(0)
#define BOCHSFB_BAR_REG PCI_BAR(2)

/* BAR 2: where things are */
#define BOCHSFB_MMIO_EDID      0x000
#define BOCHSFB_MMIO_EDID_SIZE 0x400
#define BOCHSFB_MMIO_VGA       0x400 /* ports 0x3c0 to 0x3df */
#define BOCHSFB_MMIO_DISPI     0x500 /* 16 bits each, by index */
#define BOCHSFB_MMIO_SIZE      0x600

/* the same as ports */
#define BOCHSFB_PORT_VGA	0x3c0
#define BOCHSFB_PORT_VGA_SIZE	0x20
#define BOCHSFB_PORT_DISPI	0x1ce
#define BOCHSFB_PORT_DISPI_SIZE 4
#define BOCHSFB_PORT_INDEX	0 /* of 16 bits, both */
#define BOCHSFB_PORT_DATA	1

/* dispi registers, by index */
#define DISPI_ID	 0
#define DISPI_ID_MAGIC	 __BITS(15, 4)
#define DISPI_MAGIC	 0xb0c
#define DISPI_ID_VERSION __BITS(3, 0)
#define DISPI_XRES	 1 /* pixels */
#define DISPI_YRES	 2
#define DISPI_BPP	 3 /* 8, 15, 16, 24, 32 */
#define DISPI_ENABLE	 4
#define DISPI_ENABLED	 __BIT(0)
#define DISPI_8BIT_DAC	 __BIT(5) /* colours of 8, not 6, bits */
#define DISPI_LFB	 __BIT(6) /* all memory, through BAR 0 */
#define DISPI_NOCLEAR	 __BIT(7) /* keep what is in memory */
#define DISPI_BANK	 5
#define DISPI_VIRT_WIDTH 6 /* pixels from one line to the next */
#define DISPI_X_OFFSET	 8
#define DISPI_Y_OFFSET	 9
#define DISPI_MEMORY	 10 /* in units of 64 KiB */

/* VGA registers, from port 0x3c0 */
#define VGA_ATTR	 0x00
#define VGA_ATTR_DISPLAY __BIT(5) /* the palette belongs to the display */
#define VGA_DAC_WRITE	 0x08
#define VGA_DAC_DATA	 0x09
#define VGA_STATUS1	 0x1a /* a read makes VGA_ATTR take an index */

/* What either device can show. */
#define BOCHSFB_MIN_SIDE 64

#endif /* !_DEV_PCI_BOCHSFBREG_H_ */
