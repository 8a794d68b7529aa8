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
struct cfattach;
struct cfattachinit;
struct cfdata;
struct evcnt;
struct modinfo;
struct sysctllog;

struct pupci_ioconf {
  unsigned int abi;                        /* PUPCI_IOCONF_ABI */
  unsigned int size;                       /* sizeof(struct pupci_ioconf) */
  const char* name;                        /* of the shared object: "edu" */
  struct cfdriver* const* cfdrivers;       /* null-terminated */
  const struct cfattachinit* cfattachinit; /* ends with a null name */
  struct cfdata* cfdata;                   /* ends with a null name */

  /*
   * The bounds of the linker sets `modules` (MODULE()), `cfattach` (CFATTACH_DECL*_NEW), `evcnts`
   * (EVCNT_ATTACH_STATIC) and `sysctl_funcs` (SYSCTL_SETUP), so that the generator need not know
   * what the sources say:
   *   __link_set_decl(modules, const struct modinfo);
   *   .modules_start = __link_set_start(modules), .modules_end = __link_set_end(modules),
   */
  const struct modinfo* const* modules_start;
  const struct modinfo* const* modules_end;
  struct cfattach* const* attachments_start;
  struct cfattach* const* attachments_end;
  struct evcnt* const* evcnts_start;
  struct evcnt* const* evcnts_end;
  void (*const* sysctl_start)(struct sysctllog**);
  void (*const* sysctl_end)(struct sysctllog**);
};

#endif
