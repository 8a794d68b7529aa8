// SPDX-License-Identifier: BSD-2-Clause
// Fuzzes the device nodes of the NetBSD kernel module: what processes open, ask, map and close, in
// any order, while functions come and go. After a process, its functions are quiet; what a device
// leaves behind when it detaches is a finding.
//
// An input is a row of operations: a byte that says which, and its operands.
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "dev/pci/pupciio.h"
#include "kern/autoconf.h"
#include "kern/console.h"
#include "kern/devsw.h"
#include "kern/file_table.h"
#include "kern/kernel.h"
#include "kern/klock.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/filio.h"
#include "netbsd/sys/proc.h"
#include "pupci/bus.h"

namespace {

using namespace pupci;
using namespace pupci::kern;

constexpr unsigned functions = 3;
constexpr std::uintptr_t argument = 0x1000;  // of ioctl(2)
constexpr std::uintptr_t memory = 0x10000;   // that requests may point to
constexpr std::uintptr_t read_only = 0x40000;
constexpr std::size_t memory_size = 0x10000;

constexpr std::array<unsigned long, 17> commands = {
    PUPCI_IOC_INFO,         PUPCI_IOC_CONFIG_READ,    PUPCI_IOC_CONFIG_WRITE,
    PUPCI_IOC_READ,         PUPCI_IOC_WRITE,          PUPCI_IOC_BLOCK,
    PUPCI_IOC_RESET,        PUPCI_IOC_DMA_ALLOC,      PUPCI_IOC_DMA_PIN,
    PUPCI_IOC_DMA_SYNC,     PUPCI_IOC_DMA_RELEASE,    PUPCI_IOC_INTR_ALLOC,
    PUPCI_IOC_INTR_RELEASE, PUPCI_IOC_INTR_ESTABLISH, PUPCI_IOC_INTR_ACKNOWLEDGE,
    PUPCI_IOC_INTR_MASK,    PUPCI_IOC_INTR_UNMASK};

[[noreturn]] void finding(const std::string& what) {
  std::fprintf(stderr, "finding: %s\n", what.c_str());
  std::abort();
}

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : at_(data), end_(data + size) {}
  [[nodiscard]] bool ended() const { return at_ == end_; }
  std::uint8_t byte() { return ended() ? 0 : *at_++; }
  std::uint32_t word() {
    std::uint32_t value = 0;
    for (int i = 0; i < 4; i++) value = value << 8 | byte();
    return value;
  }
  // A number that is small, or close to a power of two, or any.
  std::uint64_t number() {
    const unsigned form = byte();
    if (form < 0x80) return form;
    if (form < 0xc0) return (std::uint64_t{1} << (form & 0x3f)) - 1 + byte() % 3;
    if (form < 0xe0) return (byte() << 8 | byte()) & ~7U;
    return std::uint64_t{word()} << 32 | word();
  }

 private:
  const std::uint8_t* at_;
  const std::uint8_t* end_;
};

struct Machine {
  std::shared_ptr<Bus> bus = open_bus("sim:edu,msix,testdev");
  Kernel kernel{bus, {}};
  Machine() {
    kernel.load(PUPCI_MODULE);
    if (kernel.attach_all() != functions) finding("not all functions attached");
  }
  std::shared_ptr<Function> function(unsigned number) {
    return bus->function(bus->functions().at(number));
  }
};

Machine& machine() {
  static const bool quiet = (set_console([](std::string_view text) {
                               if (text.find("leaked") == std::string_view::npos) return;
                               finding(std::string(text));
                             }),
                             true);
  static auto& the_machine = *new Machine;
  static_cast<void>(quiet);
  return the_machine;
}

class Process {
 public:
  Process() {
    memory_->add(argument, std::vector<std::byte>(0x1000));
    memory_->add(memory, std::vector<std::byte>(memory_size));
    memory_->add(read_only, std::vector<std::byte>(0x1000), false);
  }
  ~Process() {
    files_.close_all();
    for (unsigned i = 0; i < functions; i++) {
      if ((machine().function(i)->config_read(4, 2) & 4) != 0) finding("a bus master stays");
    }
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void run(Input& input) {
    const ClientScope scope(files_);
    while (!input.ended()) step(input);
  }

 private:
  void step(Input& input) {
    switch (input.byte() % 10) {
      case 0:
        return open(input);
      case 1:
        files_.close(descriptor(input));
        return;
      case 2:
        return read(input);
      case 3:
        return map(input);
      case 4:
        return watch(input);
      case 5:
        return poll(input);
      case 6:
        return detach(input);
      case 7:
        return raise(input);
      default:
        return ioctl(input);
    }
  }

  int descriptor(Input& input) const { return input.byte() % 8; }

  void open(Input& input) {
    const std::string name = "pupci" + std::to_string(input.byte() % functions);
    const int flags = input.byte() < 0x20 ? FREAD : FREAD | FWRITE;
    int fd = -1;
    if (files_.open(device_by_name(name), flags, fd) == 0) last_ = fd;
  }

  // None that would wait.
  void read(Input& input) {
    const auto file = files_.find(descriptor(input));
    if (file == nullptr) return;
    int now = 1;
    memory_->copy_out(&now, argument, sizeof now);
    file->ioctl(FIONBIO, *memory_, argument);
    std::vector<std::byte> data(input.byte() % 16);
    file->read(data);
  }

  void map(Input& input) {
    const auto file = files_.find(descriptor(input));
    const std::uint64_t kind = input.byte();
    std::uint64_t offset = input.number() << 12;
    if ((kind & 1) != 0) offset |= std::uint64_t{1} << 62 | (kind >> 1 & 0xf) << 32;
    if ((kind & 1) == 0) offset |= (kind >> 1 & 7) << 40 | std::uint64_t{input.byte()} << 43;
    paddr_t page = 0;
    if (file != nullptr) {
      file->map_page(static_cast<std::int64_t>(offset), input.byte() % 4, page);
    }
  }

  void watch(Input& input) {
    const auto file = files_.find(descriptor(input));
    const unsigned filter = input.byte() % 3;
    if (file != nullptr) file->watch(queue_, 1, filter);
    Waiter waiter;
    queue_->wait(4, std::chrono::milliseconds(0), waiter);
  }

  void poll(Input& input) {
    const auto file = files_.find(descriptor(input));
    int found = 0;
    if (file != nullptr) file->poll(input.byte(), std::chrono::milliseconds(0), found);
  }

  static void detach(Input& input) {
    const std::string name = "pupci" + std::to_string(input.byte() % functions);
    const KernelLock lock;
    const device_t device = device_find_by_xname(name.c_str());
    if (device == nullptr) return;
    if (config_detach(device, DETACH_FORCE) != 0) finding("it does not detach");
    autoconf_rescan_all();
    if (device_find_by_xname(name.c_str()) == nullptr) finding("it does not attach again");
  }

  // What the function does by itself.
  static void raise(Input& input) {
    const unsigned number = input.byte() % functions;
    const auto function = machine().function(number);
    const std::uint32_t value = input.byte();
    try {
      const auto registers = function->map(0, 0, 0x100);
      if (number == 0) registers->write(input.byte() < 0x80 ? 0x60 : 0x64, 4, value);
      if (number == 1) registers->write(input.byte() < 0x80 ? 0x04 : 0x10, 4, value % 33);
    } catch (const Error&) {
      return;  // it does not decode its registers now
    }
  }

  void ioctl(Input& input) {
    const unsigned which = input.byte();
    // Mostly of what was opened last.
    const int fd = which >= 0xc0 ? descriptor(input) : last_;
    const auto file = files_.find(fd);
    if (file == nullptr) return;
    unsigned long command = commands[which % commands.size()];
    if (which == 0xff) command = input.word();
    std::array<std::byte, 0x1000> bytes{};
    const std::size_t size = std::min<std::size_t>(IOCPARM_LEN(command), bytes.size());
    fill(command, input, bytes.data(), size);
    memory_->copy_out(bytes.data(), argument, bytes.size());
    const bool nowhere = input.byte() == 0xff;
    const int error = file->ioctl(command, *memory_, nowhere ? 1 : argument);
    if (error < 0) finding("an errno below zero");
    if (error == 0 && command == PUPCI_IOC_INTR_ESTABLISH) {
      pupci_intr_establish done{};
      memory_->copy_in(argument, &done, sizeof done);
      if (files_.find(done.fd) == nullptr) finding("a descriptor that is none");
    }
  }

  template <typename T>
  static void put(std::byte* to, const T& value) {
    std::memcpy(to, &value, sizeof value);
  }
  static std::uint64_t pointer(Input& input) {
    const unsigned form = input.byte();
    if (form < 0xc0) return memory + (form << 8);
    return form < 0xe0 ? read_only + form : input.number();
  }

  static void fill(unsigned long command, Input& input, std::byte* to, std::size_t size) {
    const auto n32 = [&] { return static_cast<std::uint32_t>(input.number()); };
    switch (command) {
      case PUPCI_IOC_CONFIG_READ:
      case PUPCI_IOC_CONFIG_WRITE:
        return put(to, pupci_config{n32(), n32(), n32()});
      case PUPCI_IOC_READ:
      case PUPCI_IOC_WRITE: {
        pupci_access access{n32(), n32(), input.number(), input.number()};
        if (access.offset == 8) access.value &= 0xffff;  // how often it rings
        return put(to, access);
      }
      case PUPCI_IOC_BLOCK: {
        pupci_block block{n32(), n32(), input.number(), n32(), n32(), pointer(input)};
        if (block.offset <= 8) block.flags &= ~static_cast<std::uint32_t>(PUPCI_BLOCK_WRITE);
        return put(to, block);
      }
      case PUPCI_IOC_DMA_ALLOC: {
        pupci_dma_alloc alloc{};
        alloc.size = input.number();
        alloc.alignment = input.number();
        alloc.boundary = input.number();
        alloc.lowest = input.number();
        alloc.highest = ~input.number();
        return put(to, alloc);
      }
      case PUPCI_IOC_DMA_PIN: {
        pupci_dma_pin pin{};
        pin.data = pointer(input);
        pin.size = input.number();
        pin.boundary = input.number();
        pin.lowest = input.number();
        pin.highest = ~input.number();
        pin.segments = pointer(input);
        pin.nsegments = n32();
        pin.flags = n32();
        return put(to, pin);
      }
      case PUPCI_IOC_DMA_SYNC:
        return put(to, pupci_dma_sync{n32(), n32(), input.number(), input.number()});
      case PUPCI_IOC_DMA_RELEASE:
        return put(to, n32());
      case PUPCI_IOC_INTR_ALLOC:
        return put(to, pupci_intr_alloc{n32(), n32()});
      case PUPCI_IOC_INTR_ESTABLISH: {
        pupci_intr_establish establish{};
        establish.vector = n32();
        for (auto* program : {establish.handler, establish.acknowledge}) {
          for (unsigned i = input.byte() % (PUPCI_NSTEPS + 1); i != 0; i--) {
            program[i - 1] = {input.byte(), input.byte(), input.byte(), input.byte(),
                              n32(),        n32(),        n32()};
          }
        }
        return put(to, establish);
      }
      default:
        for (std::size_t i = 0; i < size && !input.ended(); i++) {
          to[i] = static_cast<std::byte>(input.byte());
        }
    }
  }

  const SpaceHandle memory_{new vmspace};
  FileTable files_{1, "fuzz"};
  std::shared_ptr<EventQueue> queue_ = std::make_shared<EventQueue>();
  int last_ = 0;
};

}  // namespace

// The module's own, in place of the kernel's: a function that is reset here is ready at once.
int kpause(const char* /*what*/, bool /*interruptible*/, int /*ticks*/, kmutex_t* /*mutex*/) {
  return EWOULDBLOCK;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  machine();
  Input input(data, size);
  Process process;
  process.run(input);
  return 0;
}
