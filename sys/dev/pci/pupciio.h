/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests to /dev/pupciN: one PCI function, handed to a process.  See
 * pupci(4), which has every error.
 */
#ifndef _DEV_PCI_PUPCIIO_H_
#define _DEV_PCI_PUPCIIO_H_

#include <sys/types.h>
#include <sys/ioccom.h>

#define PUPCI_IO_VERSION	1

/*
 * What the function is and what it has.  Read-only descriptors may ask.
 */
struct pupci_bar {
	uint64_t	address;	/* on the bus; 0: none assigned */
	uint64_t	size;		/* bytes; 0: no such BAR */
	uint64_t	mmap_offset;	/* of its first byte, for mmap(2) */
	uint32_t	flags;		/* PUPCI_BAR_* */
	uint32_t	reserved;
};
#define PUPCI_BAR_IO		0x01	/* ports */
#define PUPCI_BAR_64BIT		0x02	/* the next BAR is its upper half */
#define PUPCI_BAR_PREFETCH	0x04	/* mmap(2) combines writes */
#define PUPCI_BAR_MMAP		0x08	/* whole pages, of this function alone; of
					 * ports those that hold it: mmap(2)
					 * from mmap_offset rounded down */

#define PUPCI_NBARS		7	/* the last is the expansion ROM */
#define PUPCI_BAR_ROM		6

struct pupci_info {
	uint32_t	version;	/* PUPCI_IO_VERSION */
	uint32_t	segment;
	uint32_t	bus;
	uint32_t	device;
	uint32_t	function;
	uint32_t	config_size;	/* bytes: 256 or 4096 */
	uint32_t	intx;		/* vectors of each type; 0: none */
	uint32_t	msi;
	uint32_t	msix;
	uint32_t	flags;		/* PUPCI_INFO_* */
	struct pupci_bar bar[PUPCI_NBARS];
};
#define PUPCI_INFO_INTX_MASK	0x01	/* INTx needs no program */
#define PUPCI_INFO_RESET_FLR	0x02	/* how it is reset: best first */
#define PUPCI_INFO_RESET_AF	0x04
#define PUPCI_INFO_RESET_POWER	0x08
#define PUPCI_INFO_PRIVILEGED	0x10	/* this open may use BARs and DMA */
#define PUPCI_IOC_INFO		_IOR('u', 0, struct pupci_info)

/*
 * Configuration space: 1, 2 or 4 bytes, aligned.  Writes to what belongs to the
 * kernel (BARs, message addresses, ...) do not reach the function.
 */
struct pupci_config {
	uint32_t	offset;
	uint32_t	width;
	uint32_t	value;		/* READ: out; WRITE: in */
};
#define PUPCI_IOC_CONFIG_READ	_IOWR('u', 1, struct pupci_config)
#define PUPCI_IOC_CONFIG_WRITE	_IOW('u', 2, struct pupci_config)

/*
 * One access to a BAR, memory or ports; what mmap(2) cannot give.
 */
struct pupci_access {
	uint32_t	bar;
	uint32_t	width;		/* 1, 2, 4, 8 (memory only); aligned */
	uint64_t	offset;
	uint64_t	value;		/* READ: out; WRITE: in */
};
#define PUPCI_IOC_READ		_IOWR('u', 3, struct pupci_access)
#define PUPCI_IOC_WRITE		_IOW('u', 4, struct pupci_access)

/*
 * Many accesses in one call, between a BAR and `count' items of `width' bytes
 * at `data'.
 */
struct pupci_block {
	uint32_t	bar;
	uint32_t	width;
	uint64_t	offset;
	uint32_t	flags;		/* PUPCI_BLOCK_* */
	uint32_t	count;		/* at most PUPCI_BLOCK_MAX / width */
	uint64_t	data;		/* address in the caller */
};
#define PUPCI_BLOCK_WRITE	0x01	/* to the function, else from it */
#define PUPCI_BLOCK_FIFO	0x02	/* all at one offset */
#define PUPCI_BLOCK_MAX		65536	/* bytes */
#define PUPCI_IOC_BLOCK		_IOW('u', 5, struct pupci_block)

/* Resets the function; its BARs stay.  Needs no interrupt to be established. */
#define PUPCI_IOC_RESET		_IO('u', 6)

/*
 * Memory that the function reaches, physically in one piece.  It is mapped by
 * mmap(2) at mmap_offset, and belongs to the descriptor until it is released.
 */
struct pupci_dma_alloc {
	uint64_t	size;		/* in: bytes; out: whole pages */
	uint64_t	alignment;	/* power of two; 0: a page */
	uint64_t	boundary;	/* power of two not to be crossed; 0: none */
	uint64_t	lowest;		/* first bus address allowed */
	uint64_t	highest;	/* last one */
	uint64_t	address;	/* out: on the bus */
	uint64_t	mmap_offset;	/* out */
	uint32_t	id;		/* out: for SYNC and RELEASE */
	uint32_t	reserved;
};
#define PUPCI_IOC_DMA_ALLOC	_IOWR('u', 7, struct pupci_dma_alloc)

/*
 * Memory of the caller, wired and loaded until it is released.
 */
struct pupci_segment {
	uint64_t	address;	/* on the bus */
	uint64_t	length;
};
struct pupci_dma_pin {
	uint64_t	data;		/* address in the caller */
	uint64_t	size;
	uint64_t	boundary;	/* power of two no segment crosses; 0: none */
	uint64_t	lowest;
	uint64_t	highest;
	uint64_t	segments;	/* address of an array in the caller */
	uint32_t	nsegments;	/* in: room; out: used */
	uint32_t	flags;		/* PUPCI_PIN_* */
	uint32_t	id;		/* out */
	uint32_t	reserved;
};
#define PUPCI_PIN_READ		0x01	/* the function reads it */
#define PUPCI_PIN_WRITE		0x02	/* the function writes it */
#define PUPCI_IOC_DMA_PIN	_IOWR('u', 8, struct pupci_dma_pin)

/* As bus_dmamap_sync(9): before and after the function's accesses. */
struct pupci_dma_sync {
	uint32_t	id;
	uint32_t	ops;		/* PUPCI_SYNC_* */
	uint64_t	offset;
	uint64_t	length;
};
#define PUPCI_SYNC_PREREAD	0x01
#define PUPCI_SYNC_POSTREAD	0x02
#define PUPCI_SYNC_PREWRITE	0x04
#define PUPCI_SYNC_POSTWRITE	0x08
#define PUPCI_IOC_DMA_SYNC	_IOW('u', 9, struct pupci_dma_sync)

/* Unmaps, unwires, frees: what was allocated or pinned. */
#define PUPCI_IOC_DMA_RELEASE	_IOW('u', 10, uint32_t)

/*
 * Interrupts.  ALLOC takes `count' vectors of one type, RELEASE gives them back.
 * ESTABLISH makes a descriptor for one of them, initially masked: it becomes
 * readable, for poll(2) and for kevent(2)'s EVFILT_READ (data: how many), and
 * read(2) takes the number of interrupts since the last read, a uint32_t, and
 * clears it.  Closing it masks the interrupt for good.
 */
struct pupci_intr_alloc {
	uint32_t	type;		/* PUPCI_INTR_* */
	uint32_t	count;
};
#define PUPCI_INTR_INTX		0
#define PUPCI_INTR_MSI		1
#define PUPCI_INTR_MSIX		2
#define PUPCI_IOC_INTR_ALLOC	_IOW('u', 11, struct pupci_intr_alloc)
#define PUPCI_IOC_INTR_RELEASE	_IO('u', 12)

/*
 * A step of a program that quiets a function which cannot mask INTx by itself.
 * There are four values, v[0] to v[3], zero at first, kept from the handler's
 * program to the acknowledgement's.
 */
struct pupci_step {
	uint8_t		op;		/* PUPCI_STEP_* */
	uint8_t		bar;
	uint8_t		width;		/* 1, 2, 4 */
	uint8_t		v;		/* 0..3 */
	uint32_t	offset;
	uint32_t	mask;
	uint32_t	value;
};
#define PUPCI_STEP_END		0
#define PUPCI_STEP_READ		1	/* v = register */
#define PUPCI_STEP_TEST		2	/* (v & mask) == 0: not ours; ends */
#define PUPCI_STEP_WRITE	3	/* register = (v & mask) | value */

#define PUPCI_NSTEPS		8
struct pupci_intr_establish {
	uint32_t	vector;		/* below the count of ALLOC */
	int32_t		fd;		/* out */
	/* For INTx: all END where PUPCI_INFO_INTX_MASK says so. */
	struct pupci_step handler[PUPCI_NSTEPS];
	struct pupci_step acknowledge[PUPCI_NSTEPS];
};
#define PUPCI_IOC_INTR_ESTABLISH	\
	_IOWR('u', 13, struct pupci_intr_establish)

/* To the descriptor that ESTABLISH made. */
#define PUPCI_IOC_INTR_ACKNOWLEDGE	_IO('u', 14)	/* INTx: unmasks the line */
#define PUPCI_IOC_INTR_MASK		_IO('u', 15)
#define PUPCI_IOC_INTR_UNMASK		_IO('u', 16)

#endif /* !_DEV_PCI_PUPCIIO_H_ */
