/* SPDX-License-Identifier: BSD-2-Clause */
/* What there is of it is in uvm/uvm_extern.h. */
#ifndef _NETBSD_UVM_UVM_PMAP_H_
#define _NETBSD_UVM_UVM_PMAP_H_

#include "uvm_extern.h"

#endif /* !_NETBSD_UVM_UVM_PMAP_H_ */
