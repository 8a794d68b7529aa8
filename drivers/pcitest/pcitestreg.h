/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers of QEMU's pci-testdev (QEMU: docs/specs/pci-testdev).
 *
 * BAR 0 is memory, BAR 1 is I/O ports, both with the same header at their
 * start; BAR 2, if there, is a 64-bit memory BAR with nothing behind it.  A
 * test is chosen by its number; the header then tells where and what to write,
 * and counts the writes that hit.
 */
#ifndef _DEV_PCI_PCITESTREG_H_
#define _DEV_PCI_PCITESTREG_H_

#define PCITEST_VENDOR	0x1b36
#define PCITEST_PRODUCT 0x0005

#define PCITEST_BAR_MEM PCI_BAR(0)
#define PCITEST_BAR_IO	PCI_BAR(1)
#define PCITEST_BAR_BIG PCI_BAR(2)

#define PCITEST_TEST	 0x00 /* write, 1 byte: choose a test */
#define PCITEST_WIDTH	 0x01 /* read, 1 byte: width of its writes */
#define PCITEST_OFFSET	 0x04 /* read, 4 bytes: where to write */
#define PCITEST_DATA	 0x08 /* read, 1 byte: what to write */
#define PCITEST_COUNT	 0x0c /* read, 4 bytes: writes that hit */
#define PCITEST_NAME	 0x10 /* read: name, ends with a NUL */
#define PCITEST_NAME_MAX 32

#define PCITEST_PLAIN 0 /* the test that counts every write */

#endif /* !_DEV_PCI_PCITESTREG_H_ */
