// SPDX-License-Identifier: BSD-2-Clause
// kauth(9). The security model is the process's own: its owner and root may do everything, unless a
// listener says no.
#include "netbsd/sys/kauth.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "kern/check.h"

struct kauth_cred {
  std::atomic<unsigned> references{1};
  std::atomic<uid_t> uid{getuid()}, euid{geteuid()}, svuid{geteuid()};
  std::atomic<gid_t> gid{getgid()}, egid{getegid()}, svgid{getegid()};
  std::vector<gid_t> groups;
};

struct kauth_listener {
  kauth_scope_t scope;
  kauth_scope_callback_t callback;
  void* cookie;
};

struct kauth_scope {
  std::string name;
  std::vector<std::unique_ptr<kauth_listener>> listeners;
};

namespace {

struct Scopes {
  std::mutex mutex;
  std::vector<std::unique_ptr<kauth_scope>> all;
};

Scopes& scopes() {
  static Scopes& the = []() -> Scopes& {
    auto& fresh = *new Scopes;
    for (const char* name :
         {KAUTH_SCOPE_GENERIC, KAUTH_SCOPE_SYSTEM, KAUTH_SCOPE_PROCESS, KAUTH_SCOPE_NETWORK,
          KAUTH_SCOPE_MACHDEP, KAUTH_SCOPE_DEVICE, KAUTH_SCOPE_CRED, KAUTH_SCOPE_VNODE}) {
      fresh.all.push_back(std::make_unique<kauth_scope>());
      fresh.all.back()->name = name;
    }
    return fresh;
  }();
  return the;
}

kauth_scope* find_scope(const char* name) {
  for (const auto& scope : scopes().all) {
    if (scope->name == name) return scope.get();
  }
  return nullptr;
}

std::vector<gid_t> process_groups() {
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, getgroups(0, nullptr))));
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::max(0, count)));
  return groups;
}

kauth_cred& process_credential() {
  static kauth_cred& the = []() -> kauth_cred& {
    auto& fresh = *new kauth_cred;
    fresh.groups = process_groups();
    return fresh;
  }();
  return the;
}

bool is_kernel(kauth_cred_t cred) {
  return cred == NOCRED || cred == FSCRED;
}

int verdict(kauth_cred_t cred) {
  if (is_kernel(cred)) return 0;
  const uid_t uid = cred->euid;
  return uid == 0 || uid == geteuid() ? 0 : EPERM;
}

int authorize(const char* scope, kauth_cred_t cred, kauth_action_t action, void* arg0, void* arg1,
              void* arg2, void* arg3) {
  kauth_scope* found = nullptr;
  {
    const std::scoped_lock lock(scopes().mutex);
    found = find_scope(scope);
  }
  return kauth_authorize_action(found, cred, action, arg0, arg1, arg2, arg3);
}

}  // namespace

kauth_cred_t kauth_cred_alloc(void) {
  return new kauth_cred;
}

void kauth_cred_hold(kauth_cred_t cred) {
  if (!is_kernel(cred)) cred->references.fetch_add(1, std::memory_order_relaxed);
}

void kauth_cred_free(kauth_cred_t cred) {
  if (is_kernel(cred)) return;
  const unsigned before = cred->references.fetch_sub(1, std::memory_order_acq_rel);
  if (before == 0 || (before == 1 && cred == &process_credential())) {
    pupci::kern::violation(fmt::format("kauth_cred_free: {} has no reference left", fmt::ptr(cred)),
                           __builtin_return_address(0));
  }
  if (before == 1) delete cred;
}

kauth_cred_t kauth_cred_dup(kauth_cred_t cred) {
  auto* fresh = new kauth_cred;
  fresh->uid = cred->uid.load();
  fresh->euid = cred->euid.load();
  fresh->svuid = cred->svuid.load();
  fresh->gid = cred->gid.load();
  fresh->egid = cred->egid.load();
  fresh->svgid = cred->svgid.load();
  fresh->groups = cred->groups;
  return fresh;
}

// For writing: the same if nobody else holds it, else a duplicate in place of the reference given.
kauth_cred_t kauth_cred_copy(kauth_cred_t cred) {
  if (cred->references.load(std::memory_order_acquire) == 1) return cred;
  kauth_cred_t fresh = kauth_cred_dup(cred);
  kauth_cred_free(cred);
  return fresh;
}

unsigned int kauth_cred_getrefcnt(kauth_cred_t cred) {
  return cred->references;
}
kauth_cred_t kauth_cred_get(void) {
  return &process_credential();
}

uid_t kauth_cred_getuid(kauth_cred_t cred) {
  return cred->uid;
}
uid_t kauth_cred_geteuid(kauth_cred_t cred) {
  return cred->euid;
}
uid_t kauth_cred_getsvuid(kauth_cred_t cred) {
  return cred->svuid;
}
gid_t kauth_cred_getgid(kauth_cred_t cred) {
  return cred->gid;
}
gid_t kauth_cred_getegid(kauth_cred_t cred) {
  return cred->egid;
}
gid_t kauth_cred_getsvgid(kauth_cred_t cred) {
  return cred->svgid;
}
void kauth_cred_setuid(kauth_cred_t cred, uid_t uid) {
  cred->uid = uid;
}
void kauth_cred_seteuid(kauth_cred_t cred, uid_t uid) {
  cred->euid = uid;
}
void kauth_cred_setsvuid(kauth_cred_t cred, uid_t uid) {
  cred->svuid = uid;
}
void kauth_cred_setgid(kauth_cred_t cred, gid_t gid) {
  cred->gid = gid;
}
void kauth_cred_setegid(kauth_cred_t cred, gid_t gid) {
  cred->egid = gid;
}
void kauth_cred_setsvgid(kauth_cred_t cred, gid_t gid) {
  cred->svgid = gid;
}

int kauth_cred_ismember_gid(kauth_cred_t cred, gid_t gid, int* result) {
  const auto& groups = cred->groups;
  *result = std::find(groups.begin(), groups.end(), gid) != groups.end() ? 1 : 0;
  return 0;
}

int kauth_authorize_action(kauth_scope_t scope, kauth_cred_t cred, kauth_action_t action,
                           void* arg0, void* arg1, void* arg2, void* arg3) {
  if (is_kernel(cred)) return 0;
  std::vector<kauth_listener> listeners;
  if (scope != nullptr) {
    const std::scoped_lock lock(scopes().mutex);
    for (const auto& listener : scope->listeners) listeners.push_back(*listener);
  }
  bool allowed = false;
  for (const kauth_listener& l : listeners) {
    switch (l.callback(cred, action, l.cookie, arg0, arg1, arg2, arg3)) {
      case KAUTH_RESULT_DENY:
        return EPERM;
      case KAUTH_RESULT_ALLOW:
        allowed = true;
        break;
      default:
        break;
    }
  }
  return allowed ? 0 : verdict(cred);
}

int kauth_authorize_generic(kauth_cred_t cred, kauth_action_t action, void* arg0) {
  return authorize(KAUTH_SCOPE_GENERIC, cred, action, arg0, nullptr, nullptr, nullptr);
}

int kauth_authorize_system(kauth_cred_t cred, kauth_action_t action, enum kauth_system_req request,
                           void* arg1, void* arg2, void* arg3) {
  return authorize(KAUTH_SCOPE_SYSTEM, cred, action, KAUTH_ARG(request), arg1, arg2, arg3);
}

int kauth_authorize_network(kauth_cred_t cred, kauth_action_t action,
                            enum kauth_network_req request, void* arg1, void* arg2, void* arg3) {
  return authorize(KAUTH_SCOPE_NETWORK, cred, action, KAUTH_ARG(request), arg1, arg2, arg3);
}

int kauth_authorize_machdep(kauth_cred_t cred, kauth_action_t action, void* arg0, void* arg1,
                            void* arg2, void* arg3) {
  return authorize(KAUTH_SCOPE_MACHDEP, cred, action, arg0, arg1, arg2, arg3);
}

int kauth_authorize_device(kauth_cred_t cred, kauth_action_t action, void* arg0, void* arg1,
                           void* arg2, void* arg3) {
  return authorize(KAUTH_SCOPE_DEVICE, cred, action, arg0, arg1, arg2, arg3);
}

int kauth_authorize_device_tty(kauth_cred_t cred, kauth_action_t action, struct tty* tty) {
  return authorize(KAUTH_SCOPE_DEVICE, cred, action, tty, nullptr, nullptr, nullptr);
}

int kauth_authorize_device_passthru(kauth_cred_t cred, dev_t device, unsigned long mode,
                                    void* data) {
  return authorize(KAUTH_SCOPE_DEVICE, cred, KAUTH_DEVICE_RAWIO_PASSTHRU, KAUTH_ARG(mode),
                   KAUTH_ARG(device), data, nullptr);
}

kauth_scope_t kauth_register_scope(const char* name, kauth_scope_callback_t callback,
                                   void* cookie) {
  const std::scoped_lock lock(scopes().mutex);
  if (find_scope(name) != nullptr) return nullptr;
  scopes().all.push_back(std::make_unique<kauth_scope>());
  kauth_scope* scope = scopes().all.back().get();
  scope->name = name;
  if (callback != nullptr) {
    scope->listeners.push_back(
        std::make_unique<kauth_listener>(kauth_listener{scope, callback, cookie}));
  }
  return scope;
}

void kauth_deregister_scope(kauth_scope_t scope) {
  const std::scoped_lock lock(scopes().mutex);
  std::erase_if(scopes().all, [scope](const auto& one) { return one.get() == scope; });
}

kauth_listener_t kauth_listen_scope(const char* name, kauth_scope_callback_t callback,
                                    void* cookie) {
  const std::scoped_lock lock(scopes().mutex);
  kauth_scope* scope = find_scope(name);
  if (scope == nullptr) return nullptr;
  scope->listeners.push_back(
      std::make_unique<kauth_listener>(kauth_listener{scope, callback, cookie}));
  return scope->listeners.back().get();
}

void kauth_unlisten_scope(kauth_listener_t listener) {
  const std::scoped_lock lock(scopes().mutex);
  std::erase_if(listener->scope->listeners,
                [listener](const auto& one) { return one.get() == listener; });
}
