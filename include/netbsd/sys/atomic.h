/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Atomic operations and memory barriers: atomic_ops(3), atomic_loadstore(9),
 * membar_ops(3).
 *
 * Read-modify-write operations are sequentially consistent, which on the
 * processors that matter costs no more than the relaxed ones that NetBSD
 * promises.
 */
#ifndef _NETBSD_SYS_ATOMIC_H_
#define _NETBSD_SYS_ATOMIC_H_

#include "types.h"

#define __ATOMIC_NV(name, type, arg, op)				\
static inline type							\
atomic_##name##_nv(volatile type *__p, arg __v)				\
{									\
	return __atomic_##op##_fetch(__p, (type)__v, __ATOMIC_SEQ_CST);	\
}									\
static inline void							\
atomic_##name(volatile type *__p, arg __v)				\
{									\
	(void)__atomic_##op##_fetch(__p, (type)__v, __ATOMIC_SEQ_CST);	\
}

#define __ATOMIC_STEP(name, type, op)					\
static inline type							\
atomic_##name##_nv(volatile type *__p)					\
{									\
	return __atomic_##op##_fetch(__p, 1, __ATOMIC_SEQ_CST);		\
}									\
static inline void							\
atomic_##name(volatile type *__p)					\
{									\
	(void)__atomic_##op##_fetch(__p, 1, __ATOMIC_SEQ_CST);		\
}

/* atomic_cas returns the value found; it was exchanged if that is the old one. */
#define __ATOMIC_EXCHANGE(suffix, type)					\
static inline type							\
atomic_swap_##suffix(volatile type *__p, type __v)			\
{									\
	return __atomic_exchange_n(__p, __v, __ATOMIC_SEQ_CST);		\
}									\
static inline type							\
atomic_cas_##suffix(volatile type *__p, type __old, type __new)		\
{									\
	(void)__atomic_compare_exchange_n(__p, &__old, __new, 0,	\
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);			\
	return __old;							\
}									\
static inline type							\
atomic_cas_##suffix##_ni(volatile type *__p, type __old, type __new)	\
{									\
	return atomic_cas_##suffix(__p, __old, __new);			\
}

#define __ATOMIC_OPS(suffix, type, stype)				\
__ATOMIC_NV(add_##suffix, type, stype, add)				\
__ATOMIC_NV(and_##suffix, type, type, and)				\
__ATOMIC_NV(or_##suffix, type, type, or)				\
__ATOMIC_STEP(inc_##suffix, type, add)					\
__ATOMIC_STEP(dec_##suffix, type, sub)					\
__ATOMIC_EXCHANGE(suffix, type)

__ATOMIC_OPS(32, uint32_t, int32_t)
__ATOMIC_OPS(64, uint64_t, int64_t)
__ATOMIC_OPS(uint, unsigned int, int)
__ATOMIC_OPS(ulong, unsigned long, long)
__ATOMIC_NV(add_int, unsigned int, int, add)
__ATOMIC_NV(add_long, unsigned long, long, add)

#undef __ATOMIC_OPS
#undef __ATOMIC_EXCHANGE
#undef __ATOMIC_STEP
#undef __ATOMIC_NV

/* On pointers: any kind of pointer to a pointer or uintptr_t; in units of bytes. */
static inline void *
atomic_swap_ptr(volatile void *__p, void *__v)
{
	return __atomic_exchange_n((void *volatile *)__p, __v, __ATOMIC_SEQ_CST);
}

static inline void *
atomic_cas_ptr(volatile void *__p, void *__old, void *__new)
{
	(void)__atomic_compare_exchange_n((void *volatile *)__p, &__old, __new, 0,
	    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	return __old;
}

static inline void *
atomic_cas_ptr_ni(volatile void *__p, void *__old, void *__new)
{
	return atomic_cas_ptr(__p, __old, __new);
}

static inline void *
atomic_add_ptr_nv(volatile void *__p, ssize_t __v)
{
	return (void *)__atomic_add_fetch((volatile uintptr_t *)__p,
	    (uintptr_t)__v, __ATOMIC_SEQ_CST);
}

static inline void
atomic_add_ptr(volatile void *__p, ssize_t __v)
{
	(void)atomic_add_ptr_nv(__p, __v);
}

static inline void *
atomic_inc_ptr_nv(volatile void *__p)
{
	return atomic_add_ptr_nv(__p, 1);
}

static inline void *
atomic_dec_ptr_nv(volatile void *__p)
{
	return atomic_add_ptr_nv(__p, -1);
}

static inline void
atomic_inc_ptr(volatile void *__p)
{
	(void)atomic_add_ptr_nv(__p, 1);
}

static inline void
atomic_dec_ptr(volatile void *__p)
{
	(void)atomic_add_ptr_nv(__p, -1);
}

#define atomic_load_relaxed(p)		__atomic_load_n((p), __ATOMIC_RELAXED)
#define atomic_load_acquire(p)		__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_load_consume(p)		__atomic_load_n((p), __ATOMIC_ACQUIRE)
#define atomic_store_relaxed(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELAXED)
#define atomic_store_release(p, v)	__atomic_store_n((p), (v), __ATOMIC_RELEASE)

/*
 * ThreadSanitizer does not follow fences; there a barrier is an operation on
 * one word that all of them share, which orders the same accesses.
 */
#if defined(__SANITIZE_THREAD__)
#define __ATOMIC_FENCE(order)	\
	((void)__atomic_fetch_add(&__pupci_membar_word, 0, __ATOMIC_SEQ_CST))
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define __ATOMIC_FENCE(order)	\
	((void)__atomic_fetch_add(&__pupci_membar_word, 0, __ATOMIC_SEQ_CST))
#endif
#endif
#ifdef __ATOMIC_FENCE
__BEGIN_DECLS
extern unsigned int __pupci_membar_word;
__END_DECLS
#else
#define __ATOMIC_FENCE(order)	__atomic_thread_fence(order)
#endif

static inline void
membar_acquire(void)
{
	__ATOMIC_FENCE(__ATOMIC_ACQUIRE);
}

static inline void
membar_release(void)
{
	__ATOMIC_FENCE(__ATOMIC_RELEASE);
}

static inline void
membar_producer(void)
{
	__ATOMIC_FENCE(__ATOMIC_RELEASE);
}

static inline void
membar_consumer(void)
{
	__ATOMIC_FENCE(__ATOMIC_ACQUIRE);
}

static inline void
membar_sync(void)
{
	__ATOMIC_FENCE(__ATOMIC_SEQ_CST);
}

/* What came before membar_acquire() and membar_release() (NetBSD 9 and older). */
static inline void
membar_enter(void)
{
	__ATOMIC_FENCE(__ATOMIC_SEQ_CST);
}

static inline void
membar_exit(void)
{
	__ATOMIC_FENCE(__ATOMIC_RELEASE);
}

static inline void
membar_datadep_consumer(void)
{
	__ATOMIC_FENCE(__ATOMIC_ACQUIRE);
}

#undef __ATOMIC_FENCE

#endif /* !_NETBSD_SYS_ATOMIC_H_ */
