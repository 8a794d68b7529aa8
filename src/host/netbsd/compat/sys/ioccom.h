// SPDX-License-Identifier: BSD-2-Clause
// NetBSD's numbers of ioctl(2) requests, where the system's own are others.
#pragma once

#define PUPCI_IOC_(direction, group, number, size) \
  ((direction) | ((size) & 0x1fffUL) << 16 | static_cast<unsigned long>(group) << 8 | (number))

#undef _IO
#undef _IOR
#undef _IOW
#undef _IOWR
#define _IO(group, number) PUPCI_IOC_(0x20000000UL, group, number, 0UL)
#define _IOR(group, number, type) PUPCI_IOC_(0x40000000UL, group, number, sizeof(type))
#define _IOW(group, number, type) PUPCI_IOC_(0x80000000UL, group, number, sizeof(type))
#define _IOWR(group, number, type) PUPCI_IOC_(0xc0000000UL, group, number, sizeof(type))
