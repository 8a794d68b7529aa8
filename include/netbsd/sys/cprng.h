/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random numbers that nobody can foretell (cprng(9)).  Any context.
 */
#ifndef _NETBSD_SYS_CPRNG_H_
#define _NETBSD_SYS_CPRNG_H_

#include "types.h"

#define CPRNG_MAX_LEN		524288	/* bytes of one request */
#define CPRNG_INIT_ANY		0x00000001
#define CPRNG_REKEY_ANY		0x00000002
#define CPRNG_USE_CV		0x00000004
#define CPRNG_HARD		0x00000008

typedef struct cprng_strong_generator cprng_strong_t;

__BEGIN_DECLS
extern cprng_strong_t *kern_cprng;
extern cprng_strong_t *user_cprng;

/* Create and destroy: thread context. */
cprng_strong_t	*cprng_strong_create(const char *, int, int);
void	cprng_strong_destroy(cprng_strong_t *);
/* How many bytes were stored: all, up to CPRNG_MAX_LEN. */
size_t	cprng_strong(cprng_strong_t *, void *, size_t, int);
uint32_t	cprng_strong32(void);
uint64_t	cprng_strong64(void);
size_t	cprng_fast(void *, size_t);
uint32_t	cprng_fast32(void);
uint64_t	cprng_fast64(void);
uint32_t	__KERNEL_NAME(arc4random)(void) __KERNEL_LINK(arc4random);
void	__KERNEL_NAME(arc4randbytes)(void *, size_t) __KERNEL_LINK(arc4randbytes);
__END_DECLS

#endif /* !_NETBSD_SYS_CPRNG_H_ */
