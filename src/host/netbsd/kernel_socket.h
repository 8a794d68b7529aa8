// SPDX-License-Identifier: BSD-2-Clause
// How system calls travel to a kernel that runs in another process: the NetBSD kernel API of this
// project with the kernel module loaded into it, serving the netbsd host where there is no NetBSD.
//
// The socket is a Unix one of type SOCK_SEQPACKET; each message is a Message and the bytes behind
// it. A connection carries one call at a time: a Call, then from the kernel any number of copy_in
// and copy_out, which the client answers (copy_in: with a reply and the bytes, or an errno;
// copy_out: with a reply), then the kernel's reply. Threads use connections of their own, and a
// wait has one to itself.
//
// The first call of a connection is `join`: of process 0, which begins a process whose number is
// the value of the reply, or of a process that has begun. What a process has open is closed when
// its last connection closes, however that comes.
//
// A process may dedicate one connection to `revoked`: its reply comes when the kernel takes
// mappings away, which is complete once the client calls `revoked` again (having put inaccessible
// memory in their place).
#pragma once

#include <cstddef>
#include <cstdint>

namespace pupci::netbsd {

enum class Call : std::uint32_t {
  // From the kernel. Arguments and the bytes behind the message in brackets.
  reply =
      0,     // value; or error, an errno of Linux. [bytes read; for mmap the descriptor, as rights]
  copy_in,   // a0 address, a1 size
  copy_out,  // a0 address, a1 size [bytes]

  join,         // a0 process
  open,         // a0 flags, of NetBSD's fcntl.h [path] -> descriptor
  close,        // a0 descriptor
  ioctl,        // a0 descriptor, a1 command, a2 address of the argument
  read,         // a0 descriptor, a1 size -> bytes read [bytes]
  mmap,         // a0 descriptor, a1 size, a2 protection (1 read, 2 write), a3 offset
                //   -> offset in the file that comes with the reply
  munmap,       // a0 descriptor that was mapped, a1 size, a3 offset: as with mmap
  kqueue,       //   -> descriptor
  kevent_add,   // a0 kqueue, a1 descriptor: EVFILT_READ
  kevent_wait,  // a0 kqueue, a1 milliseconds, or -1: for ever -> 1, or 0 without an event
                //   [Occurrence]
  poll,         // a0 descriptor, a1 events, a2 milliseconds or -1 -> events (NetBSD's poll.h)
  revoked,      //   -> number of them [Revocation...]
};

struct Message {
  Call call;
  std::int32_t error;
  std::int64_t value;
  std::uint64_t a[4];
};

struct Occurrence {
  std::int32_t fd;
  std::uint32_t eof;
  std::int64_t data;
};

struct Revocation {
  std::uint64_t offset;  // in the file that came with the mapping
  std::uint64_t size;
};

/// Bytes behind a message, at most.
inline constexpr std::size_t message_limit = std::size_t{64} << 10;

}  // namespace pupci::netbsd
