/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Error numbers (errno(2)).  The values are those of the system that the
 * process runs on; drivers use the names.
 */
#ifndef _NETBSD_SYS_ERRNO_H_
#define _NETBSD_SYS_ERRNO_H_

#include "cdefs.h"

#ifdef __HOSTED_SEAM
#include <cerrno>
#elif defined(__PUPCI_HOST_LINUX__)
#define EPERM	1
#define ENOENT	2
#define ESRCH	3
#define EINTR	4
#define EIO	5
#define ENXIO	6
#define E2BIG	7
#define ENOEXEC	8
#define EBADF	9
#define ECHILD	10
#define EDEADLK	35
#define ENOMEM	12
#define EACCES	13
#define EFAULT	14
#define ENOTBLK	15
#define EBUSY	16
#define EEXIST	17
#define EXDEV	18
#define ENODEV	19
#define ENOTDIR	20
#define EISDIR	21
#define EINVAL	22
#define ENFILE	23
#define EMFILE	24
#define ENOTTY	25
#define ETXTBSY	26
#define EFBIG	27
#define ENOSPC	28
#define ESPIPE	29
#define EROFS	30
#define EMLINK	31
#define EPIPE	32
#define EDOM	33
#define ERANGE	34
#define EAGAIN	11
#define EINPROGRESS	115
#define EALREADY	114
#define ENOTSOCK	88
#define EDESTADDRREQ	89
#define EMSGSIZE	90
#define EPROTOTYPE	91
#define ENOPROTOOPT	92
#define EPROTONOSUPPORT	93
#define ESOCKTNOSUPPORT	94
#define EOPNOTSUPP	95
#define EPFNOSUPPORT	96
#define EAFNOSUPPORT	97
#define EADDRINUSE	98
#define EADDRNOTAVAIL	99
#define ENETDOWN	100
#define ENETUNREACH	101
#define ENETRESET	102
#define ECONNABORTED	103
#define ECONNRESET	104
#define ENOBUFS	105
#define EISCONN	106
#define ENOTCONN	107
#define ESHUTDOWN	108
#define ETOOMANYREFS	109
#define ETIMEDOUT	110
#define ECONNREFUSED	111
#define ELOOP	40
#define ENAMETOOLONG	36
#define EHOSTDOWN	112
#define EHOSTUNREACH	113
#define ENOTEMPTY	39
#define EUSERS	87
#define EDQUOT	122
#define ESTALE	116
#define EREMOTE	66
#define ENOLCK	37
#define ENOSYS	38
#define EIDRM	43
#define ENOMSG	42
#define EOVERFLOW	75
#define EILSEQ	84
#define ECANCELED	125
#define EBADMSG	74
#define ENODATA	61
#define ENOSR	63
#define ENOSTR	60
#define ETIME	62
#define EMULTIHOP	72
#define ENOLINK	67
#define EPROTO	71
#define EOWNERDEAD	130
#define ENOTRECOVERABLE	131
#define EWOULDBLOCK	EAGAIN
#define ENOTSUP	EOPNOTSUPP
#else
#define EPERM	1
#define ENOENT	2
#define ESRCH	3
#define EINTR	4
#define EIO	5
#define ENXIO	6
#define E2BIG	7
#define ENOEXEC	8
#define EBADF	9
#define ECHILD	10
#define EDEADLK	11
#define ENOMEM	12
#define EACCES	13
#define EFAULT	14
#define ENOTBLK	15
#define EBUSY	16
#define EEXIST	17
#define EXDEV	18
#define ENODEV	19
#define ENOTDIR	20
#define EISDIR	21
#define EINVAL	22
#define ENFILE	23
#define EMFILE	24
#define ENOTTY	25
#define ETXTBSY	26
#define EFBIG	27
#define ENOSPC	28
#define ESPIPE	29
#define EROFS	30
#define EMLINK	31
#define EPIPE	32
#define EDOM	33
#define ERANGE	34
#define EAGAIN	35
#define EINPROGRESS	36
#define EALREADY	37
#define ENOTSOCK	38
#define EDESTADDRREQ	39
#define EMSGSIZE	40
#define EPROTOTYPE	41
#define ENOPROTOOPT	42
#define EPROTONOSUPPORT	43
#define ESOCKTNOSUPPORT	44
#define EOPNOTSUPP	45
#define EPFNOSUPPORT	46
#define EAFNOSUPPORT	47
#define EADDRINUSE	48
#define EADDRNOTAVAIL	49
#define ENETDOWN	50
#define ENETUNREACH	51
#define ENETRESET	52
#define ECONNABORTED	53
#define ECONNRESET	54
#define ENOBUFS	55
#define EISCONN	56
#define ENOTCONN	57
#define ESHUTDOWN	58
#define ETOOMANYREFS	59
#define ETIMEDOUT	60
#define ECONNREFUSED	61
#define ELOOP	62
#define ENAMETOOLONG	63
#define EHOSTDOWN	64
#define EHOSTUNREACH	65
#define ENOTEMPTY	66
#define EPROCLIM	67
#define EUSERS	68
#define EDQUOT	69
#define ESTALE	70
#define EREMOTE	71
#define EBADRPC	72
#define ERPCMISMATCH	73
#define EPROGUNAVAIL	74
#define EPROGMISMATCH	75
#define EPROCUNAVAIL	76
#define ENOLCK	77
#define ENOSYS	78
#define EFTYPE	79
#define EAUTH	80
#define ENEEDAUTH	81
#define EIDRM	82
#define ENOMSG	83
#define EOVERFLOW	84
#define EILSEQ	85
#define ENOTSUP	86
#define ECANCELED	87
#define EBADMSG	88
#define ENODATA	89
#define ENOSR	90
#define ENOSTR	91
#define ETIME	92
#define ENOATTR	93
#define EMULTIHOP	94
#define ENOLINK	95
#define EPROTO	96
#define EOWNERDEAD	97
#define ENOTRECOVERABLE	98
#define EWOULDBLOCK	EAGAIN
#endif

/* Names that the host may lack, out of the way of its own numbers. */
#ifndef EFTYPE
#define EFTYPE		1079
#endif
#ifndef EAUTH
#define EAUTH		1080
#endif
#ifndef ENEEDAUTH
#define ENEEDAUTH	1081
#endif
#ifndef EPROCLIM
#define EPROCLIM	1067
#endif
#ifndef ENOATTR
#define ENOATTR		ENODATA
#endif

/* Returned inside the kernel only. */
#undef ERESTART
#define ERESTART	(-3)	/* restart the system call */
#define EPASSTHROUGH	(-4)	/* ioctl not handled by this layer */
#define EJUSTRETURN	(-2)
#define EDUPFD		(-5)
#define EMOVEFD		(-6)

#endif /* !_NETBSD_SYS_ERRNO_H_ */
