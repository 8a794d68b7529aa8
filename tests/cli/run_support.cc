// SPDX-License-Identifier: BSD-2-Clause
#include "run_support.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>

namespace pupci::test {
namespace {

constexpr const char* qemu = "qemu-system-x86_64";

// The real program, where PATH has it.
std::string find_program(const std::string& name) {
  std::istringstream path(std::getenv("PATH"));
  std::string directory;
  while (std::getline(path, directory, ':')) {
    const std::string candidate = directory + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return name;
}

}  // namespace

std::string bad_driver(const std::string& attach, const std::string& detach,
                       const std::string& helpers) {
  return R"(
#include <sys/param.h>
#include <sys/systm.h>
#include <sys/device.h>
#include <sys/kmem.h>
#include <sys/proc.h>
#include <dev/pci/pcireg.h>
#include <dev/pci/pcivar.h>
)" + helpers +
         R"(
static int
bad_match(device_t parent, cfdata_t cf, void *aux)
{
	struct pci_attach_args *pa = aux;
	return PCI_VENDOR(pa->pa_id) == 0x1234 && PCI_PRODUCT(pa->pa_id) == 0x11e8 ? 1000 : 0;
}
static void
bad_attach(device_t parent, device_t self, void *aux)
{
	aprint_normal(": misbehaves\n");
	)" +
         attach +
         R"(
}
static int
bad_detach(device_t self, int flags)
{
	)" +
         detach +
         R"(
}
CFATTACH_DECL_NEW(bad, 0, bad_match, bad_attach, bad_detach, NULL);
)";
}

Place::Place() {
  const std::string wrapper =
      folder_.write("bin/" + std::string(qemu), "#!/bin/sh\necho $$ >>" + folder_.file("qemus") +
                                                    "\nexec " + find_program(qemu) + " \"$@\"\n");
  std::filesystem::permissions(wrapper, std::filesystem::perms::owner_all);
  std::filesystem::create_directory(folder_.file("run"));
}

std::string Place::build(const std::string& source, const std::vector<std::string>& options) const {
  std::vector<std::string> arguments = {"build", folder_.write("bad.c", source), "-o",
                                        folder_.file("bad.so")};
  arguments.insert(arguments.end(), options.begin(), options.end());
  const Outcome outcome = pupci(arguments);
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
  return folder_.file("bad.so");
}

std::vector<std::string> Place::environment() const {
  return {"PATH=" + folder_.file("bin") + ":" + std::getenv("PATH"),
          "XDG_RUNTIME_DIR=" + folder_.file("run"), "PUPCI_CONTROL"};
}

std::vector<pid_t> Place::qemus() const {
  std::istringstream list(read_file(folder_.file("qemus")));
  std::vector<pid_t> result;
  for (pid_t pid = 0; list >> pid;) result.push_back(pid);
  return result;
}

void Place::expect_qemu_gone() const {
  const auto started = qemus();
  EXPECT_FALSE(started.empty()) << "QEMU was never started";
  for (const pid_t pid : started) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (is_alive(pid) && std::chrono::steady_clock::now() < end) ::usleep(10000);
    EXPECT_FALSE(is_alive(pid)) << "QEMU " << pid << " was left behind";
  }
}

}  // namespace pupci::test
