/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compiler and linkage macros, under NetBSD's names (sys/cdefs.h), and the
 * three macros on which the seam between driver world and host world rests.
 *
 * These headers are read in two ways: by drivers (-ffreestanding -nostdinc,
 * C or C++), and by pupci's own C++ next to the standard library (hosted).
 * In the second case types that libc has too come from libc, and functions
 * whose name libc has too are visible under their link name kern_NAME only.
 */
#ifndef _NETBSD_SYS_CDEFS_H_
#define _NETBSD_SYS_CDEFS_H_

#if defined(__STDC_HOSTED__) && __STDC_HOSTED__
#define __HOSTED_SEAM	1	/* pupci's own C++ */
#include <sys/cdefs.h>
#ifdef __NetBSD__
#define __NETBSD_LIBC	1	/* whose headers have most of these names */
#endif
#endif

#ifdef __cplusplus
#define __BEGIN_EXTERN_C	extern "C" {
#define __END_EXTERN_C		}
#else
#define __BEGIN_EXTERN_C
#define __END_EXTERN_C
#endif

/*
 * What stands between these two is the kernel API: the kernel library exports
 * it, and nothing else, to drivers.
 */
#undef __BEGIN_DECLS
#undef __END_DECLS
#define __BEGIN_DECLS	_Pragma("GCC visibility push(default)") __BEGIN_EXTERN_C
#define __END_DECLS	__END_EXTERN_C _Pragma("GCC visibility pop")

/*
 * A kernel function whose name libc has too, e.g.
 *	int __KERNEL_NAME(printf)(const char *, ...) __KERNEL_LINK(printf);
 * is printf() to a driver and kern_printf() to the linker and to the seam.
 */
#ifdef __HOSTED_SEAM
#define __KERNEL_NAME(name)	kern_##name
#define __KERNEL_LINK(name)
#else
#define __KERNEL_NAME(name)	name
#define __KERNEL_LINK(name)	__asm("kern_" #name)
#endif

#ifndef __NETBSD_LIBC
#define __RENAME(name)		__asm(#name)

#undef __CONCAT
#define ___CONCAT(x, y)	x##y
#define __CONCAT(x, y)	___CONCAT(x, y)
#undef __STRING
#define __STRING(x)	#x
#define ___STRING(x)	__STRING(x)
#define __GNUC_PREREQ__(x, y)	(__GNUC__ > (x) || (__GNUC__ == (x) && __GNUC_MINOR__ >= (y)))
#endif

/*
 * libc has its own of some of these, which must stay, and uses others as
 * names of structure members; a header that the seam reads does without.
 */
#ifndef __HOSTED_SEAM
#define __P(protos)	protos
#define __CTASSERT(x)	_Static_assert(x, #x)
#ifdef __cplusplus
#undef __CTASSERT
#define __CTASSERT(x)	static_assert(x, #x)
#endif
#ifndef __always_inline
#define __always_inline	__attribute__((__always_inline__))
#endif
#define __aligned(x)	__attribute__((__aligned__(x)))
#define __section(x)	__attribute__((__section__(x)))
#define __nonstring
#define __pure		__attribute__((__pure__))
#define __constfunc	__attribute__((__const__))
#define __noinline	__attribute__((__noinline__))
#define __unused	__attribute__((__unused__))
#define __diagused	__attribute__((__unused__))
#define __debugused	__attribute__((__unused__))
#define __used		__attribute__((__used__))
#endif

#define __weakref(x)	__attribute__((__weakref__(#x)))
#define __cacheline_aligned	__attribute__((__aligned__(64)))
#define __read_mostly
#define __offsetof(type, field)	__builtin_offsetof(type, field)
#define __containerof(ptr, type, field)	\
	((type *)(void *)((char *)(void *)__UNCONST(ptr) - __offsetof(type, field)))

#ifndef __NETBSD_LIBC
#define __dead		__attribute__((__noreturn__))
#define __packed	__attribute__((__packed__))
#define __returns_twice	__attribute__((__returns_twice__))
#define __unreachable()	__builtin_unreachable()
#define __printflike(fmt, args)	__attribute__((__format__(__printf__, fmt, args)))
#define __predict_true(exp)	__builtin_expect((exp) != 0, 1)
#define __predict_false(exp)	__builtin_expect((exp) != 0, 0)
#define __insn_barrier()	__asm volatile("" : : : "memory")
#define __UNCONST(a)	((void *)(unsigned long)(const void *)(a))
#define __UNVOLATILE(a)	((void *)(unsigned long)(volatile void *)(a))
#define __USE(a)	((void)(a))
#define __BIT(n)	((__UINTMAX_TYPE__)1 << (n))
#define __BITS(m, n)	\
	((__BIT((m) > (n) ? (m) : (n)) | (__BIT((m) > (n) ? (m) : (n)) - 1)) & \
	 ~(__BIT((m) > (n) ? (n) : (m)) - 1))
#define __LOWEST_SET_BIT(mask)	((((mask) - 1) & (mask)) ^ (mask))
#define __SHIFTOUT(x, mask)	(((x) & (mask)) / __LOWEST_SET_BIT(mask))
#define __SHIFTIN(x, mask)	((x) * __LOWEST_SET_BIT(mask))
#define __SHIFTOUT_MASK(mask)	__SHIFTOUT((mask), (mask))
#define __arraycount(a)	(sizeof(a) / sizeof((a)[0]))
#define __alignof(x)	__alignof__(x)
#define __type_is_signed(t)	((t)-1 < (t)0)

/* Source identification strings: nothing reads them here. */
#define __KERNEL_RCSID(n, s)	struct __rcsid_##n
#define __RCSID(s)		struct __rcsid
#define __COPYRIGHT(s)		struct __copyright
#define __KERNEL_COPYRIGHT(n, s)	struct __copyright_##n

#define __strong_alias(alias, sym)	\
	extern __typeof(sym) alias __attribute__((__alias__(#sym)));
#define __weak_alias(alias, sym)	\
	extern __typeof(sym) alias __attribute__((__weak__, __alias__(#sym)));

/*
 * Linker sets: arrays of pointers that a whole program contributes to.  The
 * linker names their bounds.
 */
#define __link_set_make_entry(set, sym)	\
	static const void * const __link_set_##set##_sym_##sym	\
	    __attribute__((__section__("link_set_" #set), __used__)) = (const void *)&sym
#define __link_set_add_text(set, sym)	__link_set_make_entry(set, sym)
#define __link_set_add_rodata(set, sym)	__link_set_make_entry(set, sym)
#define __link_set_add_data(set, sym)	__link_set_make_entry(set, sym)
#define __link_set_add_bss(set, sym)	__link_set_make_entry(set, sym)
#define __link_set_decl(set, ptype)	\
	extern ptype * const __start_link_set_##set[] __attribute__((__weak__, __visibility__("hidden"))); \
	extern ptype * const __stop_link_set_##set[] __attribute__((__weak__, __visibility__("hidden")))
#define __link_set_start(set)	(__start_link_set_##set)
#define __link_set_end(set)	(__stop_link_set_##set)
#define __link_set_count(set)	(__link_set_end(set) - __link_set_start(set))
#endif /* !__NETBSD_LIBC */

#endif /* !_NETBSD_SYS_CDEFS_H_ */
