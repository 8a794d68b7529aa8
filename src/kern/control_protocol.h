// SPDX-License-Identifier: BSD-2-Clause
// The control socket: how another process looks into a running kernel and uses its devices.
//
// A stream socket $XDG_RUNTIME_DIR/pupci/PID.sock (without that variable /tmp/pupci-UID/PID.sock)
// in a directory of mode 0700. Each request and each reply is one line of JSON. Requests of one
// connection are answered in order; a request that sleeps holds up those behind it, so who waits in
// one place and acts in another uses two connections. Descriptors belong to the connection, and are
// closed with it; calls that sleep then end.
//
//   {"id": 1, "request": "open", "device": "edu0"}
//   {"id": 1, "ok": true, "fd": 0}
//   {"id": 2, "ok": false, "errno": 6, "error": "edu7: no such device"}
//
// "id" may be anything and is repeated in the reply. Bytes are base64. Numbers may also be strings
// in C's notation ("0x10000"). [in brackets]: may be left out.
//
//   hello                                 version, pid, drivers: [{name, path, offers}]
//   devices                               devices: [{name, parent, driver, attribute, locators,
//                                           unit, active}], parents first
//   switches                              switches: [{name, major}]: what can be opened
//   evcnt                                 counters: [{group, name, type, count}]
//   sysctl      [prefix]                  entries: [{name, type, value, description, writable}]
//   sysctl_get  name                      one entry
//   sysctl_set  name, value
//   dmesg                                 text
//   open        device, [mode]            fd. device: "edu0" (switch edu, minor 0), "edu:5", "edu".
//                                           mode: any of "r", "w", "n" (non-blocking); "rw"
//   close       fd
//   read        fd, count, [offset]       data: at most count bytes, none at the end
//   write       fd, data, [offset]        count
//   poll        fd, [events], [timeout]   events: of "in", "pri", "out", "err", "hup"; in
//                                           milliseconds; for ever
//   wait        fd, [filter], [timeout]   by kqueue(2), filter "read" or "write": data (how much is
//                                           there), eof, or nothing of these when the time was over
//   ioctl       fd, command, [data],      data is the argument, command says how much of it goes in
//               [value], [memory]           and out; value: the argument of a command without size.
//                                           memory: [{address, data}]: what pointers in it point
//                                           to. Reply: data, memory: [{address, data}] that was
//                                           written
//   detach      device, [force]
//   rescan      device, [attribute]
//   suspend     device
//   resume      device
#pragma once

#include <cstddef>
#include <cstdint>

namespace pupci::kern {

inline constexpr int control_version = 1;
// Of one line; a longer one ends the connection.
inline constexpr std::size_t control_line_limit = std::size_t{32} << 20;
// Of one read.
inline constexpr std::size_t control_read_limit = std::size_t{16} << 20;
// Where the argument of an ioctl lies in the client's user space; "memory" must not overlap it.
inline constexpr std::uintptr_t control_argument_address = 0x1000;

}  // namespace pupci::kern
