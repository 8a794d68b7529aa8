// SPDX-License-Identifier: BSD-2-Clause
// A kernel of our own for programs that want NetBSD's: the kernel API with drivers in it, that
// serves the system calls of other processes. For tests, and to develop the kernel module with.
#include <fmt/core.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/fd.h"
#include "kern/control.h"
#include "kern/kernel.h"
#include "netbsd/kernel/kernel_server.h"
#include "netbsd/kernel/trace_bus.h"
#include "pupci/error.h"

namespace {

struct Options {
  std::string host = "qemu";
  std::string socket;
  std::string control;
  std::string trace;
  bool hear_input = false;
  std::vector<std::string> properties;
  std::vector<std::string> drivers;
  std::vector<std::string> arguments;  // of the host
};

pupci::Fd block_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return pupci::Fd(::signalfd(-1, &set, SFD_CLOEXEC));
}

// Until a signal, the end of standard input if it is to be heard, or the end of the bus: 0, or 1
// for the last.
int wait_for_end(int signals, const pupci::Bus& bus, bool hear_input) {
  for (;;) {
    pollfd all[] = {{signals, POLLIN, 0},
                    {hear_input ? STDIN_FILENO : -1, POLLIN, 0},
                    {bus.failure_fd(), POLLIN, 0}};
    if (::poll(all, 3, -1) < 0 && errno != EINTR) return 1;
    if (all[0].revents != 0) return 0;
    if (all[2].revents != 0) {
      fmt::print(stderr, "{}\n", bus.failure());
      return 1;
    }
    char ignored[256];
    if (all[1].revents != 0 && ::read(STDIN_FILENO, ignored, sizeof ignored) <= 0) return 0;
  }
}

int run(const Options& options) {
  const pupci::Fd signals = block_signals();
  pupci::BusOptions bus_options;
  bus_options.shared_arena = true;
  bus_options.arguments = options.arguments;
  auto bus = pupci::open_bus(options.host, bus_options);
  std::shared_ptr<pupci::netbsd::Trace> trace;
  if (!options.trace.empty()) {
    trace = std::make_shared<pupci::netbsd::Trace>(options.trace);
    bus = pupci::netbsd::trace_bus(bus, trace);
  }
  pupci::kern::Kernel kernel(bus, {options.properties, {}});
  for (const std::string& driver : options.drivers) kernel.load(driver);
  kernel.attach_all();
  std::optional<pupci::kern::ControlServer> control;
  if (!options.control.empty()) control.emplace(kernel, options.control);
  int status = 0;
  {
    const pupci::netbsd::KernelServer server(options.socket, bus->dma(), trace);
    fmt::print("listening on {}\n", options.socket);
    std::fflush(stdout);
    status = wait_for_end(signals.get(), *bus, options.hear_input);
  }
  control.reset();
  const bool leaked = !kernel.detach_all().empty();
  return leaked ? 4 : status;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i++) {
    if (std::string(argv[i]) != "--") continue;
    options.arguments.assign(argv + i + 1, argv + argc);
    argc = i;
  }
  CLI::App app{"Serves the system calls of other processes into NetBSD drivers"};
  app.add_option("--host", options.host, "As for pupci run");
  app.add_option("--socket", options.socket, "Where to listen")->required();
  app.add_option("--control", options.control, "Where to listen as pupci run does: a path");
  app.add_option("--trace", options.trace, "File for what is done to functions and memory");
  app.add_flag("--stdin", options.hear_input, "End with standard input");
  app.add_option("--prop", options.properties, "DEVICE:NAME=VALUE")->allow_extra_args(false);
  app.add_option("drivers", options.drivers, "Driver files")->required();
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const pupci::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
