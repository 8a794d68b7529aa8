// SPDX-License-Identifier: BSD-2-Clause
// Interrupts through the NetBSD kernel module to a process: whether every one is accounted for, and
// the system calls that each costs. The module is in a kernel of our own, in this process, and its
// system calls are messages: so calls are what counts here, not the time they take.
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "host/netbsd/bus.h"
#include "host/netbsd/spec.h"
#include "host/netbsd/system.h"
#include "kern/console.h"
#include "kern/evcnt.h"
#include "kern/kernel.h"
#include "netbsd/kernel/kernel_server.h"
#include "pupci/bus.h"
#include "ratio.h"

namespace {

using namespace pupci;

// Counts what goes through the seam.
class CountingSystem final : public netbsd::System {
 public:
  explicit CountingSystem(std::shared_ptr<netbsd::System> inner) : inner_(std::move(inner)) {}

  std::atomic<std::uint64_t> ioctls{0};
  std::atomic<std::uint64_t> reads{0};

  int open(const char* path, int flags) noexcept override { return inner_->open(path, flags); }
  int close(int fd) noexcept override { return inner_->close(fd); }
  int ioctl(int fd, unsigned long command, void* argument) noexcept override {
    ioctls++;
    return inner_->ioctl(fd, command, argument);
  }
  std::ptrdiff_t read(int fd, void* to, std::size_t size) noexcept override {
    reads++;
    return inner_->read(fd, to, size);
  }
  void* mmap(int fd, std::size_t size, int prot, std::int64_t offset) noexcept override {
    return inner_->mmap(fd, size, prot, offset);
  }
  int munmap(void* at, std::size_t size) noexcept override { return inner_->munmap(at, size); }
  int kqueue() noexcept override { return inner_->kqueue(); }
  int kevent_add(int kq, int fd) noexcept override { return inner_->kevent_add(kq, fd); }
  std::optional<netbsd::Event> kevent_take(int kq) noexcept override {
    return inner_->kevent_take(kq);
  }
  int pollable(int fd) noexcept override { return inner_->pollable(fd); }
  void settle(int fd) noexcept override { inner_->settle(fd); }
  void retire(int fd) noexcept override { inner_->retire(fd); }
  [[nodiscard]] int failure_fd() const noexcept override { return inner_->failure_fd(); }

 private:
  std::shared_ptr<netbsd::System> inner_;
};

std::string socket_path() {
  static const std::string path = "/tmp/pupci-netbsd-bench-" + std::to_string(getpid());
  return path;
}

// The device, the kernel with the module, and the host's side of it.
class Stack {
 public:
  Stack() {
    BusOptions options;
    options.shared_arena = true;
    device_ = open_bus("sim:msix", options);
    kern::set_console([](std::string_view) {});
    kernel_ = std::make_unique<kern::Kernel>(device_, kern::KernelOptions());
    kernel_->load(PUPCI_MODULE);
    kernel_->attach_all();
    server_ = std::make_unique<netbsd::KernelServer>(socket_path(), device_->dma());
    const std::string spec = "/dev/pupci0,kernel=" + socket_path();
    system = std::make_shared<CountingSystem>(netbsd::remote_system(socket_path()));
    bus_ =
        std::make_shared<netbsd::NetbsdBus>(netbsd::parse_spec(spec, false), BusOptions(), system);
    function = bus_->function(bus_->functions().at(0));
    function->config_write(4, 2, 6);
    bar = function->map(0, 0, 4096);
  }

  // Deliveries to the module's handlers, as its kernel has counted them.
  static std::uint64_t delivered() {
    std::uint64_t sum = 0;
    for (const kern::EventCounter& each : kern::event_counters()) {
      if (each.type == "intr") sum += each.count;
    }
    return sum;
  }

 private:
  std::shared_ptr<Bus> device_;
  std::unique_ptr<kern::Kernel> kernel_;
  std::unique_ptr<netbsd::KernelServer> server_;
  std::shared_ptr<Bus> bus_;

 public:
  std::shared_ptr<CountingSystem> system;
  std::shared_ptr<Function> function;
  std::unique_ptr<Region> bar;
};

bool readable(const Interrupt& interrupt, int milliseconds) {
  pollfd wait{interrupt.fd(), POLLIN, 0};
  return poll(&wait, 1, milliseconds) == 1;
}

// One after the other; what each costs beside the access that sends it.
void one_by_one(benchmark::State& state, InterruptType type) {
  const Stack stack;
  const auto interrupt = stack.function->enable_interrupts(type, 1).at(0);
  interrupt->unmask();
  const bool level = type == InterruptType::intx;
  std::uint64_t sent = 0;
  std::uint64_t counted = 0;
  std::uint64_t ioctls = 0;
  std::uint64_t reads = 0;
  const std::uint64_t before = Stack::delivered();
  for (auto _ : state) {
    stack.bar->write(level ? 0x10 : 0x04, 4, level ? 1 : 0);
    sent++;
    const std::uint64_t earlier = stack.system->reads;
    if (!readable(*interrupt, 20000)) return state.SkipWithError("an interrupt was lost");
    counted += interrupt->take();
    reads += stack.system->reads - earlier;
    if (level) stack.bar->write(0x10, 4, 0);
    const std::uint64_t then = stack.system->ioctls;
    interrupt->acknowledge();
    ioctls += stack.system->ioctls - then;
  }
  if (counted != sent || Stack::delivered() - before != sent) state.SkipWithError("miscounted");
  const auto per = static_cast<double>(sent);
  state.counters["acknowledge_calls"] = static_cast<double>(ioctls) / per;
  state.counters["read_calls"] = static_cast<double>(reads) / per;
}
void netbsd_msix(benchmark::State& state) {
  one_by_one(state, InterruptType::msix);
}
void netbsd_intx(benchmark::State& state) {
  one_by_one(state, InterruptType::intx);
}
BENCHMARK(netbsd_msix)->UseRealTime();
BENCHMARK(netbsd_intx)->UseRealTime();

// As fast as the device sends: what reached the module's handler is what the process counts.
void netbsd_million(benchmark::State& state) {
  constexpr std::uint64_t total = 1000000;
  constexpr unsigned burst = 1000;
  const Stack stack;
  const auto interrupt = stack.function->enable_interrupts(InterruptType::msix, 1).at(0);
  interrupt->unmask();
  for (auto _ : state) {
    const std::uint64_t before = Stack::delivered();
    std::atomic<bool> done{false};
    std::uint64_t counted = 0;
    std::thread counter([&] {
      for (;;) {
        const bool last = done;
        if (readable(*interrupt, 20)) {
          counted += interrupt->take();
        } else if (last) {
          return;
        }
      }
    });
    for (std::uint64_t i = 0; i < total / burst; i++) stack.bar->write(0x08, 4, burst << 8);
    done = true;
    counter.join();
    const std::uint64_t delivered = Stack::delivered() - before;
    if (counted != delivered || counted == 0) state.SkipWithError("miscounted");
    state.counters["sent"] = static_cast<double>(total);
    state.counters["delivered"] = static_cast<double>(delivered);
    state.counters["counted"] = static_cast<double>(counted);
  }
}
BENCHMARK(netbsd_million)->UseRealTime()->Iterations(1)->Unit(benchmark::kMillisecond);

// A million, each awaited.
void netbsd_million_awaited(benchmark::State& state) {
  one_by_one(state, InterruptType::msix);
}
BENCHMARK(netbsd_million_awaited)->UseRealTime()->Iterations(1000000);

}  // namespace

int main(int argc, char** argv) {
  return pupci::bench::run(argc, argv, {{"netbsd_intx", "netbsd_msix"}});
}
