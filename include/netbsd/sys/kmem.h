/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kernel memory of any size (kmem(9)).  It comes from the bus's arena, so that
 * devices reach it.
 */
#ifndef _NETBSD_SYS_KMEM_H_
#define _NETBSD_SYS_KMEM_H_

#include "types.h"
#include "stdarg.h"

typedef unsigned int	km_flag_t;

#define KM_SLEEP	0x00000001	/* may sleep, never fails */
#define KM_NOSLEEP	0x00000002	/* null when there is none at once */

__BEGIN_DECLS
/*
 * Exactly one of KM_SLEEP and KM_NOSLEEP; a size of 0 panics.  Results are
 * aligned for any type, to the cache line from 64 bytes on, and to the page
 * from PAGE_SIZE on.  The size given to the free function must be the
 * allocated one.  kmem_alloc() and kmem_free() belong in thread context, the
 * kmem_intr_ functions in any (then KM_NOSLEEP).
 */
void	*kmem_alloc(size_t, km_flag_t);
void	*kmem_zalloc(size_t, km_flag_t);
void	kmem_free(void *, size_t);

void	*kmem_intr_alloc(size_t, km_flag_t);
void	*kmem_intr_zalloc(size_t, km_flag_t);
void	kmem_intr_free(void *, size_t);

/* Freed by kmem_strfree(), or kmem_free() with strlen() + 1. */
char	*kmem_asprintf(const char *, ...) __printflike(1, 2);
char	*kmem_vasprintf(const char *, va_list) __printflike(1, 0);
char	*kmem_strdupsize(const char *, size_t *, km_flag_t);
char	*kmem_strndup(const char *, size_t, km_flag_t);
void	kmem_strfree(char *);

/* The caller's buffer where that is big enough, else fresh memory. */
void	*kmem_tmpbuf_alloc(size_t, void *, size_t, km_flag_t);
void	kmem_tmpbuf_free(void *, size_t, void *);
__END_DECLS

#define kmem_strdup(string, flags)	kmem_strdupsize((string), NULL, (flags))

#endif /* !_NETBSD_SYS_KMEM_H_ */
