// SPDX-License-Identifier: BSD-2-Clause
// pupci run: attaches drivers to a bus, keeps them until told to stop, and always detaches.
#include <fmt/core.h>
#include <poll.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>

#include "cli/child.h"
#include "cli/crash.h"
#include "cli/host.h"
#include "cli/outputs.h"
#include "cli/preload.h"
#include "cli/signals.h"
#include "kern/console.h"
#include "kern/control.h"
#include "kern/kernel.h"
#include "kern/loader.h"
#include "kern/watchdog.h"
#include "os/process.h"
#include "pupci/error.h"
#include "wscons/wsdisplay.h"

namespace pupci::cli {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Options {
  HostOptions host;
  std::vector<std::string> drivers;
  std::vector<std::string> properties;
  double seconds = -1;  // negative: until a signal
  std::vector<std::string> displays;
  std::string command;
  std::string console;
  double attach_timeout = 30;  // 0: none
  std::string leaks = "warn";
  bool verbose = false;
  bool quiet = false;
  bool debug = false;
};

// For CLI11, whose own check of a range names the largest double with all its digits.
std::string bad_seconds(const std::string& text) {
  constexpr double most = 1e9;
  double seconds = -1;
  if (CLI::detail::lexical_cast(text, seconds) && seconds >= 0 && seconds <= most) return {};
  return fmt::format("{}: not a number of seconds, which is from 0 to {:.0f}", text, most);
}

// The drivers that came with pupci.
std::vector<fs::path> own_drivers() {
  const fs::path root = os::executable().parent_path().parent_path();
  std::vector<fs::path> drivers;
  for (const char* folder : {"drivers", PUPCI_LIBDIR "/pupci/drivers"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(root / folder, error)) {
      if (entry.path().extension() == ".so") drivers.push_back(entry.path());
    }
  }
  std::sort(drivers.begin(), drivers.end());
  return drivers;
}

// A file as given; or, for a name without a folder, one of the drivers that came with pupci.
std::string find_driver(const std::string& name) {
  std::error_code error;
  if (name.find('/') != std::string::npos) return name;
  if (fs::exists(name, error)) return "./" + name;
  std::string names;
  for (const fs::path& driver : own_drivers()) {
    if (name == driver.stem() || name == driver.filename()) return driver.string();
    names += (names.empty() ? "" : ", ") + driver.stem().string();
  }
  throw Error(ENOENT,
              fmt::format("{}: no such file, and no driver that came with pupci; those are: "
                          "{}; pupci build makes one from its sources",
                          name, names.empty() ? "none" : names));
}

class Run {
 public:
  Run(const Options& options, const Context& context) : options_(options), context_(context) {}

  int go() {
    kern::set_console_verbosity(options_.verbose, options_.debug, options_.quiet);
    std::vector<std::string> paths;
    for (const std::string& driver : options_.drivers) paths.push_back(find_driver(driver));
    preload_sanitizers(paths, context_);
    signals_.emplace(!options_.displays.empty());
    install_crash_handler();
    Outputs outputs(options_.displays);
    bus_ = open_host(options_.host, context_);
    kern::Kernel kernel(bus_, {options_.properties, {}});
    kernel.add(wscons::wsdisplay_ioconf());
    for (const std::string& path : paths) {
      offers_.push_back(kernel.load(path).offers());
      prepare_crash_report(path);
    }
    watch_for_hangs();

    signals_->set_attaching(true);
    const unsigned attached = kernel.attach_all();
    signals_->set_attaching(false);
    int status = ok;
    if (bus_->failure().empty())
      status = attached == 0 ? no_match() : serve_and_show(kernel, outputs);
    outputs.close();
    const std::vector<std::string> leaks = kernel.detach_all();
    return conclude(status, leaks);
  }

 private:
  // Under a debugger a thread may stop for as long as its user likes.
  void watch_for_hangs() const {
    if (options_.attach_timeout <= 0 || os::is_traced()) return;
    kern::set_attach_timeout(std::chrono::milliseconds(
        static_cast<std::int64_t>(std::ceil(options_.attach_timeout * 1000))));
  }

  int no_match() {
    if (signals_->received() != 0) return ok;
    std::string wanted;
    for (const auto& list : offers_) {
      for (const std::string& offer : list)
        wanted += fmt::format("{}{}", wanted.empty() ? "" : ", ", offer);
    }
    complain(fmt::format("no driver matched; they attach {}; on {} there is:{}",
                         wanted.empty() ? "nothing" : wanted, bus_->name(), describe_bus(*bus_)));
    return failed;
  }

  // What cannot be shown must not keep what is attached from being detached in good order.
  int serve_and_show(kern::Kernel& kernel, Outputs& outputs) {
    try {
      outputs.show();
    } catch (const Error& error) {
      complain(error.what());
      return failed;
    }
    return serve(kernel, outputs);
  }

  // Open to other processes as long as drivers are there to answer.
  int serve(kern::Kernel& kernel, Outputs& outputs) {
    const kern::ControlServer server(kernel);
    std::optional<wscons::ConsoleProgram> console;
    if (!options_.console.empty())
      console.emplace(options_.console, std::vector<std::string>{"PUPCI_CONTROL=" + server.path()});
    const int status = stay(server.path(), console ? &*console : nullptr, outputs);
    // The last picture is that of the program, not of its end.
    const bool saved = !bus_->failure().empty() || outputs.save();
    return saved || status != ok ? status : failed;
  }

  // Until something ends the run; the status that it gives.
  int stay(const std::string& control, const wscons::ConsoleProgram* console, Outputs& outputs) {
    std::optional<Child> child;
    if (!options_.command.empty()) child.emplace(options_.command, "PUPCI_CONTROL=" + control);
    static constexpr double longest = 1e9;  // seconds: more than a clock can tell
    const auto end =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(
                           std::chrono::duration<double>(std::min(options_.seconds, longest)));
    while (true) {
      std::array<pollfd, 6> waiting{{{signals_->fd(), POLLIN, 0},
                                     {bus_->failure_fd(), POLLIN, 0},
                                     {child ? child->fd() : -1, POLLIN, 0},
                                     {console ? console->fd() : -1, POLLIN, 0},
                                     {signals_->save_fd(), POLLIN, 0},
                                     {bus_->notice_fd(), POLLIN, 0}}};
      const int timeout = options_.seconds < 0 ? -1 : milliseconds_to(end);
      const int ready = ::poll(waiting.data(), waiting.size(), timeout);
      if (ready < 0 && errno != EINTR)
        throw Error(errno, fmt::format("poll: {}", std::generic_category().message(errno)));
      if (waiting[4].revents != 0) {
        signals_->take_save();
        outputs.save();
      }
      if (waiting[5].revents != 0 && must_leave()) return failed;
      if (waiting[2].revents != 0) return child->wait();
      if (waiting[3].revents != 0) return console->status();
      if (waiting[0].revents != 0 || waiting[1].revents != 0 ||
          (timeout >= 0 && Clock::now() >= end))
        return ok;
    }
  }

  // Tells the user what the bus has to say.
  bool must_leave() {
    bool leave = false;
    while (const auto notice = bus_->take_notice()) {
      complain(notice->text + (notice->leave ? "; drivers are detached" : ""));
      leave = leave || notice->leave;
    }
    return leave;
  }

  static int milliseconds_to(Clock::time_point end) {
    static constexpr std::int64_t longest = std::int64_t{1000} * 3600;  // poll(2) takes an int
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count() + 1;
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, longest));
  }

  int conclude(int status, const std::vector<std::string>& leaks) {
    if (const std::string failure = bus_->failure(); !failure.empty()) {
      complain(failure);
      return failed;
    }
    if (!leaks.empty() && options_.leaks == "error" && status == ok) {
      complain(fmt::format("{} leak{} at detach (--leaks=error)", leaks.size(),
                           leaks.size() == 1 ? "" : "s"));
      return failed;
    }
    return status;
  }

  const Options& options_;
  const Context& context_;
  std::optional<StopSignals> signals_;  // before the threads of the bus
  std::shared_ptr<Bus> bus_;
  std::vector<std::vector<std::string>> offers_;
};

}  // namespace

void add_run(CLI::App& app, Context& context) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("run", "Attach drivers to a bus and keep them there");
  add_host_options(*command, options->host);
  command
      ->add_option("DRIVER", options->drivers,
                   "Shared objects of pupci build, or names of "
                   "drivers that came with pupci")
      ->required();
  command->add_option("--prop", options->properties, "Set a device property before attach")
      ->allow_extra_args(false)
      ->type_name("DEV:KEY=VALUE");
  command
      ->add_option("--display", options->displays,
                   "Show a display that a driver attaches, to VNC clients or as a PNG file")
      ->allow_extra_args(false)
      ->type_name("vnc:ADDRESS:PORT|png:FILE");
  command->add_option("--for", options->seconds, "Detach after so long")
      ->type_name("SECONDS")
      ->check(bad_seconds);
  command
      ->add_option("--exec", options->command,
                   "Run this in a shell once attached, detach when it ends, and exit as it did")
      ->type_name("COMMAND");
  command
      ->add_option("--console", options->console,
                   "Run this in a shell on the first display's screens, detach when it ends on the "
                   "first one, and exit as it did")
      ->type_name("COMMAND");
  command
      ->add_option("--attach-timeout", options->attach_timeout,
                   "End with status 3 when an attach or detach takes longer; 0: never")
      ->type_name("SECONDS")
      ->check(bad_seconds)
      ->capture_default_str();
  command
      ->add_option("--leaks", options->leaks,
                   "What leaks at detach are: warn, or error (exit status 1)")
      ->check(CLI::IsMember({"warn", "error"}))
      ->capture_default_str();
  command->add_flag("-v,--verbose", options->verbose, "Show verbose messages, as boot -v does");
  command->add_flag("-q,--quiet", options->quiet, "Show only the most necessary messages");
  command->add_flag("-x,--debug", options->debug, "Show debugging messages, as boot -x does");
  command->callback([options, &context] { context.status = Run(*options, context).go(); });
}

}  // namespace pupci::cli
