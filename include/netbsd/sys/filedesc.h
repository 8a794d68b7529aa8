/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Descriptors of the calling process, filedesc(9): how a driver makes one.
 */
#ifndef _NETBSD_SYS_FILEDESC_H_
#define _NETBSD_SYS_FILEDESC_H_

#include "types.h"
#include "file.h"

struct proc;

__BEGIN_DECLS
/*
 * A file, and the lowest free descriptor for it, which means nothing until
 * fd_affix().  EMFILE: the process has as many as it may, or the thread does
 * not work for a process (it is the kernel's own).  Thread context.
 */
int	fd_allocfile(file_t **, int *);
/* f_ops, f_data, f_type and f_flag are set: from now on it may be used. */
void	fd_affix(struct proc *, file_t *, unsigned int);
/* Instead of fd_affix(). */
void	fd_abort(struct proc *, file_t *, unsigned int);
/*
 * Of an open function: instead of the device, its caller opens a file of
 * fd_allocfile().  Returns EMOVEFD, which the function returns too.
 */
int	fd_clone(file_t *, unsigned int, int, const struct fileops *, void *);
/*
 * The file of a descriptor, which is not closed until fd_putfile(); NULL when
 * there is none, or it is not a driver's.
 */
file_t	*fd_getfile(unsigned int);
void	fd_putfile(unsigned int);
__END_DECLS

#endif /* !_NETBSD_SYS_FILEDESC_H_ */
