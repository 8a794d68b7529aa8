/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The little of vnode(9) that device drivers see: the flags of read and write.
 */
#ifndef _NETBSD_SYS_VNODE_H_
#define _NETBSD_SYS_VNODE_H_

#include "types.h"
#include "uio.h"

enum vtype { VNON, VREG, VDIR, VBLK, VCHR, VLNK, VSOCK, VFIFO, VBAD };

struct vnode;
typedef struct vnode vnode_t;

#define IO_UNIT		0x00010
#define IO_APPEND	0x00020
#define IO_SYNC		0x00040
#define IO_NDELAY	0x00100		/* the descriptor is non-blocking */
#define IO_DSYNC	0x00200

__BEGIN_DECLS
/*
 * Closes whatever is open of the devices (major, first..last): no close of
 * theirs comes after it, as a detach function wants it.  May sleep.
 */
void	vdevgone(int, int, int, enum vtype);
__END_DECLS

#endif /* !_NETBSD_SYS_VNODE_H_ */
