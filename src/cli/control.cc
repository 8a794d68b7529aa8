// SPDX-License-Identifier: BSD-2-Clause
// pupci devices, detach, dmesg, evcnt, ioctl, read, sysctl and write: commands to a running `pupci
// run`.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <memory>

#include "cli/command.h"
#include "cli/control_client.h"
#include "cli/ioctl_args.h"
#include "kern/prop/base64.h"
#include "pupci/error.h"

namespace pupci::cli {
namespace {

struct Options {
  ControlOptions control;
  std::vector<std::string> words;
  bool force = false;
  std::uint64_t offset = 0;
  std::uint64_t count = UINT64_MAX;
};

void print_json(const nlohmann::json& value) {
  fmt::print("{}\n", value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string text_of(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void devices(ControlClient& client, const Options& options) {
  const nlohmann::json all = client.request("devices").at("devices");
  if (options.control.json) return print_json(all);
  for (const nlohmann::json& device : all) {
    const std::string parent = device.value("parent", "");
    fmt::print("{}{}{}\n", device.value("name", ""), parent.empty() ? " at root" : " at " + parent,
               device.value("active", true) ? "" : " (deactivated)");
  }
}

void evcnt(ControlClient& client, const Options& options) {
  const nlohmann::json all = client.request("evcnt").at("counters");
  if (options.control.json) return print_json(all);
  fmt::print("{:<40} {:>12} {}\n", "event", "total", "type");
  for (const nlohmann::json& counter : all) {
    fmt::print("{:<40} {:>12} {}\n", counter.value("group", "") + " " + counter.value("name", ""),
               counter.value("count", std::uint64_t{0}), text_of(counter.at("type")));
  }
}

void dmesg(ControlClient& client, const Options& options) {
  const nlohmann::json reply = client.request("dmesg");
  if (options.control.json) return print_json({{"text", reply.at("text")}});
  fmt::print("{}", reply.value("text", ""));
}

// As sysctl(8): NAME shows it and what is below it, NAME=VALUE sets it, nothing shows all.
void sysctl(ControlClient& client, const Options& options) {
  nlohmann::json shown = nlohmann::json::array();
  const auto show = [&](const std::string& prefix) {
    const nlohmann::json entries = client.request("sysctl", {{"prefix", prefix}}).at("entries");
    if (entries.empty() && !prefix.empty())
      throw Error(ENOENT, fmt::format("sysctl: {}: no such name", prefix));
    for (const nlohmann::json& entry : entries) shown.push_back(entry);
  };
  for (const std::string& word : options.words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) {
      show(word);
      continue;
    }
    const std::string name = word.substr(0, equals);
    client.request("sysctl_set", {{"name", name}, {"value", word.substr(equals + 1)}});
    shown.push_back(client.request("sysctl_get", {{"name", name}}));
  }
  if (options.words.empty()) show("");
  if (options.control.json) return print_json(shown);
  for (const nlohmann::json& entry : shown)
    fmt::print("{} = {}\n", entry.value("name", ""), text_of(entry.at("value")));
}

void detach(ControlClient& client, const Options& options) {
  for (const std::string& device : options.words)
    client.request("detach", {{"device", device}, {"force", options.force}});
}

void print_answer(const Options& options, const Argument& argument,
                  const std::vector<std::byte>& answer) {
  const auto values = argument.decode(answer);
  if (options.control.json) {
    nlohmann::json facts = {{"hex", to_hex(answer)}, {"values", nlohmann::json::array()}};
    for (const Argument::Value& value : values)
      facts["values"].push_back(
          {{"type", value.type}, {"offset", value.offset}, {"value", value.text}});
    return print_json(facts);
  }
  for (const Argument::Value& value : values) fmt::print("{}:{}\n", value.type, value.text);
  if (!answer.empty()) fmt::print("hex:{}\n", to_hex(answer));
}

// DEVICE REQUEST [ARGUMENT...]
void ioctl(ControlClient& client, const Options& options) {
  if (options.words.size() < 2)
    throw Error(EINVAL, "ioctl: which request? DEVICE REQUEST [ARGUMENT...] are expected");
  Argument argument;
  for (std::size_t i = 2; i < options.words.size(); ++i) argument.add(options.words[i]);
  const Request request = parse_request(options.words[1], argument.size());
  std::vector<std::byte> bytes = argument.bytes();
  if (bytes.size() > request.size())
    throw Error(EINVAL, fmt::format("ioctl: the arguments have {} bytes, that of {} has {}",
                                    bytes.size(), options.words[1], request.size()));
  bytes.resize(request.size());
  const nlohmann::json fd = client.request("open", {{"device", options.words[0]}}).at("fd");
  nlohmann::json members = {{"fd", fd}, {"command", request.command}};
  if (!bytes.empty()) members["data"] = kern::base64_encode(bytes.data(), bytes.size());
  const nlohmann::json reply = client.request("ioctl", members);
  if (!request.reads()) return;
  const auto answer = kern::base64_decode(reply.value("data", ""));
  if (!answer) throw Error(EPROTO, "ioctl: an answer that is not base64");
  print_answer(options, argument, *answer);
}

// Large enough that a transfer of a device's buffer is one call into its driver.
constexpr std::size_t transfer_size = std::size_t{1} << 20;

void read_device(ControlClient& client, const Options& options) {
  const nlohmann::json fd = client.request("open", {{"device", options.words.at(0)}}).at("fd");
  std::uint64_t offset = options.offset;
  for (std::uint64_t left = options.count; left != 0;) {
    const nlohmann::json reply = client.request(
        "read",
        {{"fd", fd}, {"count", std::min<std::uint64_t>(left, transfer_size)}, {"offset", offset}});
    const auto bytes = kern::base64_decode(reply.value("data", ""));
    if (!bytes) throw Error(EPROTO, "read: an answer that is not base64");
    if (bytes->empty()) break;
    if (std::fwrite(bytes->data(), 1, bytes->size(), stdout) != bytes->size())
      throw Error(errno, "read: standard output takes no more");
    offset += bytes->size();
    left -= bytes->size();
  }
}

void write_device(ControlClient& client, const Options& options) {
  const nlohmann::json fd = client.request("open", {{"device", options.words.at(0)}}).at("fd");
  std::uint64_t offset = options.offset;
  std::vector<std::byte> bytes(transfer_size);
  for (std::size_t got = 0; (got = std::fread(bytes.data(), 1, bytes.size(), stdin)) != 0;) {
    for (std::size_t done = 0; done < got;) {
      const nlohmann::json reply =
          client.request("write", {{"fd", fd},
                                   {"data", kern::base64_encode(bytes.data() + done, got - done)},
                                   {"offset", offset}});
      const auto count = reply.value("count", std::size_t{0});
      if (count == 0) throw Error(EIO, fmt::format("write: {} took no more", options.words[0]));
      done += count;
      offset += count;
    }
  }
}

using Body = void (*)(ControlClient&, const Options&);

void add(CLI::App& app, Context& context, const char* name, const char* help, Body body,
         const std::function<void(CLI::App&, Options&)>& more = {}) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(name, help);
  add_control_options(*command, options->control);
  if (more) more(*command, *options);
  command->callback([options, body, &context] {
    ControlClient client(options->control);
    try {
      body(client, *options);
    } catch (const nlohmann::json::exception&) {
      throw Error(EPROTO, "the answer is not as expected: is that pupci run of another version?");
    }
    context.status = ok;
  });
}

}  // namespace

void add_control(CLI::App& app, Context& context) {
  add(app, context, "devices", "Show the devices of a running pupci run", devices);
  add(app, context, "evcnt", "Show the event counters of a running pupci run", evcnt);
  add(app, context, "sysctl", "Show or set sysctl values of a running pupci run", sysctl,
      [](CLI::App& command, Options& options) {
        command.add_option("NAME[=VALUE]", options.words, "All of them, unless given");
      });
  add(app, context, "ioctl", "Call a driver's ioctl in a running pupci run", ioctl,
      [](CLI::App& command, Options& options) {
        command
            .add_option("WORDS", options.words,
                        "DEVICE REQUEST [ARGUMENT...]; a request is a number or _IOWR('E',1,16); "
                        "arguments are u32:5, hex:0a0b, str:text")
            ->required();
      });
  add(app, context, "read", "Read from a device of a running pupci run to standard output",
      read_device, [](CLI::App& command, Options& options) {
        command.add_option("DEVICE", options.words)->required()->expected(1);
        command.add_option("-s,--offset", options.offset, "Where to begin, in bytes");
        command.add_option("-n,--count", options.count, "How many bytes; to the end, unless given");
      });
  add(app, context, "write", "Write standard input to a device of a running pupci run",
      write_device, [](CLI::App& command, Options& options) {
        command.add_option("DEVICE", options.words)->required()->expected(1);
        command.add_option("-s,--offset", options.offset, "Where to begin, in bytes");
      });
  add(app, context, "dmesg", "Show the message buffer of a running pupci run", dmesg);
  add(app, context, "detach", "Detach devices of a running pupci run", detach,
      [](CLI::App& command, Options& options) {
        command.add_option("DEVICE", options.words)->required();
        command.add_flag("-f,--force", options.force, "Even if its driver refuses");
      });
}

}  // namespace pupci::cli
