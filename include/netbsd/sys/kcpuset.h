/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sets of CPUs: kcpuset(9).  A set holds CPUs 0 to 63, whichever of them exist;
 * a higher one is a violation.
 */
#ifndef _NETBSD_SYS_KCPUSET_H_
#define _NETBSD_SYS_KCPUSET_H_

#include "types.h"

struct kcpuset;
typedef struct kcpuset kcpuset_t;

__BEGIN_DECLS
/* Thread context.  The set is empty; the second argument only saves time elsewhere. */
void	kcpuset_create(kcpuset_t **, bool);
void	kcpuset_clone(kcpuset_t **, const kcpuset_t *);
void	kcpuset_destroy(kcpuset_t *);

/* Any context.  Unless they say so, not atomic: the caller excludes others. */
void	kcpuset_copy(kcpuset_t *, const kcpuset_t *);
void	kcpuset_zero(kcpuset_t *);
void	kcpuset_fill(kcpuset_t *);
void	kcpuset_set(kcpuset_t *, cpuid_t);
void	kcpuset_clear(kcpuset_t *, cpuid_t);
void	kcpuset_intersect(kcpuset_t *, const kcpuset_t *);
void	kcpuset_merge(kcpuset_t *, const kcpuset_t *);
void	kcpuset_remove(kcpuset_t *, const kcpuset_t *);

bool	kcpuset_isset(const kcpuset_t *, cpuid_t);
bool	kcpuset_isotherset(const kcpuset_t *, cpuid_t);
bool	kcpuset_iszero(const kcpuset_t *);
bool	kcpuset_intersecting_p(const kcpuset_t *, const kcpuset_t *);
bool	kcpuset_match(const kcpuset_t *, const kcpuset_t *);
int	kcpuset_countset(const kcpuset_t *);
/* The lowest CPU plus one; 0 if there is none. */
cpuid_t	kcpuset_ffs(const kcpuset_t *);
cpuid_t	kcpuset_ffs_intersecting(const kcpuset_t *, const kcpuset_t *);

void	kcpuset_atomic_set(kcpuset_t *, cpuid_t);
void	kcpuset_atomic_clear(kcpuset_t *, cpuid_t);
__END_DECLS

#endif /* !_NETBSD_SYS_KCPUSET_H_ */
