/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Firmware images from files (firmload(9)): DIRECTORY/DRIVER/IMAGE, in the
 * directories of hw.firmware.path, which PUPCI_FIRMWARE_PATH sets.
 */
#ifndef _NETBSD_DEV_FIRMLOAD_H_
#define _NETBSD_DEV_FIRMLOAD_H_

#include "../sys/types.h"

typedef struct firmware_handle *firmware_handle_t;

__BEGIN_DECLS
/* All: thread context.  0 or an errno value: ENOENT, EINVAL, EACCES, ... */
int	firmware_open(const char *, const char *, firmware_handle_t *);
int	firmware_close(firmware_handle_t);
off_t	firmware_get_size(firmware_handle_t);
/* All of the bytes asked for, or EIO. */
int	firmware_read(firmware_handle_t, off_t, void *, size_t);
void	*firmware_malloc(size_t);
void	firmware_free(void *, size_t);
__END_DECLS

#endif /* !_NETBSD_DEV_FIRMLOAD_H_ */
