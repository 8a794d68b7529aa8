// SPDX-License-Identifier: BSD-2-Clause
// NetBSD's requests to every descriptor, where the system's own are others.
#pragma once

#include <sys/ioccom.h>

#define FIONBIO _IOW('f', 126, int)
