/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where NetBSD's kernel interfaces differ between 7.99 and 11, in one place.
 */
#ifndef _DEV_PCI_PUPCI_COMPAT_H_
#define _DEV_PCI_PUPCI_COMPAT_H_

#include <sys/param.h>

/* Event filters: from 9.99.76 on they say what they can do without a lock. */
#ifdef FILTEROP_MPSAFE
#define PUPCI_FILTEROPS	.f_flags = FILTEROP_ISFD | FILTEROP_MPSAFE
#else
#define PUPCI_FILTEROPS	.f_isfd = 1
#endif

/* Descriptors: what kevent(2) calls one that it cannot watch. */
#if __NetBSD_Prereq__(9, 0, 0)
#define PUPCI_FILE_NAME	.fo_name = "pupci",
#else
#define PUPCI_FILE_NAME
#endif

/* Until 9.99.77 a driver kept the list of its event notes itself. */
#if !__NetBSD_Prereq__(9, 99, 77)
#define selrecord_knote(sip, kn)	\
	SLIST_INSERT_HEAD(&(sip)->sel_klist, (kn), kn_selnext)
#define selremove_knote(sip, kn)	\
	SLIST_REMOVE(&(sip)->sel_klist, (kn), knote, kn_selnext)
#endif

/* Device switches: from 9.99.95 on they can hold the device while it opens. */
#if __NetBSD_Prereq__(9, 99, 95)
#define PUPCI_DEVSW_HOLD	\
	.d_cfdriver = &pupci_cd, .d_devtounit = dev_minor_unit,
#else
#define PUPCI_DEVSW_HOLD
#endif

/* How a range of bits that a BAR decodes can be taken from its users. */
#ifdef __HAVE_PMAP_PV_TRACK
#define PUPCI_PV_TRACK(pa, size)	pmap_pv_track((pa), (size))
#define PUPCI_PV_UNTRACK(pa, size)	pmap_pv_untrack((pa), (size))
#define PUPCI_PV_REVOKE(pa)		pmap_pv_protect((pa), VM_PROT_NONE)
#else
#define PUPCI_PV_TRACK(pa, size)	__nothing
#define PUPCI_PV_UNTRACK(pa, size)	__nothing
#define PUPCI_PV_REVOKE(pa)		__nothing
#endif

#ifndef __nothing
#define __nothing	((void)0)
#endif

#endif /* !_DEV_PCI_PUPCI_COMPAT_H_ */
