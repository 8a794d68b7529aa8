/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a program can ask of edu(4).
 *
 * read(2) and write(2) move bytes from and to the device's buffer of 4095
 * usable bytes by DMA, at the file offset.
 */
#ifndef _DEV_PCI_EDUIO_H_
#define _DEV_PCI_EDUIO_H_

#include <sys/types.h>
#include <sys/ioccom.h>

struct edu_info {
	uint32_t ei_id;	      /* identification register */
	uint32_t ei_intrs;    /* interrupts taken since attach */
	uint32_t ei_vectored; /* 1: MSI, 0: INTx */
	uint32_t ei_dmas;     /* DMA transfers completed */
};

/* Identification and counts. */
#define EDUIOC_INFO _IOR('E', 0, struct edu_info)
/* In: a value.  Out: what the liveness register made of it. */
#define EDUIOC_LIVENESS _IOWR('E', 1, uint32_t)
/* In: n.  Out: n! modulo 2^32, computed by the device, awaited by interrupt. */
#define EDUIOC_FACTORIAL _IOWR('E', 2, uint32_t)
/*
 * Raise an interrupt with this cause and wait for the handler to have seen it.
 * EINVAL for 0 and for the causes that the device itself uses.
 */
#define EDUIOC_INTERRUPT _IOW('E', 3, uint32_t)

#endif /* !_DEV_PCI_EDUIO_H_ */
