/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Autoconfiguration: autoconf(9), driver(9), deviter(9), device_lookup(9).
 *
 * Unless a declaration says otherwise: thread context, may sleep; a driver's
 * match, attach, detach, rescan and childdetached run under the kernel lock.
 */
#ifndef _NETBSD_SYS_DEVICE_H_
#define _NETBSD_SYS_DEVICE_H_

#include "cdefs.h"
#include "types.h"
#include "device_if.h"
#include "pmf.h"
#include "../prop/proplib.h"

typedef enum devclass {
	DV_DULL,
	DV_CPU,
	DV_DISK,
	DV_IFNET,
	DV_TAPE,
	DV_TTY,
	DV_AUDIODEV,
	DV_DISPLAYDEV,
	DV_BUS,
	DV_VIRTUAL
} devclass_t;

typedef enum devact {
	DVACT_DEACTIVATE
} devact_t;

typedef enum {
	DVA_SYSTEM,
	DVA_HARDWARE
} devactive_t;

struct cfdriver;
struct cfattach;
typedef struct cfdata *cfdata_t;
typedef struct cfdriver *cfdriver_t;
typedef struct cfattach *cfattach_t;

#define DVUNIT_ANY	(-1)

/* A locator of an interface attribute, as config(5) declares it. */
struct cflocdesc {
	const char	*cld_name;
	const char	*cld_defaultstr;	/* null: no default */
	int		cld_default;
};

/* An interface attribute: what children of a device may ask to attach at. */
struct cfiattrdata {
	const char	*ci_name;
	int		ci_loclen;
	const struct cflocdesc ci_locdesc[];
};

/* "at pci?", "at pci0": the parent that a cfdata entry asks for. */
struct cfparent {
	const char	*cfp_iattr;
	const char	*cfp_parent;	/* driver name, or null for any */
	int		cfp_unit;	/* or DVUNIT_ANY */
};

/* One line of a kernel configuration file: "edu* at pci? dev ? function ?". */
struct cfdata {
	const char	*cf_name;	/* driver */
	const char	*cf_atname;	/* attachment */
	short		cf_unit;	/* with FSTATE_STAR: the lowest to use */
	short		cf_fstate;
	int		*cf_loc;
	int		cf_flags;
	const struct cfparent *cf_pspec;	/* null: attaches at root */
};
#define FSTATE_NOTFOUND		0
#define FSTATE_FOUND		1
#define FSTATE_STAR		2
#define FSTATE_DSTAR		3
#define FSTATE_DNOTFOUND	4

typedef int (*cfsubmatch_t)(device_t, cfdata_t, const int *, void *);
typedef int (*cfsearch_t)(device_t, cfdata_t, const int *, void *);

/*
 * Prints the bus's part of an attach message ("dev 3 function 0").  The second
 * argument is null when a driver was found, else the parent's name.
 */
typedef int (*cfprint_t)(void *, const char *);
#define QUIET	0
#define UNCONF	1
#define UNSUPP	2

struct cfattach {
	const char	*ca_name;
	struct {
		struct cfattach *le_next, **le_prev;
	}		ca_list;
	size_t		ca_devsize;
	int		ca_flags;
	int		(*ca_match)(device_t, cfdata_t, void *);
	void		(*ca_attach)(device_t, device_t, void *);
	int		(*ca_detach)(device_t, int);
	int		(*ca_activate)(device_t, devact_t);
	int		(*ca_rescan)(device_t, const char *, const int *);
	void		(*ca_childdetached)(device_t, device_t);
};
#define DVF_ACTIVE		0x0001
#define DVF_PRIV_ALLOC		0x0002
#define DVF_DETACH_SHUTDOWN	0x0080	/* detach may be asked for at shutdown */

/*
 * Attachments also stand in the linker set `cfattach', by which the loader
 * finds those that the configuration does not mention.
 */
#define CFATTACH_DECL3_NEW(name, ddsize, matfn, attfn, detfn, actfn,	\
	rescanfn, chdetfn, flags)					\
struct cfattach __CONCAT(name,_ca) = {					\
	.ca_name = ___STRING(name),					\
	.ca_devsize = (ddsize),						\
	.ca_flags = (flags) | DVF_PRIV_ALLOC,				\
	.ca_match = (matfn),						\
	.ca_attach = (attfn),						\
	.ca_detach = (detfn),						\
	.ca_activate = (actfn),						\
	.ca_rescan = (rescanfn),					\
	.ca_childdetached = (chdetfn),					\
};									\
__cfattach_set_entry(__CONCAT(name,_ca))
#define __cfattach_set_entry(sym)	__link_set_add_data(cfattach, sym)

#define CFATTACH_DECL2_NEW(name, ddsize, matfn, attfn, detfn, actfn,	\
	rescanfn, chdetfn)						\
	CFATTACH_DECL3_NEW(name, ddsize, matfn, attfn, detfn, actfn,	\
	    rescanfn, chdetfn, 0)
#define CFATTACH_DECL_NEW(name, ddsize, matfn, attfn, detfn, actfn)	\
	CFATTACH_DECL2_NEW(name, ddsize, matfn, attfn, detfn, actfn,	\
	    NULL, NULL)

/* Flags of config_detach() and of a driver's detach function. */
#define DETACH_FORCE	0x01	/* the hardware is gone: must succeed */
#define DETACH_QUIET	0x02	/* print nothing */
#define DETACH_SHUTDOWN	0x04	/* the system goes down */
#define DETACH_POWEROFF	0x08	/* and power with it */

struct cfdriver {
	struct {
		struct cfdriver *le_next, **le_prev;
	}		cd_list;
	struct {
		struct cfattach *lh_first;
	}		cd_attach;
	device_t	*cd_devs;	/* by unit; null where there is none */
	const char	*cd_name;
	enum devclass	cd_class;
	int		cd_ndevs;	/* of cd_devs */
	const struct cfiattrdata * const *cd_attrs;	/* ends with null */
};
#define CFDRIVER_DECL(name, class, attrs)				\
struct cfdriver __CONCAT(name,_cd) = {					\
	.cd_name = ___STRING(name),					\
	.cd_class = (class),						\
	.cd_attrs = (attrs),						\
}

struct cfattachinit {
	const char	*cfai_name;	/* driver */
	struct cfattach * const *cfai_list;	/* ends with null */
};

struct pdevinit {
	void	(*pdev_attach)(int);
	int	pdev_count;
};

/*
 * Optional arguments of config_found() and its kin:
 *	config_found(self, &aa, print, CFARGS(.iattr = "pci", .locators = locs));
 */
struct cfargs {
	uintptr_t	cfargs_version;
	cfsubmatch_t	submatch;	/* instead of the attachment's match */
	cfsearch_t	search;		/* called for each candidate */
	const char	*iattr;		/* needed when the parent has several */
	const int	*locators;	/* as many as the attribute has */
};
#define CFARGS_VERSION	1
#define CFARGS_NONE	((const struct cfargs *)0)
#ifdef __cplusplus
static inline const struct cfargs *
__cfargs(const struct cfargs &args)
{

	return &args;
}
#define CFARGS(...)	__cfargs(cfargs{ .cfargs_version = CFARGS_VERSION, __VA_ARGS__ })
#else
#define CFARGS(...)	\
	(&((const struct cfargs){ .cfargs_version = CFARGS_VERSION, __VA_ARGS__ }))
#endif

/* Match data for device trees and ACPI, and tables that PCI drivers borrow. */
struct device_compatible_entry {
	union {
		const char	*compat;
		uintptr_t	id;
	};
	union {
		const void	*data;
		uintptr_t	value;
	};
};
#define DEVICE_COMPAT_EOL	{ .compat = NULL }

/* Iteration over all devices, deviter(9). */
typedef enum deviter_flags {
	DEVITER_F_RW =			0x1,
	DEVITER_F_SHUTDOWN =		0x2,
	DEVITER_F_LEAVES_FIRST =	0x4,
	DEVITER_F_ROOT_FIRST =		0x8
} deviter_flags_t;
typedef struct deviter {
	void		*di_opaque;
	deviter_flags_t	di_flags;
} deviter_t;

__BEGIN_DECLS
/*
 * The device that the system came from, for drivers that ask; always null.
 */
extern device_t booted_device;
extern int booted_partition;

/*
 * Looks for the best match among the cfdata entries that may attach at
 * `parent': the highest result of submatch or match, the earlier entry among
 * equals.  With .search, calls it for each instead and returns null unless it
 * answers nonzero.  Null if there is none.  With several interface attributes
 * .iattr is required; without it all are tried.
 */
cfdata_t	config_search(device_t parent, void *aux, const struct cfargs *);
cfdata_t	config_search_loc(cfsubmatch_t, device_t parent, const char *iattr,
		    const int *locators, void *aux);
cfdata_t	config_search_ia(cfsubmatch_t, device_t parent, const char *iattr,
		    void *aux);
cfdata_t	config_rootsearch(cfsubmatch_t, const char *name, void *aux);

/*
 * Searches, then attaches or prints "... not configured".  The device, or null.
 * Takes three arguments as up to NetBSD 9 or four with CFARGS.
 */
device_t	config_found_args(device_t parent, void *aux, cfprint_t,
		    const struct cfargs *);
device_t	config_found_acquire(device_t parent, void *aux, cfprint_t,
		    const struct cfargs *);
device_t	config_found_sm_loc(device_t parent, const char *iattr,
		    const int *locators, void *aux, cfprint_t, cfsubmatch_t);
device_t	config_found_ia(device_t parent, const char *iattr, void *aux,
		    cfprint_t);
device_t	config_rootfound(const char *name, void *aux);

/*
 * Attaches what `cf' names, whatever its match function would say.  Null when
 * it is found already (a wired unit) or memory runs out.
 */
device_t	config_attach_args(device_t parent, cfdata_t, void *aux, cfprint_t,
		    const struct cfargs *);
device_t	config_attach_acquire(device_t parent, cfdata_t, void *aux,
		    cfprint_t, const struct cfargs *);
device_t	config_attach_loc(device_t parent, cfdata_t, const int *locators,
		    void *aux, cfprint_t);
device_t	config_attach_pseudo(cfdata_t);
device_t	config_attach_pseudo_acquire(cfdata_t, void *aux);

/* What the attachment's match function answers: 0, or a priority. */
int	config_match(device_t parent, cfdata_t, void *aux);
/* The same without a commitment, for .search functions that only ask. */
int	config_probe(device_t parent, cfdata_t, void *aux);
/* config_match() if every locator of `cf' is open or equal to the given one. */
int	config_stdsubmatch(device_t parent, cfdata_t, const int *, void *aux);

/*
 * Detaches a device that has no children (its detach function sees to them:
 * config_detach_children).  EOPNOTSUPP without a detach function, else what
 * that returned; with DETACH_FORCE a refusal panics.  Waits for
 * device_release() of all who hold it, and for a detach under way elsewhere.
 */
int	config_detach(device_t, int flags);
int	config_detach_release(device_t, int flags);
/* Newest first; stops at the first that refuses and returns its error. */
int	config_detach_children(device_t parent, int flags);
bool	config_detach_all(int flags);
/* From a detach function: from here on it will not fail. */
void	config_detach_commit(device_t);
/* DVACT_DEACTIVATE for a device and all below it: the hardware has gone. */
int	config_deactivate(device_t);

/*
 * `func' runs: config_defer: when all of the parent's attach is done;
 * config_interrupts: when interrupts work; config_mountroot: when the system is
 * up; each at once when that is so already.  A device may defer once to each.
 */
void	config_defer(device_t, void (*func)(device_t));
void	config_interrupts(device_t, void (*func)(device_t));
void	config_mountroot(device_t, void (*func)(device_t));
/* Called over and over, all of them, until none returns nonzero. */
int	config_finalize_register(device_t, int (*func)(device_t));
/* The system is not up until as many decr as incr were called. */
void	config_pending_incr(device_t);
void	config_pending_decr(device_t);

/* Tables of drivers; EEXIST, ESRCH and EBUSY as autoconf(9) has them. */
int	config_init_component(struct cfdriver * const *,
	    const struct cfattachinit *, struct cfdata *);
int	config_fini_component(struct cfdriver * const *,
	    const struct cfattachinit *, struct cfdata *);
int	config_cfdriver_attach(struct cfdriver *);
int	config_cfdriver_detach(struct cfdriver *);
int	config_cfattach_attach(const char *driver, struct cfattach *);
int	config_cfattach_detach(const char *driver, struct cfattach *);
int	config_cfdata_attach(cfdata_t, int scannow);
int	config_cfdata_detach(cfdata_t);
struct cfdriver	*config_cfdriver_lookup(const char *);
struct cfattach	*config_cfattach_lookup(const char *driver, const char *);
const struct cfiattrdata *cfiattr_lookup(const char *, const struct cfdriver *);
/* The attribute by which an entry attaches; null for a root entry. */
const char	*cfdata_ifattr(const struct cfdata *);
/* Whether `iattr' (null: any) means the attribute `want'. */
bool	ifattr_match(const char *iattr, const char *want);
void	null_childdetached(device_t, device_t);

/*
 * By unit number; null if there is none.  device_lookup_acquire() waits for
 * an attach or detach under way, and keeps the device from being detached
 * until device_release().
 */
device_t	device_lookup(cfdriver_t, int unit);
void		*device_lookup_private(cfdriver_t, int unit);
device_t	device_lookup_acquire(cfdriver_t, int unit);
void		device_acquire(device_t);
void		device_release(device_t);
device_t	device_find_by_xname(const char *);
device_t	device_find_by_driver_unit(const char *driver, int unit);
device_t	device_find_by_driver_unit_acquire(const char *, int unit);

/* Any context. */
devclass_t	device_class(device_t);
cfdata_t	device_cfdata(device_t);
cfdriver_t	device_cfdriver(device_t);
cfattach_t	device_cfattach(device_t);
int		device_unit(device_t);
const char	*device_xname(device_t);
device_t	device_parent(device_t);
void		*device_private(device_t);
void		device_set_private(device_t, void *);
int		device_locator(device_t, u_int);
bool		device_is_a(device_t, const char *driver);
bool		device_attached_to_iattr(device_t, const char *);
bool		device_is_active(device_t);
bool		device_activation(device_t, devact_level_t);
bool		device_is_enabled(device_t);
bool		device_has_power(device_t);
bool		device_is_attached(device_t);
/* The device's own dictionary, never null, not retained for the caller. */
prop_dictionary_t device_properties(device_t);

/* Handlers that hear of activity, e.g. to lengthen a sleep timer. */
bool		device_active(device_t, devactive_t);
bool		device_active_register(device_t,
		    void (*)(device_t, devactive_t));
void		device_active_deregister(device_t,
		    void (*)(device_t, devactive_t));

/* 1 + how far from the end of the list, 0 without a match. */
int	device_compatible_match(const char **, int,
	    const struct device_compatible_entry *);
int	device_compatible_match_strlist(const char *, size_t,
	    const struct device_compatible_entry *);
int	device_compatible_match_id(uintptr_t, uintptr_t,
	    const struct device_compatible_entry *);
const struct device_compatible_entry *device_compatible_lookup(const char **,
	    int, const struct device_compatible_entry *);
const struct device_compatible_entry *device_compatible_lookup_strlist(
	    const char *, size_t, const struct device_compatible_entry *);
const struct device_compatible_entry *device_compatible_lookup_id(uintptr_t,
	    uintptr_t, const struct device_compatible_entry *);

void		deviter_init(deviter_t *, deviter_flags_t);
device_t	deviter_first(deviter_t *, deviter_flags_t);
device_t	deviter_next(deviter_t *);
void		deviter_release(deviter_t *);
__END_DECLS

/* Both call forms; see config_found_args() and config_attach_args(). */
#define __config_5th(a, b, c, d, e, ...)	e
#define __config_6th(a, b, c, d, e, f, ...)	f
#define __config_found_3(p, a, f)	config_found_args((p), (a), (f), CFARGS_NONE)
#define __config_found_4(p, a, f, c)	config_found_args((p), (a), (f), (c))
#define config_found(...)	\
	__config_5th(__VA_ARGS__, __config_found_4, __config_found_3, )(__VA_ARGS__)
#define __config_attach_4(p, d, a, f)	\
	config_attach_args((p), (d), (a), (f), CFARGS_NONE)
#define __config_attach_5(p, d, a, f, c)	\
	config_attach_args((p), (d), (a), (f), (c))
#define config_attach(...)	\
	__config_6th(__VA_ARGS__, __config_attach_5, __config_attach_4, )(__VA_ARGS__)

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "queue.h"
#include "evcnt.h"
#include "mutex.h"
#include "condvar.h"
#endif

#endif /* !_NETBSD_SYS_DEVICE_H_ */
