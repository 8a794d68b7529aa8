/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tree of settings and figures that the outside can read and change
 * (sysctl(9)).
 */
#ifndef _NETBSD_SYS_SYSCTL_H_
#define _NETBSD_SYS_SYSCTL_H_

#include "types.h"
#include "param.h"

#define CTL_MAXNAME	12	/* components of a name */
#define SYSCTL_NAMELEN	32	/* of one component, with its final 0 */

/* Types of nodes. */
#define CTLTYPE_NODE	1
#define CTLTYPE_INT	2
#define CTLTYPE_STRING	3
#define CTLTYPE_QUAD	4
#define CTLTYPE_STRUCT	5
#define CTLTYPE_BOOL	6
#if __SIZEOF_LONG__ == 8
#define CTLTYPE_LONG	CTLTYPE_QUAD
#else
#define CTLTYPE_LONG	CTLTYPE_INT
#endif

/* Flags of nodes. */
#define CTLFLAG_READONLY	0x00000000
#define CTLFLAG_READWRITE	0x00000070
#define CTLFLAG_ANYWRITE	0x00000080
#define CTLFLAG_PRIVATE		0x00000100
#define CTLFLAG_PERMANENT	0x00000200	/* stays when its creator goes */
#define CTLFLAG_OWNDATA		0x00000400	/* the node frees its data */
#define CTLFLAG_IMMEDIATE	0x00000800	/* the value is in the node */
#define CTLFLAG_HEX		0x00001000	/* shown in base 16 */
#define CTLFLAG_ROOT		0x00002000
#define CTLFLAG_ANYNUMBER	0x00004000	/* its function handles all below it */
#define CTLFLAG_HIDDEN		0x00008000
#define CTLFLAG_ALIAS		0x00010000
#define CTLFLAG_MMAP		0x00020000
#define CTLFLAG_OWNDESC		0x00040000	/* the node frees its description */
#define CTLFLAG_UNSIGNED	0x00080000

#define SYSCTL_VERS_1		0x01000000
#define SYSCTL_VERSION		SYSCTL_VERS_1
#define SYSCTL_TYPEMASK		0x0000000f
#define SYSCTL_TYPE(x)		((x) & SYSCTL_TYPEMASK)
#define SYSCTL_FLAGMASK		0x00fffff0
#define SYSCTL_FLAGS(x)		((x) & SYSCTL_FLAGMASK)

/* Numbers that are no node's own. */
#define CTL_EOL		(-1)	/* ends a variable list of numbers */
#define CTL_QUERY	(-2)
#define CTL_CREATE	(-3)	/* any number that is free */
#define CTL_CREATESYM	(-4)
#define CTL_DESTROY	(-5)
#define CTL_MMAP	(-6)
#define CTL_DESCRIBE	(-7)

/* The top of the tree. */
#define CTL_UNSPEC	0
#define CTL_KERN	1
#define CTL_VM		2
#define CTL_VFS		3
#define CTL_NET		4
#define CTL_DEBUG	5
#define CTL_HW		6
#define CTL_MACHDEP	7
#define CTL_USER	8
#define CTL_DDB		9
#define CTL_PROC	10
#define CTL_VENDOR	11
#define CTL_EMUL	12
#define CTL_SECURITY	13
#define CTL_MAXID	14

#define KERN_OSTYPE	1
#define KERN_OSRELEASE	2
#define KERN_VERSION	4
#define KERN_HOSTNAME	10
#define HW_MACHINE	1
#define HW_NCPU		3
#define HW_PAGESIZE	7

struct lwp;
struct sysctllog;
struct sysctlnode;

/*
 * A helper function: name below the node (and its length), where to put the
 * old value and how much room there is, the new value and its length, the
 * whole name, who asks, the node.  0 or an error.
 */
#define SYSCTLFN_PROTO	const int *, u_int, void *, size_t *, const void *, size_t, const int *, \
	struct lwp *, const struct sysctlnode *
#define SYSCTLFN_ARGS	const int *name, u_int namelen, void *oldp, size_t *oldlenp, \
	const void *newp, size_t newlen, const int *oname, struct lwp *l, \
	const struct sysctlnode *rnode
#define SYSCTLFN_CALL(node)	name, namelen, oldp, oldlenp, newp, newlen, oname, l, (node)
typedef int (*sysctlfn)(SYSCTLFN_PROTO);

struct sysctlnode {
	uint32_t	sysctl_flags;
	int32_t		sysctl_num;
	char		sysctl_name[SYSCTL_NAMELEN];
	uint32_t	sysctl_ver;
	union {
		struct {
			uint32_t	suc_csize;	/* room for children */
			uint32_t	suc_clen;	/* children */
			struct sysctlnode *suc_child;	/* in order of number */
		} scu_child;
		struct {
			void		*sud_data;
			size_t		sud_offset;
		} scu_data;
		int32_t		scu_alias;
		int32_t		scu_idata;
		uint64_t	scu_qdata;
		bool		scu_bdata;
	} sysctl_un;
	size_t		sysctl_size;	/* of the data, or room for a string */
	sysctlfn	sysctl_func;
	struct sysctlnode *sysctl_parent;
	const char	*sysctl_desc;
};
#define sysctl_csize	sysctl_un.scu_child.suc_csize
#define sysctl_clen	sysctl_un.scu_child.suc_clen
#define sysctl_child	sysctl_un.scu_child.suc_child
#define sysctl_data	sysctl_un.scu_data.sud_data
#define sysctl_offset	sysctl_un.scu_data.sud_offset
#define sysctl_alias	sysctl_un.scu_alias
#define sysctl_idata	sysctl_un.scu_idata
#define sysctl_qdata	sysctl_un.scu_qdata
#define sysctl_bdata	sysctl_un.scu_bdata

/*
 * A function that creates nodes when its driver is loaded; they go when it is
 * unloaded, unless they are CTLFLAG_PERMANENT.
 */
#define SYSCTL_SETUP_PROTO(name)	void name(struct sysctllog **)
#define SYSCTL_SETUP(name, desc)	\
	static void name(struct sysctllog **);	\
	__link_set_add_text(sysctl_funcs, name);	\
	static void name(struct sysctllog **clog)
#define SYSCTL_DESCR(text)	text

__BEGIN_DECLS
/*
 * All of these: thread context; errors are errno values.  ENOENT: no such
 * node; EEXIST: number or name taken (createv returns 0 where an equal node
 * is there already); EPERM: not writable.
 *
 * sysctl_createv(): log, (unused) flags of the call, root (null: the tree's),
 * where to store the node made, flags, type, name (null: the number must
 * exist), description, function, immediate value, data, size, then the path
 * of numbers, which ends in CTL_EOL and whose last may be CTL_CREATE.
 */
int	sysctl_createv(struct sysctllog **, int, const struct sysctlnode **,
	    const struct sysctlnode **, int, int, const char *, const char *, sysctlfn, u_quad_t,
	    void *, size_t, ...);
int	sysctl_destroyv(struct sysctlnode *, ...);
void	sysctl_teardown(struct sysctllog **);

/* What a helper calls to read or write the node (or its altered copy). */
int	sysctl_lookup(SYSCTLFN_PROTO);
int	sysctl_query(SYSCTLFN_PROTO);
int	sysctl_dispatch(SYSCTLFN_PROTO);
int	sysctl_locate(struct lwp *, const int *, u_int, const struct sysctlnode **, int *);
int	sysctl_needfunc(SYSCTLFN_PROTO);
int	sysctl_notavail(SYSCTLFN_PROTO);
int	sysctl_null(SYSCTLFN_PROTO);
int	sysctl_copyin(struct lwp *, const void *, void *, size_t);
int	sysctl_copyout(struct lwp *, const void *, void *, size_t);
int	sysctl_copyinstr(struct lwp *, const void *, void *, size_t, size_t *);
void	sysctl_lock(bool);		/* for writing */
void	sysctl_unlock(void);
void	sysctl_relock(void);
const struct sysctlnode	*sysctl_rootof(const struct sysctlnode *);
__END_DECLS

#if !defined(__HOSTED_SEAM) && !defined(__cplusplus)
/*
 * The data's type must be that of the node: the compiler sees a mistake that
 * would otherwise overwrite memory.
 */
static inline void *__sysctl_data_CTLTYPE_NODE(struct sysctlnode *p) { return p; }
static inline void *__sysctl_data_CTLTYPE_INT(int *p) { return p; }
static inline void *__sysctl_data_CTLTYPE_STRING(char *p) { return p; }
static inline void *__sysctl_data_CTLTYPE_QUAD(int64_t *p) { return p; }
static inline void *__sysctl_data_CTLTYPE_STRUCT(void *p) { return p; }
static inline void *__sysctl_data_CTLTYPE_BOOL(bool *p) { return p; }
static inline void *__sysctl_data_CTLTYPE_LONG(long *p) { return p; }
#define sysctl_createv(log, cflags, root, made, flags, type, name, descr, func, value, data, ...) \
	sysctl_createv(log, cflags, root, made, flags, type, name, descr, func, value,	\
	    __sysctl_data_##type(data), __VA_ARGS__)
#endif

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "proc.h"
#include "rwlock.h"
#endif

#endif /* !_NETBSD_SYS_SYSCTL_H_ */
