// SPDX-License-Identifier: BSD-2-Clause
// Facts about the system that kernel sources find in variables, and the functions that they enter
// in tables where there is nothing to do.
#include "netbsd/sys/systm.h"

#include <unistd.h>

#include "netbsd/sys/errno.h"

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

int nullop(void*) {
  return 0;
}
void voidop() {}
void* nullret() {
  return nullptr;
}
int enodev() {
  return ENODEV;
}
int enosys() {
  return ENOSYS;
}
int enoioctl() {
  return EPASSTHROUGH;
}
int enxio() {
  return ENXIO;
}
int eopnotsupp() {
  return EOPNOTSUPP;
}
