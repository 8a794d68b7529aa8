// SPDX-License-Identifier: BSD-2-Clause
// pupci peek and poke: single accesses to a BAR, configuration space or a port.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <cerrno>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/host.h"
#include "cli/number.h"
#include "pupci/error.h"
#include "pupci/pci_config.h"

namespace pupci::cli {
namespace {

struct PeekOptions {
  HostOptions host;
  std::vector<std::string> words;  // [ADDRESS] LOCATION [VALUE...]
  unsigned width = 4;
  unsigned count = 1;
  bool json = false;
};

// Where an access goes: "bar0+0x8", "cfg+0x10", "rom", "port+0x3d4".
struct Location {
  enum class Kind { bar, config, port } kind = Kind::bar;
  unsigned bar = 0;
  std::uint64_t offset = 0;
};

Location parse_location(std::string_view text) {
  const auto plus = text.find('+');
  const std::string_view what = text.substr(0, plus);
  Location location;
  const auto offset =
      plus == std::string_view::npos ? std::uint64_t{0} : parse_number(text.substr(plus + 1));
  std::optional<std::uint64_t> bar;
  if (what.starts_with("bar")) bar = parse_number(what.substr(3));
  if (what == "cfg") {
    location.kind = Location::Kind::config;
  } else if (what == "port") {
    location.kind = Location::Kind::port;
  } else if (what == "rom") {
    location.bar = Bar::rom_index;
  } else if (bar && *bar < Bar::rom_index) {
    location.bar = static_cast<unsigned>(*bar);
  } else {
    throw Error(EINVAL, fmt::format("{}: no place to access; there are bar0 to bar5, rom, cfg and "
                                    "port, each with +OFFSET",
                                    text));
  }
  if (!offset) throw Error(EINVAL, fmt::format("{}: the offset is not a number", text));
  location.offset = *offset;
  return location;
}

std::string name_of(const Location& location, std::uint64_t offset) {
  switch (location.kind) {
    case Location::Kind::config:
      return fmt::format("cfg+{:#x}", offset);
    case Location::Kind::port:
      return fmt::format("port+{:#x}", offset);
    case Location::Kind::bar:
      break;
  }
  if (location.bar == Bar::rom_index) return fmt::format("rom+{:#x}", offset);
  return fmt::format("bar{}+{:#x}", location.bar, offset);
}

// Turns decoding of a space on for as long as it lives, as a driver would.
class Decoding {
 public:
  Decoding(Function& function, Space space) : function_(function) {
    const unsigned bit = space == Space::io ? pci::command_bit::io : pci::command_bit::memory;
    before_ = function_.config_read(pci::command, 2);
    function_.config_write(pci::command, 2, before_ | bit);
  }
  ~Decoding() { function_.config_write(pci::command, 2, before_); }
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;

 private:
  Function& function_;
  std::uint32_t before_;
};

// A place with its way in: reads and writes by offset from the location.
class Access {
 public:
  Access(Bus& bus, const std::string& address, const Location& location, std::uint64_t length) {
    if (location.kind == Location::Kind::port) {
      region_ = bus.map(Space::io, location.offset, length);
      return;
    }
    const auto parsed = parse_address(address);
    if (!parsed)
      throw Error(
          EINVAL,
          fmt::format("\"{}\": not the address of a function; write it as in 00:03.0", address));
    function_ = bus.function(*parsed);
    if (location.kind == Location::Kind::config) {
      if (location.offset > function_->config_size() ||
          length > function_->config_size() - location.offset)
        throw Error(ERANGE, fmt::format("{}: configuration space has {:#x} bytes", address,
                                        function_->config_size()));
      base_ = static_cast<unsigned>(location.offset);
      return;
    }
    region_ = function_->map(location.bar, location.offset, length);
    decoding_.emplace(*function_, region_->space());
  }

  std::uint64_t read(std::uint64_t offset, unsigned width) {
    return region_ ? region_->read(offset, width)
                   : function_->config_read(base_ + static_cast<unsigned>(offset), width);
  }
  void write(std::uint64_t offset, unsigned width, std::uint64_t value) {
    if (region_) {
      region_->write(offset, width, value);
    } else {
      function_->config_write(base_ + static_cast<unsigned>(offset), width,
                              static_cast<std::uint32_t>(value));
    }
  }

 private:
  std::shared_ptr<Function> function_;
  std::unique_ptr<Region> region_;
  std::optional<Decoding> decoding_;
  unsigned base_ = 0;
};

struct Target {
  std::string address;
  Location location;
};

// Takes [ADDRESS] LOCATION off the front; what is left are values.
Target take_target(std::vector<std::string>& words) {
  Target target;
  if (!words.empty() && !words[0].starts_with("port")) {
    target.address = words[0];
    words.erase(words.begin());
  }
  if (words.empty())
    throw Error(EINVAL,
                "which place? name it after the function: bar0+0x8, cfg+0x10, rom; or "
                "port+0x3d4 alone");
  target.location = parse_location(words[0]);
  words.erase(words.begin());
  return target;
}

void check_width(const PeekOptions& options, const Location& location) {
  const bool known = options.width == 1 || options.width == 2 || options.width == 4 ||
                     (options.width == 8 && location.kind == Location::Kind::bar);
  if (!known)
    throw Error(EINVAL, fmt::format("-w {}: a width is 1, 2 or 4 bytes, in a memory BAR also 8",
                                    options.width));
  if (location.kind == Location::Kind::config && location.offset % options.width != 0)
    throw Error(EINVAL,
                fmt::format("cfg+{:#x}: not aligned to {} bytes", location.offset, options.width));
}

int check_bus(const Bus& bus) {
  const std::string failure = bus.failure();
  if (failure.empty()) return ok;
  complain(failure);
  return failed;
}

int peek(PeekOptions& options, const Context& context) {
  const Target target = take_target(options.words);
  if (!options.words.empty())
    throw Error(EINVAL,
                fmt::format("{}: nothing more expected after the place", options.words.front()));
  check_width(options, target.location);
  const auto bus = open_host(options.host, context);
  Access access(*bus, target.address, target.location,
                std::uint64_t{options.count} * options.width);
  const unsigned per_line = 16 / options.width;
  auto values = nlohmann::ordered_json::array();
  std::string text;
  for (unsigned i = 0; i < options.count; ++i) {
    const std::uint64_t offset = std::uint64_t{i} * options.width;
    const std::uint64_t value = access.read(offset, options.width);
    values.push_back(value);
    if (i % per_line == 0)
      text += fmt::format("{}{}:", i == 0 ? "" : "\n",
                          name_of(target.location, target.location.offset + offset));
    text += fmt::format(" {:0{}x}", value, options.width * 2);
  }
  if (options.json) {
    const nlohmann::ordered_json facts = {
        {"function", target.address},
        {"location", name_of(target.location, target.location.offset)},
        {"width", options.width},
        {"values", values}};
    text = facts.dump();
  }
  fmt::print("{}\n", text);
  return check_bus(*bus);
}

int poke(PeekOptions& options, const Context& context) {
  const Target target = take_target(options.words);
  check_width(options, target.location);
  std::vector<std::uint64_t> values;
  for (const std::string& word : options.words) {
    const auto value = parse_number(word);
    if (!value || (options.width < 8 && *value >> (8 * options.width) != 0))
      throw Error(EINVAL, fmt::format("{}: not a number of {} bytes", word, options.width));
    values.push_back(*value);
  }
  if (values.empty()) throw Error(EINVAL, "which value? numbers stand after the place");
  const auto bus = open_host(options.host, context);
  Access access(*bus, target.address, target.location,
                std::uint64_t{values.size()} * options.width);
  for (std::size_t i = 0; i < values.size(); ++i)
    access.write(i * options.width, options.width, values[i]);
  // Writes are posted: what is read back shows what they did, and that they were done.
  std::string text;
  for (std::size_t i = 0; i < values.size(); ++i)
    text +=
        fmt::format(" {:0{}x}", access.read(i * options.width, options.width), options.width * 2);
  fmt::print("{}: now{}\n", name_of(target.location, target.location.offset), text);
  return check_bus(*bus);
}

void add(CLI::App& app, Context& context, const char* name, const char* help, const char* places,
         int (*run)(PeekOptions&, const Context&)) {
  auto options = std::make_shared<PeekOptions>();
  CLI::App* command = app.add_subcommand(name, help);
  add_host_options(*command, options->host);
  command->add_option("PLACE", options->words, places)->required();
  command->add_option("-w,--width", options->width, "Bytes of one access: 1, 2, 4 or 8")
      ->capture_default_str();
  if (run == peek) {
    command->add_option("-n,--count", options->count, "How many to read")
        ->check(CLI::Range(1U, 1U << 20))
        ->capture_default_str();
    command->add_flag("--json", options->json, "Print as JSON");
  }
  command->callback([options, run, &context] { context.status = run(*options, context); });
}

}  // namespace

void add_peek(CLI::App& app, Context& context) {
  add(app, context, "peek", "Read a BAR, configuration space or a port",
      "[FUNCTION] bar0+OFFSET, cfg+OFFSET, rom+OFFSET, or port+OFFSET", peek);
}

void add_poke(CLI::App& app, Context& context) {
  add(app, context, "poke", "Write to a BAR, configuration space or a port",
      "[FUNCTION] bar0+OFFSET, cfg+OFFSET or port+OFFSET, then VALUE...", poke);
}

}  // namespace pupci::cli
