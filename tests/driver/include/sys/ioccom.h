// SPDX-License-Identifier: BSD-2-Clause
// Lets a driver's public header be read by a hosted test: glibc has no such header.
#include "netbsd/sys/ioccom.h"
