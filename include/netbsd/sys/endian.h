/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Byte order: conversions of values (byteorder(3)) and access to unaligned
 * integers of a given order (bswap(9), be16dec and its kin).
 */
#ifndef _NETBSD_SYS_ENDIAN_H_
#define _NETBSD_SYS_ENDIAN_H_

#include "types.h"
#include "bswap.h"

#ifdef __HOSTED_SEAM
#if defined(__NetBSD__)
#include <sys/endian.h>
#else
#include <endian.h>
#include <arpa/inet.h>
#endif
#else
#define _LITTLE_ENDIAN	1234
#define _BIG_ENDIAN	4321
#define _PDP_ENDIAN	3412
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define _BYTE_ORDER	_LITTLE_ENDIAN
#else
#define _BYTE_ORDER	_BIG_ENDIAN
#endif
#define LITTLE_ENDIAN	_LITTLE_ENDIAN
#define BIG_ENDIAN	_BIG_ENDIAN
#define PDP_ENDIAN	_PDP_ENDIAN
#define BYTE_ORDER	_BYTE_ORDER

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define __le_swap(bits, value)	((uint##bits##_t)(value))
#define __be_swap(bits, value)	__builtin_bswap##bits(value)
#else
#define __le_swap(bits, value)	__builtin_bswap##bits(value)
#define __be_swap(bits, value)	((uint##bits##_t)(value))
#endif

#define htole16(value)	__le_swap(16, value)
#define le16toh(value)	__le_swap(16, value)
#define htobe16(value)	__be_swap(16, value)
#define be16toh(value)	__be_swap(16, value)
#define htole32(value)	__le_swap(32, value)
#define le32toh(value)	__le_swap(32, value)
#define htobe32(value)	__be_swap(32, value)
#define be32toh(value)	__be_swap(32, value)
#define htole64(value)	__le_swap(64, value)
#define le64toh(value)	__le_swap(64, value)
#define htobe64(value)	__be_swap(64, value)
#define be64toh(value)	__be_swap(64, value)
#define htons(value)	__be_swap(16, value)
#define ntohs(value)	__be_swap(16, value)
#define htonl(value)	__be_swap(32, value)
#define ntohl(value)	__be_swap(32, value)
#define HTONS(variable)	((variable) = htons(variable))
#define NTOHS(variable)	((variable) = ntohs(variable))
#define HTONL(variable)	((variable) = htonl(variable))
#define NTOHL(variable)	((variable) = ntohl(variable))
#define HTOLE16(variable)	((variable) = htole16(variable))
#define LE16TOH(variable)	((variable) = le16toh(variable))
#define HTOBE16(variable)	((variable) = htobe16(variable))
#define BE16TOH(variable)	((variable) = be16toh(variable))
#define HTOLE32(variable)	((variable) = htole32(variable))
#define LE32TOH(variable)	((variable) = le32toh(variable))
#define HTOBE32(variable)	((variable) = htobe32(variable))
#define BE32TOH(variable)	((variable) = be32toh(variable))
#define HTOLE64(variable)	((variable) = htole64(variable))
#define LE64TOH(variable)	((variable) = le64toh(variable))
#define HTOBE64(variable)	((variable) = htobe64(variable))
#define BE64TOH(variable)	((variable) = be64toh(variable))
#endif

#if !(defined(__HOSTED_SEAM) && defined(__NetBSD__))
static inline uint16_t
le16dec(const void *from)
{
	uint16_t value;

	__builtin_memcpy(&value, from, sizeof(value));
	return le16toh(value);
}

static inline void
le16enc(void *to, uint16_t value)
{
	value = htole16(value);
	__builtin_memcpy(to, &value, sizeof(value));
}

static inline uint16_t
be16dec(const void *from)
{
	uint16_t value;

	__builtin_memcpy(&value, from, sizeof(value));
	return be16toh(value);
}

static inline void
be16enc(void *to, uint16_t value)
{
	value = htobe16(value);
	__builtin_memcpy(to, &value, sizeof(value));
}

static inline uint32_t
le32dec(const void *from)
{
	uint32_t value;

	__builtin_memcpy(&value, from, sizeof(value));
	return le32toh(value);
}

static inline void
le32enc(void *to, uint32_t value)
{
	value = htole32(value);
	__builtin_memcpy(to, &value, sizeof(value));
}

static inline uint32_t
be32dec(const void *from)
{
	uint32_t value;

	__builtin_memcpy(&value, from, sizeof(value));
	return be32toh(value);
}

static inline void
be32enc(void *to, uint32_t value)
{
	value = htobe32(value);
	__builtin_memcpy(to, &value, sizeof(value));
}

static inline uint64_t
le64dec(const void *from)
{
	uint64_t value;

	__builtin_memcpy(&value, from, sizeof(value));
	return le64toh(value);
}

static inline void
le64enc(void *to, uint64_t value)
{
	value = htole64(value);
	__builtin_memcpy(to, &value, sizeof(value));
}

static inline uint64_t
be64dec(const void *from)
{
	uint64_t value;

	__builtin_memcpy(&value, from, sizeof(value));
	return be64toh(value);
}

static inline void
be64enc(void *to, uint64_t value)
{
	value = htobe64(value);
	__builtin_memcpy(to, &value, sizeof(value));
}
#endif

#endif /* !_NETBSD_SYS_ENDIAN_H_ */
