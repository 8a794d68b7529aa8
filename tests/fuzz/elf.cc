// SPDX-License-Identifier: BSD-2-Clause
// Fuzzes the reader of drivers' files: it accepts, or throws a message for the user.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "kern/elf_file.h"
#include "pupci/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const int fd = ::memfd_create("driver.so", MFD_CLOEXEC);
  if (fd < 0 || ::write(fd, data, size) != static_cast<ssize_t>(size)) std::abort();
  try {
    const pupci::kern::ElfFile file("/proc/self/fd/" + std::to_string(fd));
    std::uint64_t word = 0;
    for (const auto& symbol : file.symbols()) (void)file.read(symbol.value, &word, sizeof word);
  } catch (const pupci::Error& error) {
    if (*error.what() == '\0') std::abort();
  }
  ::close(fd);
  return 0;
}
