/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Modules, module(9).  A driver is a built-in module: its MODULE() is
 * initialised when the driver has been loaded, in the order of what it
 * requires, and finished when the kernel stops.
 */
#ifndef _NETBSD_SYS_MODULE_H_
#define _NETBSD_SYS_MODULE_H_

#include "cdefs.h"
#include "types.h"
#include "param.h"
#include "../prop/proplib.h"

#define MAXMODNAME	32
#define MAXMODDEPS	10

typedef enum modclass {
	MODULE_CLASS_ANY,
	MODULE_CLASS_MISC,
	MODULE_CLASS_VFS,
	MODULE_CLASS_DRIVER,
	MODULE_CLASS_EXEC,
	MODULE_CLASS_SECMODEL,
	MODULE_CLASS_BUFQ,
	MODULE_CLASS_MAX
} modclass_t;

typedef enum modcmd {
	MODULE_CMD_INIT,	/* the data is a property dictionary or null */
	MODULE_CMD_FINI,
	MODULE_CMD_STAT,
	MODULE_CMD_AUTOUNLOAD
} modcmd_t;

struct modinfo {
	unsigned int	mi_version;
	modclass_t	mi_class;
	int		(*mi_modcmd)(modcmd_t, void *);
	const char	*mi_name;
	const char	*mi_required;	/* names with commas between, or null */
};
typedef const struct modinfo modinfo_t;

#define MODULE(class, name, required)					\
static int __CONCAT(name,_modcmd)(modcmd_t, void *);			\
static const struct modinfo __CONCAT(name,_modinfo) = {			\
	.mi_version = __NetBSD_Version__,				\
	.mi_class = (class),						\
	.mi_modcmd = __CONCAT(name,_modcmd),				\
	.mi_name = ___STRING(name),					\
	.mi_required = (required),					\
};									\
__modinfo_set_entry(__CONCAT(name,_modinfo))
#define __modinfo_set_entry(sym)	__link_set_add_rodata(modules, sym)

__BEGIN_DECLS
/*
 * Loading by name finds modules that are here already: 0 for those, ENOENT
 * for others.  Holding keeps a module from being finished: EBUSY.
 */
int	module_load(const char *, int flags, prop_dictionary_t, modclass_t);
int	module_autoload(const char *, modclass_t);
int	module_hold(const char *);
void	module_rele(const char *);
__END_DECLS

#endif /* !_NETBSD_SYS_MODULE_H_ */
