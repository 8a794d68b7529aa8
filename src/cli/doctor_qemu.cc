// SPDX-License-Identifier: BSD-2-Clause
// What the functions of QEMU's models need.
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "build/process.h"
#include "cli/doctor.h"
#include "os/process.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

Finding check_program() {
  static constexpr const char* program = "qemu-system-x86_64";
  static constexpr const char* remedy = "apt install qemu-system-x86";
  try {
    const build::Result result = build::run({program, "--version"});
    if (!result.ok())
      return {Verdict::bad,
              fmt::format("{} --version fails with status {}", program, result.status), remedy};
    return {Verdict::good, result.output.substr(0, result.output.find('\n')), ""};
  } catch (const Error& e) {
    return {Verdict::bad, e.what(), remedy};
  }
}

Finding check_memory() {
  const Fd fd = os::memory_file("pupci-doctor");
  if (!fd)
    return {Verdict::bad, fmt::format("memfd_create: {}", std::generic_category().message(errno)),
            "run a Linux kernel with memfd_create(2), 3.17 or later"};
  static constexpr std::size_t size = std::size_t{512} << 20;  // as BusOptions::arena_size
  const bool sized = ::ftruncate(fd.get(), size) == 0;
  void* memory =
      sized ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0) : MAP_FAILED;
  const int error = errno;
  if (memory != MAP_FAILED) ::munmap(memory, size);
  if (memory == MAP_FAILED)
    return {
        Verdict::bad,
        fmt::format("512 MiB for DMA cannot be mapped: {}", std::generic_category().message(error)),
        "ulimit -v unlimited"};
  return {Verdict::good, "512 MiB for DMA can be mapped (used as needed)", ""};
}

}  // namespace

std::vector<Findings> check_qemu() {
  return {{"qemu", {check_program()}}, {"memory", {check_memory()}}};
}

}  // namespace pupci::cli
