/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device switches, devsw(9): the functions by which device nodes are used.
 */
#ifndef _NETBSD_SYS_CONF_H_
#define _NETBSD_SYS_CONF_H_

#include "types.h"
#include "device_if.h"

struct buf;
struct cfdriver;
struct knote;
struct lwp;
struct tty;
struct uio;

#define D_OTHER		0x0000
#define D_TAPE		0x0001
#define D_DISK		0x0002
#define D_TTY		0x0003
#define D_TYPEMASK	0x00ff
#define D_MPSAFE	0x0100	/* called without the kernel lock */
#define D_NEGOFFSAFE	0x0200
#define D_UNUSED0	0x0400

struct bdevsw {
	int		(*d_open)(dev_t, int, int, struct lwp *);
	int		(*d_cancel)(dev_t, int, int, struct lwp *);
	int		(*d_close)(dev_t, int, int, struct lwp *);
	void		(*d_strategy)(struct buf *);
	int		(*d_ioctl)(dev_t, unsigned long, void *, int, struct lwp *);
	int		(*d_dump)(dev_t, int64_t, void *, size_t);
	int		(*d_psize)(dev_t);
	int		(*d_discard)(dev_t, off_t, off_t);
	int		(*d_devtounit)(dev_t);
	struct cfdriver	*d_cfdriver;
	int		d_flag;
};

struct cdevsw {
	int		(*d_open)(dev_t, int, int, struct lwp *);
	int		(*d_cancel)(dev_t, int, int, struct lwp *);
	int		(*d_close)(dev_t, int, int, struct lwp *);
	int		(*d_read)(dev_t, struct uio *, int);
	int		(*d_write)(dev_t, struct uio *, int);
	int		(*d_ioctl)(dev_t, unsigned long, void *, int, struct lwp *);
	void		(*d_stop)(struct tty *, int);
	struct tty	*(*d_tty)(dev_t);
	int		(*d_poll)(dev_t, int, struct lwp *);
	paddr_t		(*d_mmap)(dev_t, off_t, int);
	int		(*d_kqfilter)(dev_t, struct knote *);
	int		(*d_discard)(dev_t, off_t, off_t);
	int		(*d_devtounit)(dev_t);
	struct cfdriver	*d_cfdriver;	/* with d_devtounit: devices are held */
	int		d_flag;
};

#define dev_type_open(n)	int n(dev_t, int, int, struct lwp *)
#define dev_type_cancel(n)	int n(dev_t, int, int, struct lwp *)
#define dev_type_close(n)	int n(dev_t, int, int, struct lwp *)
#define dev_type_read(n)	int n(dev_t, struct uio *, int)
#define dev_type_write(n)	int n(dev_t, struct uio *, int)
#define dev_type_ioctl(n)	\
	int n(dev_t, unsigned long, void *, int, struct lwp *)
#define dev_type_stop(n)	void n(struct tty *, int)
#define dev_type_tty(n)		struct tty *n(dev_t)
#define dev_type_poll(n)	int n(dev_t, int, struct lwp *)
#define dev_type_mmap(n)	paddr_t n(dev_t, off_t, int)
#define dev_type_strategy(n)	void n(struct buf *)
#define dev_type_dump(n)	int n(dev_t, int64_t, void *, size_t)
#define dev_type_size(n)	int n(dev_t)
#define dev_type_kqfilter(n)	int n(dev_t, struct knote *)
#define dev_type_discard(n)	int n(dev_t, off_t, off_t)

__BEGIN_DECLS
/* What a switch names that offers an operation not at all: ENODEV ... */
dev_type_open(noopen);
dev_type_close(noclose);
dev_type_read(noread);
dev_type_write(nowrite);
dev_type_ioctl(noioctl);
dev_type_stop(nostop);
dev_type_mmap(nommap);
dev_type_dump(nodump);
dev_type_discard(nodiscard);
/* ... and one that does nothing and succeeds. */
dev_type_open(nullopen);
dev_type_close(nullclose);
dev_type_read(nullread);
dev_type_write(nullwrite);
dev_type_ioctl(nullioctl);
dev_type_poll(seltrue);
dev_type_kqfilter(seltrue_kqfilter);

/*
 * A major of -1 asks for any.  EEXIST when the switch or the name is there,
 * EINVAL when the major is taken by another.
 */
int	devsw_attach(const char *name, const struct bdevsw *, devmajor_t *,
	    const struct cdevsw *, devmajor_t *);
/* Waits until nobody is inside the switch. */
int	devsw_detach(const struct bdevsw *, const struct cdevsw *);
const struct bdevsw *bdevsw_lookup(dev_t);
const struct cdevsw *cdevsw_lookup(dev_t);
devmajor_t	bdevsw_lookup_major(const struct bdevsw *);
devmajor_t	cdevsw_lookup_major(const struct cdevsw *);
const char	*cdevsw_getname(devmajor_t);
devmajor_t	devsw_name2chr(const char *, char *, size_t);
/* minor() as the unit, for d_devtounit. */
int	dev_minor_unit(dev_t);

/* Calls through the switch, under the kernel lock unless D_MPSAFE; ENXIO. */
int	cdev_open(dev_t, int flag, int devtype, lwp_t *);
int	cdev_close(dev_t, int flag, int devtype, lwp_t *);
int	cdev_read(dev_t, struct uio *, int ioflag);
int	cdev_write(dev_t, struct uio *, int ioflag);
int	cdev_ioctl(dev_t, unsigned long, void *, int flag, lwp_t *);
int	cdev_poll(dev_t, int events, lwp_t *);
paddr_t	cdev_mmap(dev_t, off_t, int prot);
int	cdev_kqfilter(dev_t, struct knote *);
int	cdev_type(dev_t);
int	cdev_flags(dev_t);
__END_DECLS

#define nocancel	NULL
#define notty		NULL
#define nosize		NULL
#define nopoll		seltrue
#define nokqfilter	seltrue_kqfilter
#define nullstop	NULL

/* Drivers rely on what NetBSD's header brings along. */
#ifndef __HOSTED_SEAM
#include "queue.h"
#include "mutex.h"
#endif

#endif /* !_NETBSD_SYS_CONF_H_ */
