// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/password.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

#include "host/fd.h"
#include "pupci/error.h"

namespace pupci::wscons {
namespace {

// More of it goes unheeded by the protocol, so that a longer one would only seem safer.
constexpr std::size_t longest = 8;

}  // namespace

std::string read_password(const std::string& what, const std::string& file) {
  const auto refuse = [&](int error, const std::string& why) {
    throw Error(error, fmt::format("--display {}: {}: {}", what, file, why));
  };
  const Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status{};
  if (!fd || ::fstat(fd.get(), &status) != 0) refuse(errno, std::generic_category().message(errno));
  if (!S_ISREG(status.st_mode)) refuse(EINVAL, "not a regular file");
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    refuse(EPERM, fmt::format("others may read the password; chmod 600 {}", file));
  std::array<char, 256> buffer{};
  const ssize_t size = ::read(fd.get(), buffer.data(), buffer.size());
  if (size < 0) refuse(errno, std::generic_category().message(errno));
  std::string password(buffer.data(), static_cast<std::size_t>(size));
  password.resize(std::min(password.find_first_of("\r\n"), password.size()));
  if (password.empty()) refuse(EINVAL, "the password, its first line, is empty");
  if (password.size() > longest)
    refuse(EINVAL, fmt::format("VNC heeds only the first {} characters of a password; this one has "
                               "{}{}",
                               longest, password.size() == buffer.size() ? "more than " : "",
                               password.size()));
  if (password.find('\0') != std::string::npos) refuse(EINVAL, "there is a null byte in it");
  return password;
}

}  // namespace pupci::wscons
