/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's small C library: strings, characters, minimum and maximum,
 * assertions.
 */
#ifndef _NETBSD_LIB_LIBKERN_LIBKERN_H_
#define _NETBSD_LIB_LIBKERN_LIBKERN_H_

#include "../../sys/types.h"
#include "../../sys/inttypes.h"
#include "../../sys/bitops.h"
#include "../../sys/stdarg.h"

#ifdef __HOSTED_SEAM
#include <cctype>
#include <cstdlib>
#include <cstring>
#include <strings.h>
#endif

/*
 * Assertions (KASSERT(9)).  Not evaluated, but still checked by the compiler,
 * where they are off.
 */
#define __KASSERT_FORMAT	"kernel %sassertion \"%s\" failed: file \"%s\", line %d "
#define __KASSERT_ON(kind, expression)	\
	(__predict_true((expression)) ? (void)0 :	\
	    kern_assert(__KASSERT_FORMAT, kind, #expression, __FILE__, __LINE__))
#define __KASSERTMSG_ON(kind, expression, message, ...)	\
	(__predict_true((expression)) ? (void)0 :	\
	    kern_assert(__KASSERT_FORMAT message, kind, #expression, __FILE__, __LINE__, \
		##__VA_ARGS__))
#define __KASSERT_OFF(expression)	((void)sizeof(!(expression)))

#ifdef DIAGNOSTIC
#define KASSERT(expression)		__KASSERT_ON("diagnostic ", expression)
#define KASSERTMSG(expression, ...)	__KASSERTMSG_ON("diagnostic ", expression, __VA_ARGS__)
#else
#define KASSERT(expression)		__KASSERT_OFF(expression)
#define KASSERTMSG(expression, ...)	__KASSERT_OFF(expression)
#endif
#define _DIAGASSERT(expression)		KASSERT(expression)

#ifdef DEBUG
#define KDASSERT(expression)		__KASSERT_ON("debugging ", expression)
#define KDASSERTMSG(expression, ...)	__KASSERTMSG_ON("debugging ", expression, __VA_ARGS__)
#else
#define KDASSERT(expression)		__KASSERT_OFF(expression)
#define KDASSERTMSG(expression, ...)	__KASSERT_OFF(expression)
#endif

#ifdef __cplusplus
#define CTASSERT(expression)	static_assert(expression, #expression)
#else
#define CTASSERT(expression)	_Static_assert(expression, #expression)
#endif
#define CTASSERT_SIGNED(x)	CTASSERT((__typeof(x))-1 < 0)
#define CTASSERT_UNSIGNED(x)	CTASSERT((__typeof(x))-1 >= 0)

#ifndef __HOSTED_SEAM
#ifdef NDEBUG
#define assert(expression)	__KASSERT_OFF(expression)
#else
#define assert(expression)	__KASSERT_ON("", expression)
#endif

#define container_of(pointer, type, field)		__containerof(pointer, type, field)
#define const_container_of(pointer, type, field)	\
	((const type *)__containerof(pointer, type, field))
#define alloca(size)	__builtin_alloca(size)
#endif

static inline int
imax(int a, int b)
{
	return a > b ? a : b;
}

static inline int
imin(int a, int b)
{
	return a < b ? a : b;
}

static inline long
lmax(long a, long b)
{
	return a > b ? a : b;
}

static inline long
lmin(long a, long b)
{
	return a < b ? a : b;
}

static inline unsigned int
uimax(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static inline unsigned int
uimin(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static inline unsigned long
ulmax(unsigned long a, unsigned long b)
{
	return a > b ? a : b;
}

static inline unsigned long
ulmin(unsigned long a, unsigned long b)
{
	return a < b ? a : b;
}

#ifndef __HOSTED_SEAM
/* The names before NetBSD 9; always unsigned. */
static inline unsigned int
max(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

static inline unsigned int
min(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static inline int
abs(int value)
{
	return value < 0 ? -value : value;
}

static inline long
labs(long value)
{
	return value < 0 ? -value : value;
}

static inline long long
llabs(long long value)
{
	return value < 0 ? -value : value;
}

static inline intmax_t
imaxabs(intmax_t value)
{
	return value < 0 ? -value : value;
}

static inline int
ffs(int word)
{
	return ffs32((uint32_t)word);
}

static inline int
ffsl(long word)
{
	return ffs64((uint64_t)word);
}

/* Characters: ASCII, whatever the locale of the process. */
static inline int
isascii(int c)
{
	return c >= 0 && c <= 0x7f;
}

static inline int
isdigit(int c)
{
	return c >= '0' && c <= '9';
}

static inline int
isupper(int c)
{
	return c >= 'A' && c <= 'Z';
}

static inline int
islower(int c)
{
	return c >= 'a' && c <= 'z';
}

static inline int
isalpha(int c)
{
	return isupper(c) || islower(c);
}

static inline int
isalnum(int c)
{
	return isalpha(c) || isdigit(c);
}

static inline int
isxdigit(int c)
{
	return isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline int
isspace(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline int
isprint(int c)
{
	return c >= 0x20 && c < 0x7f;
}

static inline int
isgraph(int c)
{
	return c > 0x20 && c < 0x7f;
}

static inline int
iscntrl(int c)
{
	return (c >= 0 && c < 0x20) || c == 0x7f;
}

static inline int
ispunct(int c)
{
	return isgraph(c) && !isalnum(c);
}

static inline int
toupper(int c)
{
	return islower(c) ? c - 'a' + 'A' : c;
}

static inline int
tolower(int c)
{
	return isupper(c) ? c - 'A' + 'a' : c;
}

__BEGIN_DECLS
void	*memcpy(void *, const void *, size_t);
void	*memmove(void *, const void *, size_t);
void	*memset(void *, int, size_t);
int	memcmp(const void *, const void *, size_t);
size_t	strlen(const char *);
size_t	strnlen(const char *, size_t);
int	strcmp(const char *, const char *);
int	strncmp(const char *, const char *, size_t);
int	strcasecmp(const char *, const char *);
int	strncasecmp(const char *, const char *, size_t);
char	*strcpy(char *, const char *);
char	*strncpy(char *, const char *, size_t);
char	*strcat(char *, const char *);
char	*strncat(char *, const char *, size_t);
void	*memchr(const void *, int, size_t);
char	*strchr(const char *, int);
char	*strrchr(const char *, int);
char	*strstr(const char *, const char *);
__END_DECLS

#ifndef __cplusplus
/* Small copies of constant size become moves, as in NetBSD. */
#define memcpy(to, from, size)	__builtin_memcpy(to, from, size)
#define memmove(to, from, size)	__builtin_memmove(to, from, size)
#define memset(to, value, size)	__builtin_memset(to, value, size)
#define memcmp(a, b, size)	__builtin_memcmp(a, b, size)
#define strlen(string)		__builtin_strlen(string)
#endif
#endif

__BEGIN_DECLS
void	kern_assert(const char *, ...) __dead __printflike(1, 2);

/* Strings (string(3)), with libc's semantics.  Any context. */
size_t	__KERNEL_NAME(strlcpy)(char *, const char *, size_t) __KERNEL_LINK(strlcpy);
size_t	__KERNEL_NAME(strlcat)(char *, const char *, size_t) __KERNEL_LINK(strlcat);
char	*__KERNEL_NAME(strsep)(char **, const char *) __KERNEL_LINK(strsep);
char	*__KERNEL_NAME(strpbrk)(const char *, const char *) __KERNEL_LINK(strpbrk);
size_t	__KERNEL_NAME(strspn)(const char *, const char *) __KERNEL_LINK(strspn);
size_t	__KERNEL_NAME(strcspn)(const char *, const char *) __KERNEL_LINK(strcspn);
void	*__KERNEL_NAME(memmem)(const void *, size_t, const void *, size_t) __KERNEL_LINK(memmem);
void	*__KERNEL_NAME(explicit_memset)(void *, int, size_t) __KERNEL_LINK(explicit_memset);
int	__KERNEL_NAME(consttime_memequal)(const void *, const void *, size_t)
	    __KERNEL_LINK(consttime_memequal);
/* Out-of-range values saturate; nothing is reported. */
unsigned long	__KERNEL_NAME(strtoul)(const char *, char **, int) __KERNEL_LINK(strtoul);
long	__KERNEL_NAME(strtol)(const char *, char **, int) __KERNEL_LINK(strtol);
long long	__KERNEL_NAME(strtoll)(const char *, char **, int) __KERNEL_LINK(strtoll);
unsigned long long	__KERNEL_NAME(strtoull)(const char *, char **, int)
	    __KERNEL_LINK(strtoull);
intmax_t	__KERNEL_NAME(strtoimax)(const char *, char **, int) __KERNEL_LINK(strtoimax);
uintmax_t	__KERNEL_NAME(strtoumax)(const char *, char **, int) __KERNEL_LINK(strtoumax);
/* With limits and a status as strtoi(3). */
intmax_t	__KERNEL_NAME(strtoi)(const char * __restrict, char ** __restrict, int, intmax_t,
	    intmax_t, int *) __KERNEL_LINK(strtoi);
uintmax_t	__KERNEL_NAME(strtou)(const char * __restrict, char ** __restrict, int, uintmax_t,
	    uintmax_t, int *) __KERNEL_LINK(strtou);

/*
 * Bits of a register as text (snprintb(3)); the length that the whole text
 * needs, or -1 for a format that is wrong.  snprintb_m() splits it into
 * 0-terminated lines of at most `max` characters, with a second 0 at the end.
 */
int	__KERNEL_NAME(snprintb)(char *, size_t, const char *, uint64_t) __KERNEL_LINK(snprintb);
int	__KERNEL_NAME(snprintb_m)(char *, size_t, const char *, uint64_t, size_t)
	    __KERNEL_LINK(snprintb_m);
/* Prints bytes and their characters, 16 a line; with a null function, by printf(). */
void	hexdump(void (*)(const char *, ...) __printflike(1, 2), const char *, const void *,
	    size_t);

unsigned int	__KERNEL_NAME(popcount)(unsigned int) __KERNEL_LINK(popcount);
unsigned int	__KERNEL_NAME(popcountl)(unsigned long) __KERNEL_LINK(popcountl);
unsigned int	__KERNEL_NAME(popcountll)(unsigned long long) __KERNEL_LINK(popcountll);
unsigned int	__KERNEL_NAME(popcount32)(uint32_t) __KERNEL_LINK(popcount32);
unsigned int	__KERNEL_NAME(popcount64)(uint64_t) __KERNEL_LINK(popcount64);
uint32_t	__KERNEL_NAME(crc32)(uint32_t, const uint8_t *, size_t) __KERNEL_LINK(crc32);
/* Sorts in place; the last argument is scratch for one element.  0, or -1 for size 0. */
int	kheapsort(void *, size_t, size_t, int (*)(const void *, const void *), void *);

/* Numbers that need not surprise anyone (cprng(9) has those that must). */
long	__KERNEL_NAME(random)(void) __KERNEL_LINK(random);
void	__KERNEL_NAME(srandom)(unsigned long) __KERNEL_LINK(srandom);
__END_DECLS

#endif /* !_NETBSD_LIB_LIBKERN_LIBKERN_H_ */
