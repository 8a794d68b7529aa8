/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bits of a word (bitops(3), ilog2(3)) and bitmaps (bitmap(3)).
 */
#ifndef _NETBSD_SYS_BITOPS_H_
#define _NETBSD_SYS_BITOPS_H_

#include "types.h"

#if !(defined(__HOSTED_SEAM) && defined(__NetBSD__))
/* Position of the lowest bit set, counted from 1; 0 if none is. */
static inline int
ffs32(uint32_t word)
{
	return word == 0 ? 0 : __builtin_ctz(word) + 1;
}

static inline int
ffs64(uint64_t word)
{
	return word == 0 ? 0 : __builtin_ctzll(word) + 1;
}

/* Position of the highest bit set, counted from 1; 0 if none is. */
static inline int
fls32(uint32_t word)
{
	return word == 0 ? 0 : 32 - __builtin_clz(word);
}

static inline int
fls64(uint64_t word)
{
	return word == 0 ? 0 : 64 - __builtin_clzll(word);
}

/* Integer part of the logarithm to base 2; -1 for 0, as fls64() - 1 gives it. */
#define ilog2(x)	(fls64((uint64_t)(x)) - 1)

/*
 * Division by a number known only at run time, made ready once: m, s1, s2 are
 * for fast_divide32() and fast_remainder32().  `divisor` must not be 0.
 */
static inline void
fast_divide32_prepare(uint32_t divisor, uint32_t *m, uint8_t *s1, uint8_t *s2)
{
	int bits = fls32(divisor - 1);
	uint64_t factor;

	factor = ((uint64_t)1 << 32) * (((uint64_t)1 << bits) - divisor);
	*m = (uint32_t)(factor / divisor + 1);
	*s1 = bits > 1 ? 1 : (uint8_t)bits;
	*s2 = bits == 0 ? 0 : (uint8_t)(bits - 1);
}

static inline uint32_t
fast_divide32(uint32_t value, uint32_t divisor, uint32_t m, uint8_t s1, uint8_t s2)
{
	uint32_t high = (uint32_t)(((uint64_t)value * m) >> 32);

	(void)divisor;
	return (high + ((value - high) >> s1)) >> s2;
}

static inline uint32_t
fast_remainder32(uint32_t value, uint32_t divisor, uint32_t m, uint8_t s1, uint8_t s2)
{
	return value - divisor * fast_divide32(value, divisor, m, s1, s2);
}

/* Bitmaps of words of `type`, which is unsigned. */
#define __BITMAP_TYPE(name, type, bits)	\
	struct name { type _b[__BITMAP_SIZE(type, bits)]; }
#define __BITMAP_BITS(type)	(sizeof(type) * 8)
#define __BITMAP_SHIFT(type)	(ilog2(__BITMAP_BITS(type)))
#define __BITMAP_MASK(type)	(__BITMAP_BITS(type) - 1)
#define __BITMAP_SIZE(type, bits)	\
	(((bits) + (__BITMAP_BITS(type) - 1)) / __BITMAP_BITS(type))
#define __BITMAP_BIT(n, map)	\
	((__typeof((map)->_b[0]))1 << ((n) & __BITMAP_MASK((map)->_b[0])))
#define __BITMAP_WORD(n, map)	((map)->_b[(n) / __BITMAP_BITS((map)->_b[0])])
#define __BITMAP_SET(n, map)	(__BITMAP_WORD(n, map) |= __BITMAP_BIT(n, map))
#define __BITMAP_CLR(n, map)	(__BITMAP_WORD(n, map) &= ~__BITMAP_BIT(n, map))
#define __BITMAP_ISSET(n, map)	((__BITMAP_WORD(n, map) & __BITMAP_BIT(n, map)) != 0)
#define __BITMAP_ZERO(map)	((void)__builtin_memset((map)->_b, 0, sizeof((map)->_b)))
#endif

#endif /* !_NETBSD_SYS_BITOPS_H_ */
