// SPDX-License-Identifier: BSD-2-Clause
// uiomove(9), copy(9), and the client's user space behind them.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "expect_violation.h"
#include "kern/user_memory.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/uio.h"

using namespace pupci::kern;

namespace {

std::vector<std::byte> bytes(const std::string& text) {
  const auto* p = reinterpret_cast<const std::byte*>(text.data());
  return {p, p + text.size()};
}

void* at(std::uintptr_t address) {
  return reinterpret_cast<void*>(address);
}

// A uio over pieces of memory of the kernel.
struct KernelUio {
  explicit KernelUio(uio_rw direction, std::vector<iovec> parts) : iov(std::move(parts)) {
    u.uio_iov = iov.data();
    u.uio_iovcnt = static_cast<int>(iov.size());
    for (const iovec& v : iov) u.uio_resid += v.iov_len;
    u.uio_rw = direction;
    UIO_SETUP_SYSSPACE(&u);
  }
  std::vector<iovec> iov;
  uio u{};
};

TEST(Uio, ReadFillsPiecesInOrder) {
  char a[3] = {};
  char b[4] = {};
  KernelUio k(UIO_READ, {{a, 3}, {nullptr, 0}, {b, 4}});
  EXPECT_EQ(uiomove(const_cast<char*>("hel"), 2, &k.u), 0);
  EXPECT_EQ(k.u.uio_resid, 5u);
  EXPECT_EQ(k.u.uio_offset, 2);
  EXPECT_EQ(uiomove(const_cast<char*>("llo world"), 9, &k.u), 0);
  EXPECT_EQ(k.u.uio_resid, 0u);
  EXPECT_EQ(std::string(a, 3) + std::string(b, 4), "hello w"[0] + std::string("ello w"));
  EXPECT_EQ(uiomove(const_cast<char*>("more"), 4, &k.u), 0);
  EXPECT_EQ(k.u.uio_offset, 7);
}

TEST(Uio, WriteTakesFromPieces) {
  char a[] = {'a', 'b'};
  char b[] = {'c'};
  KernelUio k(UIO_WRITE, {{a, 2}, {b, 1}});
  char to[8] = {};
  EXPECT_EQ(uiopeek(to, 3, &k.u), 0);
  EXPECT_STREQ(to, "abc");
  EXPECT_EQ(k.u.uio_resid, 3u);
  uioskip(1, &k.u);
  std::memset(to, 0, sizeof to);
  EXPECT_EQ(uiomove(to, sizeof to, &k.u), 0);
  EXPECT_STREQ(to, "bc");
  EXPECT_EQ(k.u.uio_offset, 3);
}

TEST(Uio, FromBufHonoursTheOffset) {
  char text[] = "0123456789";
  char to[4] = {};
  KernelUio k(UIO_READ, {{to, 3}});
  k.u.uio_offset = 8;
  EXPECT_EQ(uiomove_frombuf(text, 10, &k.u), 0);
  EXPECT_STREQ(to, "89");
  EXPECT_EQ(k.u.uio_resid, 1u);
  EXPECT_EQ(uiomove_frombuf(text, 10, &k.u), 0);  // at the end
  k.u.uio_offset = -1;
  EXPECT_EQ(uiomove_frombuf(text, 10, &k.u), EINVAL);
}

TEST(Uio, ReadcPutsOneByte) {
  char to[2] = {};
  KernelUio k(UIO_READ, {{to, 1}});
  EXPECT_EQ(ureadc('x', &k.u), 0);
  EXPECT_STREQ(to, "x");
  EXPECT_VIOLATION(ureadc('y', &k.u), "ureadc");
  EXPECT_VIOLATION(uioskip(1, &k.u), "uioskip");
}

TEST(Uio, UserSpaceIsWhatTheClientSent) {
  vmspace space;
  ASSERT_TRUE(space.add(0x1000, bytes("hello")));
  iovec iov{at(0x1001), 4};
  uio u{};
  u.uio_iov = &iov;
  u.uio_iovcnt = 1;
  u.uio_resid = 4;
  u.uio_rw = UIO_WRITE;
  u.uio_vmspace = &space;
  char to[5] = {};
  EXPECT_EQ(uiomove(to, 4, &u), 0);
  EXPECT_STREQ(to, "ello");
  iov = {at(0x1002), 4};
  u.uio_resid = 4;
  EXPECT_EQ(uiomove(to, 4, &u), EFAULT);
  EXPECT_EQ(u.uio_resid, 4u);
}

TEST(Copy, StaysWithinOneRange) {
  vmspace space;
  ASSERT_TRUE(space.add(0x1000, bytes("abcd")));
  ASSERT_TRUE(space.add(0x1004, bytes("efgh")));  // next to it, yet another one
  ASSERT_TRUE(space.add(0x2000, bytes("readonly"), false));
  EXPECT_FALSE(space.add(0x1002, bytes("x")));
  EXPECT_FALSE(space.add(0xfff, bytes("xx")));
  EXPECT_FALSE(space.add(UINTPTR_MAX, bytes("xx")));
  const UserScope scope(&space);
  char to[9] = {};
  EXPECT_EQ(copyin(at(0x1000), to, 4), 0);
  EXPECT_STREQ(to, "abcd");
  EXPECT_EQ(copyin(at(0x1001), to, 4), EFAULT);
  EXPECT_EQ(copyin(at(0xfff), to, 1), EFAULT);
  EXPECT_EQ(copyin(nullptr, to, 1), EFAULT);
  EXPECT_EQ(copyin(nullptr, to, 0), 0);
  EXPECT_EQ(copyin(at(0x1000), to, SIZE_MAX), EFAULT);
  EXPECT_EQ(copyout("zz", at(0x1002), 2), 0);
  EXPECT_EQ(copyin(at(0x1000), to, 4), 0);
  EXPECT_STREQ(to, "abzz");
  EXPECT_TRUE(space.ranges().at(0x1000).written);
  EXPECT_FALSE(space.ranges().at(0x1004).written);
  EXPECT_EQ(copyout("zz", at(0x2000), 2), EFAULT);
  uint32_t word = 0;
  EXPECT_EQ(ufetch_32(static_cast<const uint32_t*>(at(0x1000)), &word), 0);
  EXPECT_EQ(ustore_8(static_cast<uint8_t*>(at(0x1003)), 'q'), 0);
  EXPECT_EQ(ustore_64(static_cast<uint64_t*>(at(0x1000)), 1), EFAULT);
}

TEST(Copy, WithoutAClientThereIsNoUserSpace) {
  char to[1];
  EXPECT_EQ(copyin(at(0x1000), to, 1), EFAULT);
  EXPECT_EQ(copyout(to, at(0x1000), 1), EFAULT);
  EXPECT_EQ(copyinstr(at(0x1000), to, 1, nullptr), EFAULT);
}

TEST(Copy, StringsEndOrAreTooLong) {
  vmspace space;
  ASSERT_TRUE(space.add(0x1000, bytes(std::string("abc\0", 4))));
  ASSERT_TRUE(space.add(0x2000, bytes("endless")));
  const UserScope scope(&space);
  char to[8] = {};
  size_t done = 0;
  EXPECT_EQ(copyinstr(at(0x1000), to, sizeof to, &done), 0);
  EXPECT_STREQ(to, "abc");
  EXPECT_EQ(done, 4u);
  EXPECT_EQ(copyinstr(at(0x1000), to, 3, &done), ENAMETOOLONG);
  EXPECT_EQ(copyinstr(at(0x2000), to, sizeof to, &done), EFAULT);
  EXPECT_EQ(copyoutstr("xy", at(0x1000), 4, &done), 0);
  EXPECT_EQ(done, 3u);
  EXPECT_EQ(copyoutstr("xyz", at(0x1000), 2, &done), ENAMETOOLONG);
  EXPECT_EQ(copystr("pq", to, sizeof to, &done), 0);
  EXPECT_STREQ(to, "pq");
  EXPECT_EQ(copystr("pqr", to, 3, &done), ENAMETOOLONG);
}

TEST(Copy, IoctlCopiesFollowTheirFlag) {
  vmspace space;
  ASSERT_TRUE(space.add(0x1000, bytes("user")));
  const UserScope scope(&space);
  char to[5] = {};
  EXPECT_EQ(ioctl_copyin(0, at(0x1000), to, 4), 0);
  EXPECT_STREQ(to, "user");
  EXPECT_EQ(ioctl_copyin(static_cast<int>(FKIOCTL), "kern", to, 4), 0);
  EXPECT_STREQ(to, "kern");
  EXPECT_EQ(ioctl_copyout(0, "data", at(0x1000), 4), 0);
  EXPECT_EQ(ioctl_copyout(static_cast<int>(FKIOCTL), "more", to, 4), 0);
  EXPECT_STREQ(to, "more");
}

}  // namespace
