/* SPDX-License-Identifier: BSD-2-Clause */
/* Byte order reversal (bswap(3)). */
#ifndef _NETBSD_SYS_BSWAP_H_
#define _NETBSD_SYS_BSWAP_H_

#include "stdint.h"

#if defined(__HOSTED_SEAM) && defined(__NetBSD__)
#include <sys/bswap.h>
#else
static inline uint16_t
bswap16(uint16_t value)
{
	return __builtin_bswap16(value);
}

static inline uint32_t
bswap32(uint32_t value)
{
	return __builtin_bswap32(value);
}

static inline uint64_t
bswap64(uint64_t value)
{
	return __builtin_bswap64(value);
}
#endif

#endif /* !_NETBSD_SYS_BSWAP_H_ */
