/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory in items of one size (pool(9)), and of constructed objects
 * (pool_cache(9)).
 */
#ifndef _NETBSD_SYS_POOL_H_
#define _NETBSD_SYS_POOL_H_

#include "types.h"

/* Flags of pools and of requests. */
#define PR_WAITOK	0x01	/* may sleep */
#define PR_NOWAIT	0x02	/* null when there is none at once */
#define PR_WANTED	0x04
#define PR_LIMITFAIL	0x08	/* with PR_WAITOK: null at the hard limit */
#define PR_PHINPAGE	0x40
#define PR_NOTOUCH	0x80
#define PR_NOALIGN	0x400
#define PR_LARGECACHE	0x800
#define PR_ZERO		0x2000	/* pool_get(): zeroed */
#define PR_PSERIALIZE	0x4000

#define POOL_PADDR_INVALID	((paddr_t)-1)

struct pool {
	uint64_t	pr_opaque[4];
};
typedef struct pool_cache *pool_cache_t;

/*
 * Where pages come from.  pa_alloc gets PR_WAITOK, with which it may sleep, or
 * PR_NOWAIT, and returns a page or null; pages are aligned to their size unless
 * the pool has PR_NOALIGN.  Both are called without a lock.  Pages that nothing
 * lies in go back at pool_reclaim(), when memory is short, above the mark of
 * pool_sethiwat(), and the rest at pool_destroy().
 */
struct pool_allocator {
	void		*(*pa_alloc)(struct pool *, int);
	void		(*pa_free)(struct pool *, void *);
	unsigned int	pa_pagesz;	/* a power of two; 0: PAGE_SIZE */
};

__BEGIN_DECLS
/* Of these the pages are the arena's. */
extern struct pool_allocator pool_allocator_kmem;
extern struct pool_allocator pool_allocator_nointr;
#define pool_allocator_meta	pool_allocator_kmem

/*
 * Set-up, limits and pool_destroy() belong in thread context; pool_get() with
 * PR_NOWAIT and pool_put() in any.  Alignment: a power of two up to
 * PAGE_SIZE, 0 for any type's; the byte at the offset is what is aligned.
 * pool_destroy() panics while items are out.
 */
void	pool_init(struct pool *, size_t, u_int, u_int, int, const char *, struct pool_allocator *,
	    int);
void	pool_destroy(struct pool *);
void	*pool_get(struct pool *, int);
void	pool_put(struct pool *, void *);
int	pool_reclaim(struct pool *);		/* nonzero if anything was freed */
int	pool_prime(struct pool *, int);		/* at least so many items ready; 0 or ENOMEM */
void	pool_setlowat(struct pool *, int);	/* kept ready */
void	pool_sethiwat(struct pool *, int);	/* kept when free */
void	pool_sethardlimit(struct pool *, int, const char *, int);
void	pool_set_drain_hook(struct pool *, void (*)(void *, int), void *);

/*
 * As above.  The constructor gets the argument, the object and the PR_ flags
 * and returns 0 or an error, on which pool_cache_get() fails.  Objects keep
 * their constructed state while they are free; invalidate destroys those.
 */
pool_cache_t	pool_cache_init(size_t, u_int, u_int, u_int, const char *, struct pool_allocator *,
		    int, int (*)(void *, void *, int), void (*)(void *, void *), void *);
void	pool_cache_destroy(pool_cache_t);
void	*pool_cache_get_paddr(pool_cache_t, int, paddr_t *);
void	pool_cache_put_paddr(pool_cache_t, void *, paddr_t);
void	pool_cache_destruct_object(pool_cache_t, void *);
void	pool_cache_invalidate(pool_cache_t);
bool	pool_cache_reclaim(pool_cache_t);
void	pool_cache_setlowat(pool_cache_t, int);
void	pool_cache_sethiwat(pool_cache_t, int);
void	pool_cache_sethardlimit(pool_cache_t, int, const char *, int);
void	pool_cache_set_drain_hook(pool_cache_t, void (*)(void *, int), void *);
int	pool_cache_prime(pool_cache_t, int);
__END_DECLS

#define pool_cache_get(cache, flags)	pool_cache_get_paddr((cache), (flags), NULL)
#define pool_cache_put(cache, object)	\
	pool_cache_put_paddr((cache), (object), POOL_PADDR_INVALID)

#endif /* !_NETBSD_SYS_POOL_H_ */
