// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/listener.h"

#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "pupci/error.h"

namespace pupci::wscons {
namespace {

struct AddressDeleter {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, AddressDeleter>;

Addresses resolve(const std::string& what, const std::string& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* list = nullptr;
  const int error = ::getaddrinfo(address.c_str(), nullptr, &hints, &list);
  if (error != 0) {
    throw Error(EADDRNOTAVAIL,
                fmt::format("--display {}: {}: {}", what, address,
                            error == EAI_SYSTEM ? std::generic_category().message(errno)
                                                : ::gai_strerror(error)));
  }
  return Addresses(list);
}

void set_port(sockaddr_storage& to, std::uint16_t port) {
  if (to.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(to).sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in&>(to).sin_port = htons(port);
  }
}

std::uint16_t port_of(int fd) {
  sockaddr_storage bound{};
  socklen_t length = sizeof bound;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) != 0) return 0;
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(bound).sin6_port
                                           : reinterpret_cast<sockaddr_in&>(bound).sin_port);
}

bool is_loopback(const addrinfo& address) {
  if (address.ai_family == AF_INET6)
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<sockaddr_in6*>(address.ai_addr)->sin6_addr) != 0;
  const auto* inet = reinterpret_cast<sockaddr_in*>(address.ai_addr);
  return (ntohl(inet->sin_addr.s_addr) >> 24U) == 127;
}

// An invalid one with errno set when it cannot be.
Fd listen_at(const addrinfo& address, std::uint16_t port) {
  Fd fd(::socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fd;
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (address.ai_family == AF_INET6)
    ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  sockaddr_storage to{};
  std::memcpy(&to, address.ai_addr, address.ai_addrlen);
  set_port(to, port);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&to), address.ai_addrlen) == 0 &&
      ::listen(fd.get(), 16) == 0)
    return fd;
  const int error = errno;
  fd.reset();
  errno = error;
  return fd;
}

[[noreturn]] void refuse(const std::string& what, const std::string& address, std::uint16_t port,
                         int error) {
  std::string remedy;
  if (error == EADDRINUSE) remedy = "; choose another port, or 0 for any that is free";
  if (error == EACCES) remedy = "; ports below 1024 need privileges";
  if (error == EADDRNOTAVAIL) remedy = "; it must be an address of this machine";
  throw Error(error, fmt::format("--display {}: cannot listen on {} port {}: {}{}", what, address,
                                 port, std::generic_category().message(error), remedy));
}

}  // namespace

Listener listen_on(const std::string& what, const std::string& address, std::uint16_t port) {
  const Addresses addresses = resolve(what, address);
  Listener listener;
  listener.port = port;
  for (const addrinfo* next = addresses.get(); next != nullptr; next = next->ai_next) {
    if (next->ai_family != AF_INET && next->ai_family != AF_INET6) continue;
    Fd fd = listen_at(*next, listener.port);
    // A machine may know a name for IPv6 and not speak it.
    const bool spoken = errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL;
    if (!fd && (spoken || (next->ai_next == nullptr && listener.sockets.empty())))
      refuse(what, address, listener.port, errno);
    if (!fd) continue;
    if (listener.port == 0) listener.port = port_of(fd.get());
    listener.loopback_only = listener.loopback_only && is_loopback(*next);
    listener.sockets.push_back(std::move(fd));
  }
  return listener;
}

}  // namespace pupci::wscons
