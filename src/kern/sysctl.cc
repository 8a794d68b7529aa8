// SPDX-License-Identifier: BSD-2-Clause
// sysctl(9): what drivers call.
#include "netbsd/sys/sysctl.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kern/check.h"
#include "kern/console.h"
#include "kern/sysctl_tree.h"
#include "kern/track.h"
#include "netbsd/sys/kauth.h"
#include "netbsd/sys/systm.h"

// What sysctl_createv() made on behalf of one creator.
struct sysctllog {
  std::vector<std::uint64_t> nodes;
};

namespace {

namespace tree = pupci::kern::sysctl;
using tree::Node;

Node* to_node(const sysctlnode* node) {
  return static_cast<Node*>(const_cast<sysctlnode*>(node));
}

// The numbers of a variable argument list up to its end; 0 or ENAMETOOLONG.
int read_path(va_list arguments, std::vector<int>& path) {
  for (;;) {
    const int number = va_arg(arguments, int);
    if (number == CTL_EOL) return 0;
    if (number == CTL_CREATESYM) return EINVAL;
    if (path.size() == CTL_MAXNAME) return ENAMETOOLONG;
    path.push_back(number);
    if (number == CTL_CREATE) return 0;
  }
}

struct Request {
  unsigned flags;
  unsigned type;
  const char* name;
  const char* description;
  sysctlfn function;
  u_quad_t value;
  void* data;
  std::size_t size;
  const void* caller;
};

std::size_t default_size(const Request& request) {
  switch (request.type) {
    case CTLTYPE_INT:
      return sizeof(int);
    case CTLTYPE_QUAD:
      return sizeof(std::int64_t);
    case CTLTYPE_BOOL:
      return sizeof(bool);
    case CTLTYPE_STRING:
      return request.data == nullptr || request.function != nullptr
                 ? 0
                 : std::strlen(static_cast<const char*>(request.data)) + 1;
    default:
      return 0;
  }
}

int fill_value(Node& node, const Request& request) {
  if ((request.flags & CTLFLAG_IMMEDIATE) != 0) {
    switch (request.type) {
      case CTLTYPE_BOOL:
        node.sysctl_bdata = request.value != 0;
        return 0;
      case CTLTYPE_INT:
        node.sysctl_idata = static_cast<std::int32_t>(request.value);
        return 0;
      case CTLTYPE_QUAD:
        node.sysctl_qdata = request.value;
        return 0;
      default:
        return EINVAL;
    }
  }
  node.sysctl_data = request.data;
  if ((request.flags & CTLFLAG_OWNDATA) != 0) {  // its own copy of the initial value
    node.text.assign(node.sysctl_size, '\0');
    if (request.data != nullptr) std::memcpy(node.text.data(), request.data, node.sysctl_size);
    node.sysctl_data = node.text.data();
  }
  return node.sysctl_data == nullptr && request.function == nullptr ? EINVAL : 0;
}

int make_node(const Request& request, int number, std::unique_ptr<Node>& made) {
  auto node = std::make_unique<Node>();
  node->sysctl_num = number;
  node->sysctl_flags = SYSCTL_VERSION | request.type | SYSCTL_FLAGS(request.flags);
  node->sysctl_func = request.function;
  node->caller = request.caller;
  if (kern_strlcpy(node->sysctl_name, request.name, sizeof(node->sysctl_name)) >=
      sizeof(node->sysctl_name)) {
    return ENAMETOOLONG;
  }
  if (request.description != nullptr) {
    const bool copy = (request.flags & CTLFLAG_OWNDESC) != 0;
    if (copy) node->own_description = request.description;
    node->sysctl_desc = copy ? node->own_description.c_str() : request.description;
  }
  if (request.type == CTLTYPE_NODE) {
    if ((request.flags & CTLFLAG_ALIAS) != 0) {
      node->sysctl_alias = static_cast<std::int32_t>(request.value);
    }
  } else {
    node->sysctl_size = request.size != 0 ? request.size : default_size(request);
    if (const int error = fill_value(*node, request)) return error;
  }
  made = std::move(node);
  return 0;
}

// Another node of that name or number is fine if it could be the one that was wanted.
bool as_wanted(const Node& there, const Request& request, int number) {
  return std::strcmp(there.sysctl_name, request.name) == 0 &&
         there.sysctl_func == request.function &&
         (number == CTL_CREATE || number == there.sysctl_num);
}

int create(Node& start, const Request& request, const std::vector<int>& path, Node** result) {
  if (path.empty()) return EINVAL;
  unsigned used = 0;
  const auto above = static_cast<unsigned>(path.size() - 1);
  Node* parent = tree::locate(start, path.data(), above, used);
  if (parent == nullptr || used != above) return ENOENT;
  std::unique_ptr<Node> fresh;
  if (const int error = make_node(request, path.back(), fresh)) return error;
  const int error = tree::insert(*parent, std::move(fresh), result);
  if (error == 0 && (request.flags & CTLFLAG_PERMANENT) == 0) {
    pupci::kern::track(pupci::kern::Kind::sysctl, *result, sizeof(Node), request.caller);
  }
  return error == EEXIST && as_wanted(**result, request, path.back()) ? 0 : error;
}

int createv(sysctllog** log, const sysctlnode** root, const sysctlnode** result, Request request,
            const std::vector<int>& path) {
  if (result != nullptr) *result = nullptr;
  if (root != nullptr && *root == nullptr) return EINVAL;
  if (log != nullptr) request.flags &= ~static_cast<unsigned>(CTLFLAG_PERMANENT);
  const tree::Lock lock;
  Node& start = root != nullptr ? *to_node(*root) : tree::root();
  Node* made = nullptr;
  const int error = create(start, request, path, &made);
  if (error != 0) {
    pupci::kern::console_write(
        pupci::kern::Message::error,
        fmt::format("sysctl_createv: {}: {}\n", request.name, std::strerror(error)));
    return error;
  }
  if (log != nullptr) {
    if (*log == nullptr) *log = new sysctllog;
    (*log)->nodes.push_back(made->id);
  }
  if (result != nullptr) *result = made;
  return 0;
}

// The value of a node that a helper may have copied to its stack and altered.
void* value_of(const sysctlnode* node) {
  if ((node->sysctl_flags & CTLFLAG_IMMEDIATE) != 0) {
    return const_cast<std::uint64_t*>(&node->sysctl_un.scu_qdata);
  }
  return node->sysctl_data;
}

int store_string(char* to, std::size_t room, const void* from, std::size_t size) {
  if (size > room) return EINVAL;
  const auto* text = static_cast<const char*>(from);
  if (size == room && text[size - 1] != '\0') return EINVAL;
  std::memmove(to, text, size);
  std::memset(to + size, 0, room - size);
  return 0;
}

int store_value(const sysctlnode* node, void* to, const void* from, std::size_t size) {
  switch (SYSCTL_TYPE(node->sysctl_flags)) {
    case CTLTYPE_BOOL:
      if (size != node->sysctl_size || *static_cast<const unsigned char*>(from) > 1) return EINVAL;
      break;
    case CTLTYPE_INT:
    case CTLTYPE_QUAD:
    case CTLTYPE_STRUCT:
      if (size != node->sysctl_size) return EINVAL;
      break;
    case CTLTYPE_STRING:
      return store_string(static_cast<char*>(to), node->sysctl_size, from, size);
    default:
      return EINVAL;
  }
  std::memcpy(to, from, size);
  return 0;
}

int authorize(const lwp* l, const sysctlnode* node, bool write) {
  if (l == nullptr) return 0;
  const bool asks = (node->sysctl_flags & CTLFLAG_PRIVATE) != 0 ||
                    (write && (node->sysctl_flags & CTLFLAG_ANYWRITE) == 0);
  return asks ? kauth_authorize_system(kauth_cred_get(), KAUTH_SYSTEM_SYSCTL, {}, nullptr, nullptr,
                                       nullptr)
              : 0;
}

}  // namespace

// The header's checking macro is for drivers in C only.
int sysctl_createv(struct sysctllog** log, int call_flags, const struct sysctlnode** root,
                   const struct sysctlnode** result, int flags, int type, const char* name,
                   const char* description, sysctlfn function, u_quad_t value, void* data,
                   size_t size, ...) {
  const void* caller = __builtin_return_address(0);
  if (call_flags != 0 || name == nullptr) return EINVAL;
  std::vector<int> path;
  va_list arguments;
  va_start(arguments, size);
  const int error = read_path(arguments, path);
  va_end(arguments);
  if (error != 0) return error;
  const Request request{static_cast<unsigned>(flags),
                        static_cast<unsigned>(SYSCTL_TYPE(type)),
                        name,
                        description,
                        function,
                        value,
                        data,
                        size,
                        caller};
  return createv(log, root, result, request, path);
}

int sysctl_destroyv(struct sysctlnode* root, ...) {
  std::vector<int> path;
  va_list arguments;
  va_start(arguments, root);
  const int error = read_path(arguments, path);
  va_end(arguments);
  if (error != 0) return error;
  const tree::Lock lock;
  unsigned used = 0;
  Node& start = root != nullptr ? *to_node(root) : tree::root();
  Node* node = tree::locate(start, path.data(), static_cast<unsigned>(path.size()), used);
  if (node == nullptr || used != path.size()) return 0;  // gone is what was wanted
  return tree::remove(*node);
}

void sysctl_teardown(struct sysctllog** log) {
  if (log == nullptr || *log == nullptr) return;
  const std::unique_ptr<sysctllog> owned(*log);
  *log = nullptr;
  const tree::Lock lock;
  // Newest first. What others have put nodes below stays until they go.
  for (auto id = owned->nodes.rbegin(); id != owned->nodes.rend(); ++id) {
    if (Node* node = tree::find(*id)) (void)tree::remove(*node);
  }
}

int sysctl_lookup(SYSCTLFN_ARGS) {
  (void)name;
  (void)oname;
  if (SYSCTL_TYPE(rnode->sysctl_flags) == CTLTYPE_NODE || namelen != 0) return EINVAL;
  const bool write = newp != nullptr && newlen != 0;
  if (const int error = authorize(l, rnode, write)) return error;
  if (write && (rnode->sysctl_flags & CTLFLAG_READWRITE) == 0) return EPERM;
  void* value = value_of(rnode);
  if (value == nullptr) return EINVAL;
  const std::size_t size = SYSCTL_TYPE(rnode->sysctl_flags) == CTLTYPE_STRING
                               ? std::strlen(static_cast<const char*>(value)) + 1
                               : rnode->sysctl_size;
  if (oldp != nullptr) std::memcpy(oldp, value, std::min(size, *oldlenp));
  if (oldlenp != nullptr) *oldlenp = size;
  return write ? store_value(rnode, value, newp, newlen) : 0;
}

int sysctl_query(SYSCTLFN_ARGS) {
  (void)oname;
  if (namelen != 1 || *name != CTL_QUERY) return EINVAL;
  if (SYSCTL_TYPE(rnode->sysctl_flags) != CTLTYPE_NODE) return ENOTDIR;
  if (newp != nullptr && newlen < sizeof(std::uint32_t)) return EINVAL;
  if (const int error = authorize(l, rnode, false)) return error;
  const Node* node = to_node(rnode);
  std::size_t stored = 0;
  for (const auto& child : node->children) {
    if (oldp != nullptr && *oldlenp >= stored + sizeof(sysctlnode)) {
      std::memcpy(static_cast<char*>(oldp) + stored, static_cast<sysctlnode*>(child.get()),
                  sizeof(sysctlnode));
    }
    stored += sizeof(sysctlnode);
  }
  const bool fits = oldp == nullptr || stored <= *oldlenp;
  *oldlenp = stored;
  return fits ? 0 : ENOMEM;
}

int sysctl_locate(struct lwp*, const int* name, u_int length, const struct sysctlnode** node,
                  int* used) {
  const tree::Lock lock;
  Node& start = node != nullptr && *node != nullptr ? *to_node(*node) : tree::root();
  unsigned followed = 0;
  Node* found = tree::locate(start, name, length, followed);
  if (used != nullptr) *used = static_cast<int>(followed);
  if (found == nullptr) return ENOENT;
  if (node != nullptr) *node = found;
  return 0;
}

int sysctl_dispatch(SYSCTLFN_ARGS) {
  const tree::Lock lock;
  Node& start = rnode != nullptr ? *to_node(rnode) : tree::root();
  unsigned used = 0;
  Node* node = tree::locate(start, name, namelen, used);
  if (node == nullptr) return ENOENT;
  const int* rest = name + used;
  const unsigned rest_length = namelen - used;
  sysctlfn function = node->sysctl_func;
  if (rest_length == 1 && *rest == CTL_QUERY && function == nullptr) function = sysctl_query;
  if (function == nullptr) {
    if (node->type() == CTLTYPE_NODE) return rest_length == 0 ? EISDIR : EOPNOTSUPP;
    function = sysctl_lookup;
  }
  return function(rest, rest_length, oldp, oldlenp, newp, newlen, oname, l, node);
}

int sysctl_needfunc(SYSCTLFN_ARGS) {
  (void)name, (void)namelen, (void)oldp, (void)oldlenp, (void)newp, (void)newlen;
  (void)oname, (void)l;
  pupci::kern::console_write(pupci::kern::Message::error,
                             fmt::format("sysctl: {} needs a function\n", rnode->sysctl_name));
  return EOPNOTSUPP;
}

int sysctl_notavail(SYSCTLFN_ARGS) {
  if (namelen == 1 && name[0] == CTL_QUERY) return sysctl_query(SYSCTLFN_CALL(rnode));
  return EOPNOTSUPP;
}

int sysctl_null(SYSCTLFN_ARGS) {
  (void)name, (void)namelen, (void)oldp, (void)newp, (void)newlen;
  (void)oname, (void)l, (void)rnode;
  *oldlenp = 0;
  return 0;
}

// Who asks lives in this process.
int sysctl_copyin(struct lwp*, const void* from, void* to, size_t size) {
  std::memcpy(to, from, size);
  return 0;
}

int sysctl_copyout(struct lwp*, const void* from, void* to, size_t size) {
  std::memcpy(to, from, size);
  return 0;
}

int sysctl_copyinstr(struct lwp*, const void* from, void* to, size_t size, size_t* done) {
  const std::size_t length = strnlen(static_cast<const char*>(from), size);
  const bool fits = length < size;
  std::memcpy(to, from, fits ? length + 1 : size);
  if (done != nullptr) *done = fits ? length + 1 : size;
  return fits ? 0 : ENAMETOOLONG;
}

void sysctl_lock(bool) {
  tree::lock();
}
void sysctl_unlock(void) {
  tree::unlock();
}
void sysctl_relock(void) {
  tree::lock();
}

const struct sysctlnode* sysctl_rootof(const struct sysctlnode* node) {
  while (node->sysctl_parent != nullptr) node = node->sysctl_parent;
  return node;
}
