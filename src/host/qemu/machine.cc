// SPDX-License-Identifier: BSD-2-Clause
#include "host/qemu/machine.h"

#include <fmt/core.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <utility>

#include "host/qemu/board.h"
#include "host/qemu/sys.h"
#include "pupci/error.h"

namespace pupci::qemu {
namespace {

constexpr std::uint64_t mib = 1U << 20;

std::uint64_t memory_size(std::size_t arena) {
  // Checked before rounding, which could wrap around.
  constexpr std::uint64_t most = most_memory - low_memory;
  if (arena == 0 || arena > most) {
    throw Error(
        EINVAL,
        fmt::format("qemu: an arena of {} MiB does not fit below the board's PCI addresses; "
                    "it can have 1 to {} MiB",
                    arena / mib, most / mib));
  }
  return low_memory + (arena + mib - 1) / mib * mib;
}

ArenaDma::Options memory_options(std::uint64_t memory) {
  ArenaDma::Options options{};
  options.size = memory - low_memory;
  options.reserved = low_memory;
  options.backing = ArenaDma::Backing::memfd;
  return options;
}

std::string program() {
  const char* override = std::getenv("PUPCI_QEMU");
  return override != nullptr && *override != '\0' ? override : "qemu-system-x86_64";
}

}  // namespace

Machine::Machine(const BusOptions& options)
    : memory_(memory_size(options.arena_size)),
      dma_(memory_options(memory_)),
      failed_(event_fd()),
      wake_(event_fd()),
      lines_(std::make_shared<Lines>()) {
  auto [commands_child, commands] = pipe_pair();
  auto [answers, answers_child] = pipe_pair();
  auto [qmp, qmp_child] = socket_pair();
  auto [doorbell, doorbell_child] = socket_pair();
  const std::string image = idle_firmware();
  const Fd firmware = memory_file("pupci-firmware", image.size(), image);
  const int commands_fd = commands_child.get();
  transport_ = std::make_shared<Qtest>(
      Channel(std::move(commands), std::move(commands_child), std::move(answers)),
      // Weak: a line owns the transport, and must not be owned by it.
      [lines = std::weak_ptr(lines_)](unsigned line, bool level) {
        if (const auto all = lines.lock()) all->set_level(line, level);
      },
      [this] { wake(); }, options.trace);
  lines_->create(transport_);
  doorbell_ = std::make_shared<Doorbell>(std::move(doorbell));
  qmp_ = std::make_unique<Qmp>(std::move(qmp));

  const Channels channels{commands_fd,          answers_child.get(), qmp_child.get(),
                          doorbell_child.get(), dma_.fd(),           firmware.get()};
  auto arguments = board_arguments(channels, memory_);
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  const std::vector<int> inherited{channels.commands, channels.answers, channels.qmp,
                                   channels.doorbell, channels.memory,  channels.firmware};
  std::promise<void> started;
  auto outcome = started.get_future();
  thread_ = std::thread([&, this] { run(started, arguments, inherited); });
  try {
    outcome.get();
    // Ours stay open no longer than needed: the end of QEMU must be the end of the connection.
    answers_child.reset();
    qmp_child.reset();
    doorbell_child.reset();
    connect_qtest(channels);
  } catch (...) {
    stop();
    throw;
  }
}

// Returns once QEMU has accepted its arguments and answers.
void Machine::connect_qtest(const Channels& channels) {
  try {
    qemu::connect_qtest(*qmp_, channels);
    if (transport_->command("irq_intercept_in ioapic")) return;
    if (!transport_->lost()) throw Error(EIO, "qemu: QEMU does not know irq_intercept_in");
  } catch (const Error& error) {
    if (error.errnum() != EPIPE) throw;
  }
  thread_.join();
  throw Error(EINVAL, failure());
}

Machine::~Machine() {
  stop();
}

void Machine::stop() noexcept {
  stopping_ = true;
  wake();
  if (thread_.joinable()) thread_.join();
}

void Machine::wake() noexcept {
  ::eventfd_write(wake_.get(), 1);
}

std::string Machine::failure() const {
  const std::scoped_lock lock(mutex_);
  return failure_;
}

void Machine::run(std::promise<void>& started, const std::vector<std::string>& arguments,
                  const std::vector<int>& inherited) {
  // No signal of the user's program is handled here.
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
  std::optional<Process> process;
  try {
    process.emplace(program(), arguments, inherited);
  } catch (...) {
    started.set_exception(std::current_exception());
    return;
  }
  pid_ = process->pid();
  started.set_value();
  watch(*process);
  report(*process);
}

// Until QEMU has ended or shall.
void Machine::watch(Process& process) {
  pollfd fds[] = {{transport_->idle_fd(), POLLIN, 0},
                  {process.output_fd(), POLLIN, 0},
                  {wake_.get(), POLLIN, 0}};
  constexpr timespec soon{0, 50'000};
  bool busy = false;
  while (!stopping_ && !transport_->lost()) {
    if (::ppoll(fds, 3, busy ? &soon : nullptr, nullptr) < 0) continue;
    if (busy || fds[0].revents != 0) busy = transport_->service();
    if (fds[1].revents != 0 && !process.read_output()) fds[1].fd = -1;
  }
}

void Machine::report(Process& process) {
  constexpr int patience_ms = 2000;
  const bool asked = !transport_->lost();
  if (asked) process.terminate();
  transport_->close();
  const std::string ending = process.wait(patience_ms);
  process.read_output();
  qmp_->close();
  const std::string output = process.last_output();
  {
    const std::scoped_lock lock(mutex_);
    failure_ = asked ? "qemu: the bus was closed"
                     : fmt::format("qemu: QEMU {}{}{}", ending, output.empty() ? "" : ": ", output);
  }
  if (!asked) ::eventfd_write(failed_.get(), 1);
}

}  // namespace pupci::qemu
