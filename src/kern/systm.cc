// SPDX-License-Identifier: BSD-2-Clause
// Facts about the system that kernel sources find in variables.
#include "netbsd/sys/systm.h"

#include <unistd.h>

int doing_shutdown;
bool mp_online = true;  // threads of drivers run at once from the start
long physmem = sysconf(_SC_PHYS_PAGES);
const char ostype[] = "NetBSD";
const char osrelease[] = "10.0";
const char copyright[] = "";
const char version[] = "NetBSD 10.0 (pupci)\n";
#if defined(__x86_64__)
char machine[] = "amd64";
char machine_arch[] = "x86_64";
#elif defined(__aarch64__)
char machine[] = "evbarm";
char machine_arch[] = "aarch64";
#else
char machine[] = "unknown";
char machine_arch[] = "unknown";
#endif
