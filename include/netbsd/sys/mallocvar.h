/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Kinds of memory of malloc(9).
 */
#ifndef _NETBSD_SYS_MALLOCVAR_H_
#define _NETBSD_SYS_MALLOCVAR_H_

#include "types.h"

struct malloc_type {
	const char	*ks_shortdesc;
	const char	*ks_longdesc;
};

#define MALLOC_DEFINE(type, shortdesc, longdesc)	\
	struct malloc_type type[1] = { { shortdesc, longdesc } }
#define MALLOC_DEFINE_LIMIT(type, shortdesc, longdesc, limit)	\
	MALLOC_DEFINE(type, shortdesc, longdesc)
#define MALLOC_JUSTDEFINE(type, shortdesc, longdesc)	\
	MALLOC_DEFINE(type, shortdesc, longdesc)
#define MALLOC_JUSTDEFINE_LIMIT(type, shortdesc, longdesc, limit)	\
	MALLOC_DEFINE(type, shortdesc, longdesc)
#define MALLOC_DECLARE(type)	extern struct malloc_type type[1]

#endif /* !_NETBSD_SYS_MALLOCVAR_H_ */
