/* SPDX-License-Identifier: BSD-2-Clause */
/* Physical addresses: see uvm/uvm_extern.h. */
#ifndef _NETBSD_MACHINE_PMAP_H_
#define _NETBSD_MACHINE_PMAP_H_

#include "../uvm/uvm_extern.h"

#endif /* !_NETBSD_MACHINE_PMAP_H_ */
