/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event counters (evcnt(9)).
 */
#ifndef _NETBSD_SYS_EVCNT_H_
#define _NETBSD_SYS_EVCNT_H_

#include "types.h"
#include "queue.h"

struct evcnt {
	uint64_t	ev_count;	/* the event's own code counts up */
	TAILQ_ENTRY(evcnt) ev_list;	/* evcnt(9)'s own */
	unsigned char	ev_type;
	unsigned char	ev_grouplen;
	unsigned char	ev_namelen;
	char		ev_pad1;
	const struct evcnt *ev_parent;
	const char	*ev_group;	/* usually a device: "edu0" */
	const char	*ev_name;
};
TAILQ_HEAD(evcntlist, evcnt);

#define EVCNT_TYPE_ANY	(-1)
#define EVCNT_TYPE_MISC	0
#define EVCNT_TYPE_INTR	1
#define EVCNT_TYPE_TRAP	2

/* Longest group or name, without its final 0. */
#define EVCNT_STRING_MAX	255

#define EVCNT_INITIALIZER(type, parent, group, name)	\
	{						\
		.ev_type = (type),			\
		.ev_parent = (parent),			\
		.ev_group = (group),			\
		.ev_name = (name),			\
	}

/*
 * A static counter, attached when its driver is loaded and detached when it
 * goes.
 */
#define EVCNT_ATTACH_STATIC(counter)		__link_set_add_data(evcnts, counter)
#define EVCNT_ATTACH_STATIC2(counter, index)	\
	static const void * const __CONCAT(__link_set_evcnts_sym_, __CONCAT(counter, index)) \
	    __attribute__((__section__("link_set_evcnts"), __used__)) = \
	    (const void *)&(counter)[index]

__BEGIN_DECLS
/*
 * The storage of counter, group and name stays the caller's and must live
 * until evcnt_detach().  Thread context (may take a lock); names longer than
 * EVCNT_STRING_MAX panic.
 */
void	evcnt_attach_static(struct evcnt *);
void	evcnt_attach_dynamic(struct evcnt *, int, const struct evcnt *, const char *,
	    const char *);
void	evcnt_attach_dynamic_nozero(struct evcnt *, int, const struct evcnt *, const char *,
	    const char *);
void	evcnt_detach(struct evcnt *);
__END_DECLS

#endif /* !_NETBSD_SYS_EVCNT_H_ */
