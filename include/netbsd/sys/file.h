/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open files, as far as a device driver sees them: those that it makes itself,
 * with sys/filedesc.h.
 */
#ifndef _NETBSD_SYS_FILE_H_
#define _NETBSD_SYS_FILE_H_

#include "fcntl.h"
#include "types.h"
#include "kauth.h"
#include "mutex.h"

struct file;
struct knote;
struct stat;
struct uio;
struct uvm_object;

/*
 * What a driver does for its files: never under the kernel lock, and in any
 * number of threads at a time, but for fo_close, which comes last and alone.
 * read, write: of the offset or from it on, which they advance when they are
 * given FOF_UPDATE_OFFSET.  fo_restart: may be NULL.  It asks calls that sleep
 * to end, since the file is closed.
 */
struct fileops {
	const char *fo_name;
	int	(*fo_read)(struct file *, off_t *, struct uio *, kauth_cred_t,
		    int);
	int	(*fo_write)(struct file *, off_t *, struct uio *, kauth_cred_t,
		    int);
	int	(*fo_ioctl)(struct file *, unsigned long, void *);
	int	(*fo_fcntl)(struct file *, unsigned int, void *);
	int	(*fo_poll)(struct file *, int);
	int	(*fo_stat)(struct file *, struct stat *);
	int	(*fo_close)(struct file *);
	int	(*fo_kqfilter)(struct file *, struct knote *);
	void	(*fo_restart)(struct file *);
	int	(*fo_mmap)(struct file *, off_t *, size_t, int, int *, int *,
		    struct uvm_object **, int *);
	int	(*fo_seek)(struct file *, off_t, int, off_t *, int);
};
#define FOF_UPDATE_OFFSET	0x0001

struct file {
	off_t		f_offset;
	kauth_cred_t	f_cred;		/* of who made it */
	const struct fileops *f_ops;
	union {
		void	*fd_data;
		int	fd_devunit;
	}		f_undata;
	kmutex_t	f_lock;
	int		f_flag;		/* FREAD, FWRITE, FNONBLOCK */
	unsigned int	f_type;		/* DTYPE_* */
	unsigned int	f_count;	/* of fd_getfile() */
};
typedef struct file file_t;
#define f_data		f_undata.fd_data
#define f_devunit	f_undata.fd_devunit

#define DTYPE_VNODE	1
#define DTYPE_SOCKET	2
#define DTYPE_PIPE	3
#define DTYPE_KQUEUE	4
#define DTYPE_MISC	5
#define DTYPE_CRYPTO	6
#define DTYPE_MQUEUE	7
#define DTYPE_SEM	8

__BEGIN_DECLS
/* For operations that a driver's files have not: EOPNOTSUPP ... */
int	fbadop_read(struct file *, off_t *, struct uio *, kauth_cred_t, int);
int	fbadop_write(struct file *, off_t *, struct uio *, kauth_cred_t, int);
int	fbadop_ioctl(struct file *, unsigned long, void *);
int	fbadop_close(struct file *);
int	fbadop_stat(struct file *, struct stat *);
int	fnullop_kqfilter(struct file *, struct knote *);
/* ... but F_SETFL succeeds, and there are no events. */
int	fnullop_fcntl(struct file *, unsigned int, void *);
int	fnullop_poll(struct file *, int);
void	fnullop_restart(struct file *);
__END_DECLS

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "queue.h"
#include "condvar.h"
#endif

#endif /* !_NETBSD_SYS_FILE_H_ */
