/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sources of randomness (rnd(9)).
 */
#ifndef _NETBSD_SYS_RNDSOURCE_H_
#define _NETBSD_SYS_RNDSOURCE_H_

#include "types.h"

#define RND_TYPE_UNKNOWN	0
#define RND_TYPE_DISK		1
#define RND_TYPE_NET		2
#define RND_TYPE_TAPE		3
#define RND_TYPE_TTY		4
#define RND_TYPE_RNG		5
#define RND_TYPE_SKEW		6
#define RND_TYPE_ENV		7
#define RND_TYPE_VM		8
#define RND_TYPE_POWER		9

#define RND_FLAG_NO_ESTIMATE	0x00000100
#define RND_FLAG_NO_COLLECT	0x00000200
#define RND_FLAG_FAST		0x00000400
#define RND_FLAG_HASCB		0x00000800
#define RND_FLAG_COLLECT_TIME	0x00001000
#define RND_FLAG_COLLECT_VALUE	0x00002000
#define RND_FLAG_ESTIMATE_TIME	0x00004000
#define RND_FLAG_ESTIMATE_VALUE	0x00008000
#define RND_FLAG_HASENABLE	0x00010000
#define RND_FLAG_DEFAULT	(RND_FLAG_COLLECT_TIME | RND_FLAG_COLLECT_VALUE | \
	    RND_FLAG_ESTIMATE_TIME)

typedef struct krndsource {
	uint64_t	opaque[12];
} krndsource_t;

__BEGIN_DECLS
/*
 * rndsource_setcb() comes before rnd_attach_source(), which then calls the
 * function at once with a number of bytes to add.  Both: thread context.
 */
void	rndsource_setcb(struct krndsource *, void (*)(size_t, void *), void *);
void	rnd_attach_source(struct krndsource *, const char *, uint32_t, uint32_t);
void	rnd_detach_source(struct krndsource *);
/* Mixed into the generators of cprng(9).  Any context. */
void	rnd_add_uint32(struct krndsource *, uint32_t);
void	rnd_add_data(struct krndsource *, const void *, uint32_t, uint32_t);
void	rnd_add_data_intr(struct krndsource *, const void *, uint32_t, uint32_t);
void	rnd_add_data_sync(struct krndsource *, const void *, uint32_t, uint32_t);
__END_DECLS

#endif /* !_NETBSD_SYS_RNDSOURCE_H_ */
