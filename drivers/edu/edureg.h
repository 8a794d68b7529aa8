/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of QEMU's educational device (QEMU: docs/specs/edu).
 *
 * All in BAR 0, 1 MiB of memory.  Below EDU_DMA_SRC accesses are 4 bytes wide,
 * from there on 4 or 8.
 */
#ifndef _DEV_PCI_EDUREG_H_
#define _DEV_PCI_EDUREG_H_

#define EDU_VENDOR  0x1234
#define EDU_PRODUCT 0x11e8

#define EDU_BAR PCI_BAR(0)

#define EDU_ID	     0x00 /* read: major, minor, 0xed */
#define EDU_ID_MAGIC __BITS(15, 0)
#define EDU_ID_MINOR __BITS(23, 16)
#define EDU_ID_MAJOR __BITS(31, 24)
#define EDU_MAGIC    0x00ed

#define EDU_LIVENESS  0x04 /* reads back inverted */
#define EDU_FACTORIAL 0x08 /* write n, read n! mod 2^32 */

#define EDU_STATUS	     0x20
#define EDU_STATUS_COMPUTING __BIT(0)
#define EDU_STATUS_IRQ	     __BIT(7) /* interrupt when computed */

#define EDU_INTR_STATUS	   0x24 /* read: what interrupts */
#define EDU_INTR_RAISE	   0x60 /* write: set bits of it */
#define EDU_INTR_ACK	   0x64 /* write: clear bits of it */
#define EDU_INTR_FACTORIAL __BIT(0)
#define EDU_INTR_DMA	   __BIT(8)

#define EDU_DMA_SRC		0x80 /* bus address, or device address */
#define EDU_DMA_DST		0x88
#define EDU_DMA_COUNT		0x90 /* bytes */
#define EDU_DMA_CMD		0x98
#define EDU_DMA_CMD_START	__BIT(0)
#define EDU_DMA_CMD_FROM_DEVICE __BIT(1)
#define EDU_DMA_CMD_IRQ		__BIT(2)

/*
 * The device's own buffer, in its address space for DMA: 4096 bytes.  QEMU
 * before 8.2.1 aborts at a transfer that includes the last one, so it is left
 * alone.
 */
#define EDU_BUFFER	0x40000
#define EDU_BUFFER_SIZE 4095

/* It masks bus addresses with 28 bits unless told otherwise (dma_mask). */
#define EDU_DMA_MASK 0x0fffffff

#endif /* !_DEV_PCI_EDUREG_H_ */
