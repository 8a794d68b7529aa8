/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the builder generates for a driver in place of config(1)'s ioconf.c, and
 * what the loader finds in it: one exported object, `pupci_ioconf`. C, so that the
 * generated file and the seam share it.
 */
#ifndef PUPCI_KERN_IOCONF_H
#define PUPCI_KERN_IOCONF_H

#define PUPCI_IOCONF_ABI \
  1 /* counts up with every incompatible change of this or of include/netbsd */

struct cfdriver;
struct cfattachinit;
struct cfdata;
struct modinfo;

struct pupci_ioconf {
  unsigned int abi;                        /* PUPCI_IOCONF_ABI */
  unsigned int size;                       /* sizeof(struct pupci_ioconf) */
  const char* name;                        /* of the shared object: "edu" */
  struct cfdriver* const* cfdrivers;       /* null-terminated */
  const struct cfattachinit* cfattachinit; /* ends with a null name */
  struct cfdata* cfdata;                   /* ends with a null name */
  const struct modinfo* const* modinfo;    /* null-terminated; MODULE() of the sources */
};

#endif
