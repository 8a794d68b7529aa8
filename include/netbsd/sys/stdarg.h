/* SPDX-License-Identifier: BSD-2-Clause */
/* Variable argument lists (stdarg(3)). */
#ifndef _NETBSD_SYS_STDARG_H_
#define _NETBSD_SYS_STDARG_H_

#include "cdefs.h"

#ifdef __HOSTED_SEAM
#include <cstdarg>
#else
typedef __builtin_va_list	va_list;
#define va_start(ap, last)	__builtin_va_start(ap, last)
#define va_arg(ap, type)	__builtin_va_arg(ap, type)
#define va_end(ap)		__builtin_va_end(ap)
#define va_copy(to, from)	__builtin_va_copy(to, from)
#endif

#endif /* !_NETBSD_SYS_STDARG_H_ */
