// SPDX-License-Identifier: BSD-2-Clause
// firmload(9).
#include "netbsd/dev/firmload.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kern/check.h"
#include "kern/console.h"
#include "kern/firmload.h"
#include "kern/heap.h"
#include "kern/track.h"

struct firmware_handle {
  int fd;
  off_t size;
  ~firmware_handle() { close(fd); }
};

namespace pupci::kern {
namespace {

// NetBSD's own directories.
constexpr const char* usual_path =
    "/libdata/firmware:/usr/libdata/firmware:/usr/pkg/libdata/firmware:/usr/pkg/libdata";

// A component of a path that stays where it belongs; an image may lie in a folder of its own.
bool is_safe(std::string_view name) {
  if (name.empty() || name.front() == '/') return false;
  for (std::size_t start = 0; start <= name.size();) {
    const std::size_t end = std::min(name.find('/', start), name.size());
    const std::string_view part = name.substr(start, end - start);
    if (part.empty() || part == "..") return false;
    start = end + 1;
  }
  return true;
}

std::vector<std::string> directories() {
  std::vector<std::string> all;
  std::string_view rest(firmware_path().data());
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    if (colon != 0) all.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return all;
}

int open_file(const std::string& path, std::unique_ptr<firmware_handle>& handle) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  struct stat facts{};
  if (fstat(fd, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    close(fd);
    return EINVAL;
  }
  handle.reset(new firmware_handle{fd, facts.st_size});
  return 0;
}

int find(const char* driver, const char* image, std::unique_ptr<firmware_handle>& handle) {
  int worst = ENOENT;
  for (const std::string& directory : directories()) {
    const std::string path = directory + "/" + driver + "/" + image;
    const int error = open_file(path, handle);
    if (error == 0) return 0;
    if (error != ENOENT && error != ENOTDIR) worst = error;
  }
  console_write(Message::error,
                fmt::format("{}: no firmware {}/{} in {}: {} (PUPCI_FIRMWARE_PATH names other "
                            "directories)\n",
                            driver, driver, image, firmware_path().data(), std::strerror(worst)));
  return worst;
}

}  // namespace

std::array<char, 1024>& firmware_path() {
  static auto& path = []() -> std::array<char, 1024>& {
    auto& fresh = *new std::array<char, 1024>{};
    const char* given = std::getenv("PUPCI_FIRMWARE_PATH");
    const std::string_view text = given != nullptr && *given != '\0' ? given : usual_path;
    text.copy(fresh.data(), fresh.size() - 1);
    return fresh;
  }();
  return path;
}

}  // namespace pupci::kern

using pupci::kern::Kind;
using pupci::kern::Owner;
using pupci::kern::violation;

#define CALLER __builtin_return_address(0)

int firmware_open(const char* driver, const char* image, firmware_handle_t* result) {
  pupci::kern::check_sleepable("firmware_open", CALLER);
  if (driver == nullptr || image == nullptr || !pupci::kern::is_safe(driver) ||
      !pupci::kern::is_safe(image)) {
    return EINVAL;
  }
  std::unique_ptr<firmware_handle> handle;
  if (const int error = pupci::kern::find(driver, image, handle)) return error;
  pupci::kern::track(Kind::other, handle.get(), 0, CALLER);
  *result = handle.release();
  return 0;
}

int firmware_close(firmware_handle_t handle) {
  if (!pupci::kern::untrack(Kind::other, handle)) {
    violation(fmt::format("firmware_close: {} is not open", fmt::ptr(handle)), CALLER);
  }
  delete handle;
  return 0;
}

off_t firmware_get_size(firmware_handle_t handle) {
  return handle->size;
}

int firmware_read(firmware_handle_t handle, off_t offset, void* to, size_t size) {
  auto* at = static_cast<char*>(to);
  while (size > 0) {
    const ssize_t got = pread(handle->fd, at, size, offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno;
    if (got == 0) return EIO;  // beyond the end
    at += got;
    offset += got;
    size -= static_cast<size_t>(got);
  }
  return 0;
}

void* firmware_malloc(size_t size) {
  if (size == 0) violation("firmware_malloc: size 0", CALLER);
  return pupci::kern::heap_allocate(size, Owner::kmem, CALLER, false);
}

void firmware_free(void* p, size_t size) {
  pupci::kern::heap_free(p, size, Owner::kmem, CALLER, "firmware_free");
}
