// SPDX-License-Identifier: BSD-2-Clause
// devsw(9), and ioctl's rules of copying.
#include "kern/devsw.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "autoconf_support.h"
#include "expect_violation.h"
#include "kern/open_device.h"
#include "kern/user_memory.h"
#include "kern_support.h"
#include "netbsd/sys/errno.h"
#include "netbsd/sys/event.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/filio.h"
#include "netbsd/sys/poll.h"
#include "netbsd/sys/select.h"
#include "netbsd/sys/vnode.h"
#include "pipe_device.h"

using namespace pupci::kern;
using namespace pupci::kern::test;

namespace {

constexpr std::uintptr_t user_address = 0x5000;

std::vector<std::byte> bytes(const std::string& text) {
  const auto* p = reinterpret_cast<const std::byte*>(text.data());
  return {p, p + text.size()};
}

template <typename T>
vmspace user_with(const T& value) {
  vmspace space;
  std::vector<std::byte> raw(sizeof value);
  std::memcpy(raw.data(), &value, sizeof value);
  space.add(user_address, std::move(raw));
  return space;
}

template <typename T>
T user_value(const vmspace& space) {
  T value{};
  EXPECT_TRUE(space.copy_in(user_address, &value, sizeof value));
  return value;
}

TEST(Devsw, AttachAndLookup) {
  const PipeDevice pipe;
  EXPECT_NE(cdevsw_lookup(pipe.dev()), nullptr);
  EXPECT_EQ(cdevsw_lookup_major(cdevsw_lookup(pipe.dev())), pipe.major_number());
  EXPECT_STREQ(cdevsw_getname(pipe.major_number()), "pipe");
  char suffix[8] = {};
  EXPECT_EQ(devsw_name2chr("pipe12", suffix, sizeof suffix), pipe.major_number());
  EXPECT_STREQ(suffix, "12");
  EXPECT_EQ(devsw_name2chr("pipes", nullptr, 0), NODEVMAJOR);
  EXPECT_EQ(cdevsw_lookup(makedev(4000, 0)), nullptr);
  EXPECT_EQ(cdev_open(makedev(4000, 0), FREAD, 0, nullptr), ENXIO);
  EXPECT_EQ(device_by_name("pipe0"), pipe.dev(0));
  EXPECT_EQ(device_by_name("pipe300"), pipe.dev(300));
  EXPECT_EQ(device_by_name("pipe:7"), pipe.dev(7));
  EXPECT_EQ(device_by_name("pipe"), pipe.dev(0));
  for (const char* name : {"", "0", "pip", "pipe:", "pipe:x", "pipex", "pipe9999999", ":1"}) {
    EXPECT_EQ(device_by_name(name), NODEV) << name;
  }
}

TEST(Devsw, NamesAndMajorsAreTakenOnce) {
  const PipeDevice pipe;
  static const cdevsw other = {};
  devmajor_t number = NODEVMAJOR;
  EXPECT_EQ(devsw_attach("pipe", nullptr, nullptr, &other, &number), EEXIST);
  EXPECT_EQ(devsw_attach("pipe2", nullptr, nullptr, cdevsw_lookup(pipe.dev()), &number), EEXIST);
  number = pipe.major_number();
  EXPECT_EQ(devsw_attach("other", nullptr, nullptr, &other, &number), EINVAL);
  number = 77;
  EXPECT_EQ(devsw_attach("other", nullptr, nullptr, &other, &number), 0);
  EXPECT_EQ(number, 77);
  devsw_detach(nullptr, &other);
  EXPECT_EQ(cdevsw_lookup(makedev(77, 0)), nullptr);
  EXPECT_EQ(devsw_attach(nullptr, nullptr, nullptr, &other, &number), EINVAL);
}

TEST(Devsw, KernelLockIsHeldUnlessMpsafe) {
  for (const int flags : {D_OTHER, D_OTHER | D_MPSAFE}) {
    PipeDevice pipe(flags);
    pipe.end();
    auto device = OpenDevice::create(pipe.dev(), FREAD);
    ASSERT_EQ(device->open(), 0);
    std::vector<std::byte> data(1);
    EXPECT_EQ(device->read(data), 0);
    EXPECT_EQ(PipeDevice::had_kernel_lock, (flags & D_MPSAFE) == 0);
    EXPECT_EQ(cdev_flags(pipe.dev()), flags & D_MPSAFE);
  }
}

TEST(Devsw, WhatASwitchDoesNotOfferIsRefused) {
  EXPECT_EQ(noopen(0, 0, 0, nullptr), ENODEV);
  EXPECT_EQ(noread(0, nullptr, 0), ENODEV);
  EXPECT_EQ(nowrite(0, nullptr, 0), ENODEV);
  EXPECT_EQ(noioctl(0, 0, nullptr, 0, nullptr), ENODEV);
  EXPECT_EQ(nommap(0, 0, 0), static_cast<paddr_t>(-1));
  EXPECT_EQ(nullopen(0, 0, 0, nullptr), 0);
  EXPECT_EQ(seltrue(0, POLLIN | POLLPRI, nullptr), POLLIN);
}

TEST(Devsw, SwitchWithADriverHoldsItsDeviceDuringOpen) {
  static device_t opened = nullptr;
  static cdevsw held = {};
  Drivers drivers;
  drivers.driver("leaf").at("leaf", "", {}, 0, FSTATE_STAR);
  drivers.load();
  held.d_open = [](dev_t dev, int, int, lwp_t*) {
    opened = device_lookup(held.d_cfdriver, held.d_devtounit(dev));
    return 0;
  };
  held.d_close = nullclose;
  held.d_devtounit = dev_minor_unit;
  held.d_cfdriver = drivers.driver_of("leaf");
  devmajor_t number = NODEVMAJOR;
  ASSERT_EQ(devsw_attach("leaf", nullptr, nullptr, &held, &number), 0);
  EXPECT_EQ(cdev_open(makedev(number, 0), FREAD, 0, nullptr), ENXIO);
  const device_t leaf = drivers.root("leaf");
  EXPECT_EQ(cdev_open(makedev(number, 0), FREAD, 0, nullptr), 0);
  EXPECT_EQ(opened, leaf);
  EXPECT_EQ(config_detach(leaf, 0), 0);
  EXPECT_EQ(cdev_open(makedev(number, 0), FREAD, 0, nullptr), ENXIO);
  devsw_detach(nullptr, &held);
}

TEST(Ioctl, CopiesInAndOutByDirection) {
  const PipeDevice pipe;
  vmspace user = user_with(PipeArgument{41, 0});
  const UserScope scope(&user);
  EXPECT_EQ(device_ioctl(pipe.dev(), pipe_increment, user_address, FREAD), 0);
  EXPECT_EQ(user_value<PipeArgument>(user).out, 42u);
  EXPECT_EQ(PipeDevice::last_flags, FREAD);
}

TEST(Ioctl, OutOnlyStartsFromZeros) {
  const PipeDevice pipe;
  vmspace user = user_with(PipeArgument{7, 7});
  const UserScope scope(&user);
  EXPECT_EQ(device_ioctl(pipe.dev(), pipe_get, user_address, 0), 0);
  EXPECT_EQ(PipeDevice::kept, 0u);
  EXPECT_EQ(user_value<PipeArgument>(user).in, 11u);
}

TEST(Ioctl, InOnlyIsNotCopiedBack) {
  const PipeDevice pipe;
  vmspace user = user_with(PipeArgument{7, 8});
  const UserScope scope(&user);
  EXPECT_EQ(device_ioctl(pipe.dev(), pipe_set, user_address, 0), 0);
  EXPECT_EQ(PipeDevice::kept, 7u);
  EXPECT_EQ(user_value<PipeArgument>(user).in, 7u);
}

TEST(Ioctl, NothingIsCopiedOutAfterAnError) {
  const PipeDevice pipe;
  vmspace user = user_with(PipeArgument{1, 2});
  const UserScope scope(&user);
  EXPECT_EQ(device_ioctl(pipe.dev(), pipe_fail, user_address, 0), EIO);
  EXPECT_EQ(user_value<PipeArgument>(user).out, 2u);
}

TEST(Ioctl, ValueItselfWithoutASize) {
  const PipeDevice pipe;
  EXPECT_EQ(device_ioctl(pipe.dev(), pipe_value, 0x1234567890, 0), 0);
  EXPECT_EQ(PipeDevice::kept, 0x1234567890u);
}

TEST(Ioctl, BadAddressesAndUnknownCommands) {
  const PipeDevice pipe;
  vmspace user = user_with(PipeArgument{});
  const UserScope scope(&user);
  EXPECT_EQ(device_ioctl(pipe.dev(), pipe_increment, 0, 0), EFAULT);
  EXPECT_EQ(device_ioctl(pipe.dev(), pipe_get, user_address + 1, 0), EFAULT);
  EXPECT_EQ(device_ioctl(pipe.dev(), _IO('p', 99), 0, 0), ENOTTY);
  EXPECT_EQ(device_ioctl(pipe.dev(), _IOC(IOC_OUT, 'p', 1, 5000), user_address, 0), ENOTTY);
  EXPECT_EQ(device_ioctl(makedev(4000, 0), pipe_get, user_address, 0), ENXIO);
}

TEST(Ioctl, LargeArgumentsAndPointersWithinThem) {
  const PipeDevice pipe;
  PipeLarge large{};
  large.text[0] = 'x';
  vmspace user = user_with(large);
  ASSERT_TRUE(user.add(0x9000, bytes("......")));
  {
    const UserScope scope(&user);
    EXPECT_EQ(device_ioctl(pipe.dev(), pipe_large, user_address, 0), 0);
  }
  EXPECT_EQ(user_value<PipeLarge>(user).text[999], 'x');
  vmspace pointing = user_with(PipePointer{0x9000, 5});
  pointing.add(0x9000, bytes("......"));
  const UserScope scope(&pointing);
  EXPECT_EQ(device_ioctl(pipe.dev(), pipe_copyout, user_address, 0), 0);
  char text[7] = {};
  EXPECT_TRUE(pointing.copy_in(0x9000, text, 6));
  EXPECT_STREQ(text, "hello.");
}

TEST(OpenDevice, ReadsAndWritesWithAnOffsetOfItsOwn) {
  const PipeDevice pipe;
  auto device = OpenDevice::create(pipe.dev(), FREAD | FWRITE);
  ASSERT_EQ(device->open(), 0);
  std::size_t written = 0;
  EXPECT_EQ(device->write(bytes("hello"), written), 0);
  EXPECT_EQ(written, 5u);
  std::vector<std::byte> data(3);
  EXPECT_EQ(device->read(data), 0);
  EXPECT_EQ(data, bytes("hel"));
  data.resize(100);
  EXPECT_EQ(device->read(data), 0);
  EXPECT_EQ(data, bytes("lo"));
}

TEST(OpenDevice, RightsAndFlagsAreThoseOfTheOpen) {
  const PipeDevice pipe;
  auto reader = OpenDevice::create(pipe.dev(), FREAD | FNONBLOCK);
  ASSERT_EQ(reader->open(), 0);
  std::size_t written = 0;
  EXPECT_EQ(reader->write(bytes("x"), written), EBADF);
  std::vector<std::byte> data(1);
  EXPECT_EQ(reader->read(data), EWOULDBLOCK);
  EXPECT_EQ(PipeDevice::last_flags & IO_NDELAY, IO_NDELAY);
  vmspace off = user_with(int{0});
  EXPECT_EQ(reader->ioctl(FIONBIO, off, user_address), ENOTTY);  // the driver is asked too
  auto writer = OpenDevice::create(pipe.dev(), FWRITE);
  ASSERT_EQ(writer->open(), 0);
  EXPECT_EQ(writer->write(bytes("x"), written), 0);
  EXPECT_EQ(reader->read(data), 0);
  EXPECT_EQ(PipeDevice::last_flags & IO_NDELAY, 0);
}

TEST(OpenDevice, DriverSeesEveryOpenAndTheLastClose) {
  const PipeDevice pipe;
  auto first = OpenDevice::create(pipe.dev(), FREAD);
  auto second = OpenDevice::create(pipe.dev(), FREAD);
  auto other = OpenDevice::create(pipe.dev(1), FREAD);
  ASSERT_EQ(first->open(), 0);
  ASSERT_EQ(second->open(), 0);
  ASSERT_EQ(other->open(), 0);
  EXPECT_EQ(PipeDevice::opens, 3);
  EXPECT_EQ(first->close(), 0);
  EXPECT_EQ(PipeDevice::closes, 0);
  EXPECT_EQ(other->close(), 0);
  EXPECT_EQ(PipeDevice::closes, 1);
  second.reset();
  EXPECT_EQ(PipeDevice::closes, 2);
  EXPECT_EQ(first->close(), EBADF);
  std::vector<std::byte> data(1);
  EXPECT_EQ(first->read(data), EBADF);
  EXPECT_EQ(OpenDevice::create(pipe.dev(9), FREAD)->open(), ENXIO);
  EXPECT_EQ(PipeDevice::closes, 2);
}

TEST(OpenDevice, InterruptEndsASleepAndAllLaterOnes) {
  const PipeDevice pipe;
  auto device = OpenDevice::create(pipe.dev(), FREAD);
  ASSERT_EQ(device->open(), 0);
  std::thread reader([&] {
    std::vector<std::byte> data(1);
    EXPECT_EQ(device->read(data), EINTR);
    data.resize(1);
    EXPECT_EQ(device->read(data), EINTR);
    EXPECT_FALSE(current()->interrupted);
  });
  eventually([] { return PipeDevice::sleepers == 1; });
  device->interrupt();
  reader.join();
}

TEST(OpenDevice, VdevgoneEndsCallsAndCloses) {
  const PipeDevice pipe;
  auto gone = OpenDevice::create(pipe.dev(2), FREAD);
  auto stays = OpenDevice::create(pipe.dev(5), FREAD);
  ASSERT_EQ(gone->open(), 0);
  ASSERT_EQ(stays->open(), 0);
  std::thread reader([&] {
    std::vector<std::byte> data(1);
    EXPECT_EQ(gone->read(data), EINTR);
  });
  eventually([] { return PipeDevice::sleepers == 1; });
  vdevgone(pipe.major_number(), 0, 3, VCHR);
  EXPECT_EQ(PipeDevice::closes, 1);
  reader.join();
  std::vector<std::byte> data(1);
  EXPECT_EQ(gone->read(data), ENXIO);
  EXPECT_EQ(gone->close(), 0);
  int events = 0;
  EXPECT_EQ(stays->poll(POLLOUT, {}, events), 0);
}

TEST(Devsw, DetachWaitsForWhoIsInside) {
  auto pipe = std::make_unique<PipeDevice>();
  auto device = OpenDevice::create(pipe->dev(), FREAD);
  ASSERT_EQ(device->open(), 0);
  std::thread reader([&] {
    std::vector<std::byte> data(1);
    EXPECT_EQ(device->read(data), 0);
    EXPECT_TRUE(data.empty());
  });
  eventually([] { return PipeDevice::sleepers == 1; });
  const cdevsw* device_switch = cdevsw_lookup(pipe->dev());
  std::atomic<bool> detached{false};
  std::thread detacher([&] {
    devsw_detach(nullptr, device_switch);
    detached = true;
  });
  eventually([&] { return cdevsw_lookup(pipe->dev()) == nullptr; });
  EXPECT_FALSE(detached);
  pipe->end();
  reader.join();
  detacher.join();
  device.reset();
  pipe.reset();
}

}  // namespace
