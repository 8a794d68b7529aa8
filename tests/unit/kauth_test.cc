// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/kauth.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "expect_violation.h"
#include "kern/lwp.h"
#include "kern/thread.h"
#include "netbsd/sys/proc.h"

namespace {

TEST(Kauth, TheOwnerMay) {
  EXPECT_EQ(kauth_authorize_device(kauth_cred_get(), KAUTH_DEVICE_TTY_OPEN, nullptr, nullptr,
                                   nullptr, nullptr),
            0);
  EXPECT_EQ(kauth_cred_geteuid(kauth_cred_get()), geteuid());
}

TEST(Kauth, OthersMayNot) {
  kauth_cred_t other = kauth_cred_alloc();
  kauth_cred_seteuid(other, 54321);
  EXPECT_EQ(kauth_authorize_generic(other, KAUTH_GENERIC_ISSUSER, nullptr), EPERM);
  kauth_cred_seteuid(other, 0);
  EXPECT_EQ(kauth_authorize_generic(other, KAUTH_GENERIC_ISSUSER, nullptr), 0);
  kauth_cred_free(other);
  EXPECT_EQ(kauth_authorize_generic(NOCRED, KAUTH_GENERIC_ISSUSER, nullptr), 0);
}

int deny_passthru(kauth_cred_t, kauth_action_t action, void* cookie, void*, void*, void*, void*) {
  ++*static_cast<int*>(cookie);
  return action == KAUTH_DEVICE_RAWIO_PASSTHRU ? KAUTH_RESULT_DENY : KAUTH_RESULT_DEFER;
}

TEST(Kauth, ListenersAreHeard) {
  int calls = 0;
  kauth_listener_t listener = kauth_listen_scope(KAUTH_SCOPE_DEVICE, deny_passthru, &calls);
  ASSERT_NE(listener, nullptr);
  EXPECT_EQ(kauth_authorize_device_passthru(kauth_cred_get(), 0,
                                            KAUTH_REQ_DEVICE_RAWIO_PASSTHRU_ALL, nullptr),
            EPERM);
  EXPECT_EQ(kauth_authorize_device_tty(kauth_cred_get(), KAUTH_DEVICE_TTY_OPEN, nullptr), 0);
  EXPECT_EQ(calls, 2);
  kauth_unlisten_scope(listener);
  EXPECT_EQ(kauth_authorize_device_passthru(kauth_cred_get(), 0,
                                            KAUTH_REQ_DEVICE_RAWIO_PASSTHRU_ALL, nullptr),
            0);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(kauth_listen_scope("no.such.scope", deny_passthru, nullptr), nullptr);
}

TEST(Kauth, ReferencesAndCopies) {
  kauth_cred_t a = kauth_cred_alloc();
  kauth_cred_setuid(a, 7);
  EXPECT_EQ(kauth_cred_copy(a), a);
  kauth_cred_hold(a);
  EXPECT_EQ(kauth_cred_getrefcnt(a), 2U);
  kauth_cred_t b = kauth_cred_copy(a);
  EXPECT_NE(a, b);
  EXPECT_EQ(kauth_cred_getuid(b), 7U);
  EXPECT_EQ(kauth_cred_getrefcnt(a), 1U);
  kauth_cred_free(a);
  kauth_cred_free(b);
  int member = 1;
  EXPECT_EQ(kauth_cred_ismember_gid(kauth_cred_get(), 987654, &member), 0);
  EXPECT_EQ(member, 0);
}

TEST(Kauth, EveryThreadHasCredentials) {
  const auto allowed = [] {
    return kauth_authorize_machdep(pupci::kern::current()->credentials, KAUTH_MACHDEP_UNMANAGEDMEM,
                                   nullptr, nullptr, nullptr, nullptr);
  };
  EXPECT_EQ(allowed(), 0);
  std::thread foreign([&] { EXPECT_EQ(allowed(), 0); });
  foreign.join();
  pupci::kern::Thread own("own", [&] { EXPECT_EQ(allowed(), 0); });
  own.join();
  EXPECT_EQ(curproc->p_cred, kauth_cred_get());
}

}  // namespace
