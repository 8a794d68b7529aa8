// SPDX-License-Identifier: BSD-2-Clause
#include "kern/control_session.h"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "kern/autoconf.h"
#include "kern/console.h"
#include "kern/control_protocol.h"
#include "kern/devsw.h"
#include "kern/evcnt.h"
#include "kern/kernel.h"
#include "kern/klock.h"
#include "kern/loader.h"
#include "kern/prop/base64.h"
#include "kern/sysctl.h"
#include "netbsd/sys/device.h"
#include "netbsd/sys/event.h"
#include "netbsd/sys/fcntl.h"
#include "netbsd/sys/ioccom.h"
#include "netbsd/sys/poll.h"
#include "pupci/error.h"

namespace pupci::kern {
namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(int error, const std::string& what) {
  throw Error(error, what);
}

void check(int error, const std::string& what) {
  if (error != 0) {
    fail(error, fmt::format("{}: {}", what, std::generic_category().message(error)));
  }
}

struct EventName {
  const char* name;
  int event;
};
constexpr std::array<EventName, 5> event_names = {
    {{"in", POLLIN}, {"pri", POLLPRI}, {"out", POLLOUT}, {"err", POLLERR}, {"hup", POLLHUP}}};

}  // namespace

ControlSession::ControlSession(Kernel& kernel) : kernel_(kernel), files_(::getpid(), "control") {}

// One request while it is answered.
struct ControlSession::Request {
  ControlSession& session;
  const Json& json;
  Json reply = Json::object();

  // Members of the request.
  [[nodiscard]] bool has(const char* name) const { return json.contains(name); }

  [[nodiscard]] std::string text(const char* name) const {
    if (!has(name) || !json[name].is_string()) {
      fail(EINVAL, fmt::format("\"{}\" is missing, or not a string", name));
    }
    return json[name].get<std::string>();
  }

  [[nodiscard]] std::int64_t number(const char* name) const {
    if (!has(name)) fail(EINVAL, fmt::format("\"{}\" is missing", name));
    return number_of(json[name], name);
  }

  static std::int64_t number_of(const Json& value, const char* name) {
    if (value.is_number_unsigned()) return static_cast<std::int64_t>(value.get<std::uint64_t>());
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (value.is_string()) {
      std::string_view digits = value.get_ref<const std::string&>();
      const bool hexadecimal = digits.substr(0, 2) == "0x";
      if (hexadecimal) digits.remove_prefix(2);
      std::uint64_t result = 0;
      const char* end = digits.data() + digits.size();
      const auto [at, error] = std::from_chars(digits.data(), end, result, hexadecimal ? 16 : 10);
      if (!digits.empty() && error == std::errc{} && at == end) {
        return static_cast<std::int64_t>(result);
      }
    }
    fail(EINVAL, fmt::format("\"{}\" is not a number", name));
  }

  static std::vector<std::byte> bytes_of(const Json& value, const char* name) {
    auto bytes =
        value.is_string() ? base64_decode(value.get_ref<const std::string&>()) : std::nullopt;
    if (!bytes) fail(EINVAL, fmt::format("\"{}\" is not base64", name));
    return std::move(*bytes);
  }

  [[nodiscard]] std::vector<std::byte> bytes(const char* name) const {
    if (!has(name)) fail(EINVAL, fmt::format("\"{}\" is missing", name));
    return bytes_of(json[name], name);
  }

  [[nodiscard]] std::optional<std::int64_t> offset() const {
    if (!has("offset")) return std::nullopt;
    return number("offset");
  }

  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const {
    if (!has("timeout")) return std::nullopt;
    const std::int64_t wanted = number("timeout");
    constexpr std::int64_t year = std::int64_t{365} * 24 * 3600 * 1000;
    if (wanted < 0) return std::nullopt;
    return std::chrono::milliseconds(std::min(wanted, year));
  }

  [[nodiscard]] std::shared_ptr<OpenFile> descriptor() const {
    const std::int64_t fd = number("fd");
    auto device = session.files_.find(fd);
    if (device == nullptr) fail(EBADF, fmt::format("{}: no such descriptor", fd));
    return device;
  }

  // Under the kernel lock, that it may not be detached meanwhile.
  [[nodiscard]] device_t device() const {
    const std::string name = text("device");
    const device_t dev = device_find_by_xname(name.c_str());
    if (dev == nullptr) fail(ENXIO, fmt::format("{}: no such device", name));
    return dev;
  }

  // The requests.
  void hello() {
    reply["version"] = control_version;
    reply["pid"] = ::getpid();
    Json drivers = Json::array();
    for (const Driver* driver : session.kernel_.drivers()) {
      drivers.push_back(
          {{"name", driver->name()}, {"path", driver->path()}, {"offers", driver->offers()}});
    }
    reply["drivers"] = std::move(drivers);
  }

  void devices() {
    Json all = Json::array();
    for (const DeviceNode& node : autoconf_tree()) {
      all.push_back({{"name", node.name},
                     {"parent", node.parent},
                     {"driver", node.driver},
                     {"attribute", node.attribute},
                     {"locators", node.locators},
                     {"unit", node.unit},
                     {"active", node.active}});
    }
    reply["devices"] = std::move(all);
  }

  void switches() {
    Json all = Json::array();
    for (const DeviceSwitch& entry : device_switches()) {
      all.push_back({{"name", entry.name}, {"major", entry.major}});
    }
    reply["switches"] = std::move(all);
  }

  void evcnt() {
    Json all = Json::array();
    for (const EventCounter& counter : event_counters()) {
      all.push_back({{"group", counter.group},
                     {"name", counter.name},
                     {"type", counter.type},
                     {"count", counter.count}});
    }
    reply["counters"] = std::move(all);
  }

  static Json to_json(const SysctlEntry& entry) {
    return {{"name", entry.name},
            {"type", entry.type},
            {"value", entry.value},
            {"description", entry.description},
            {"writable", entry.writable}};
  }

  void sysctl() {
    Json all = Json::array();
    for (const SysctlEntry& entry : sysctl_list(has("prefix") ? text("prefix") : "")) {
      all.push_back(to_json(entry));
    }
    reply["entries"] = std::move(all);
  }

  void sysctl_get() {
    SysctlEntry entry;
    check(kern::sysctl_get(text("name"), entry), text("name"));
    reply.update(to_json(entry));
  }

  void sysctl_set() { check(kern::sysctl_set(text("name"), text("value")), text("name")); }

  void dmesg() { reply["text"] = message_buffer(); }

  void open() {
    const std::string name = text("device");
    const std::string mode = has("mode") ? text("mode") : "rw";
    int flags = 0;
    for (const char c : mode) {
      if (c != 'r' && c != 'w' && c != 'n') {
        fail(EINVAL, fmt::format("\"mode\": {}: of the letters r, w and n only", mode));
      }
      flags |= c == 'r' ? FREAD : c == 'w' ? FWRITE : FNONBLOCK;
    }
    const dev_t dev = device_by_name(name);
    if (dev == NODEV)
      fail(ENXIO, fmt::format("{}: no driver has a device node of this name", name));
    int fd = 0;
    check(session.files_.open(dev, flags, fd), name);
    reply["fd"] = fd;
  }

  void close() {
    static_cast<void>(descriptor());
    check(session.files_.close(number("fd")), "close");
  }

  void read() {
    const std::int64_t count = number("count");
    if (count < 0 || static_cast<std::uint64_t>(count) > control_read_limit) {
      fail(EINVAL, fmt::format("\"count\": {}: from 0 to {}", count, control_read_limit));
    }
    std::vector<std::byte> data(static_cast<std::size_t>(count));
    check(descriptor()->read(data, offset()), "read");
    reply["data"] = base64_encode(data.data(), data.size());
  }

  void write() {
    std::size_t written = 0;
    check(descriptor()->write(bytes("data"), written, offset()), "write");
    reply["count"] = written;
  }

  void poll() {
    int wanted = has("events") ? 0 : POLLIN;
    if (has("events")) {
      if (!json["events"].is_array()) fail(EINVAL, "\"events\" is not an array");
      for (const Json& name : json["events"]) wanted |= event_of(name);
    }
    int found = 0;
    check(descriptor()->poll(wanted, timeout(), found), "poll");
    Json events = Json::array();
    for (const EventName& known : event_names) {
      if ((found & known.event) != 0) events.push_back(known.name);
    }
    reply["events"] = std::move(events);
  }

  static int event_of(const Json& name) {
    for (const EventName& known : event_names) {
      if (name == known.name) return known.event;
    }
    fail(EINVAL, fmt::format("{}: no such event; there are in, pri, out, err, hup",
                             name.dump(-1, ' ', true, Json::error_handler_t::replace)));
  }

  void wait() {
    const std::string filter = has("filter") ? text("filter") : "read";
    if (filter != "read" && filter != "write") {
      fail(EINVAL, fmt::format("\"filter\": {}: read or write", filter));
    }
    std::optional<struct kevent> event;
    check(descriptor()->wait(filter == "read" ? EVFILT_READ : EVFILT_WRITE, timeout(), event),
          "wait");
    if (!event) return;
    reply["data"] = event->data;
    reply["eof"] = (event->flags & EV_EOF) != 0;
  }

  void ioctl() {
    const auto command = static_cast<unsigned long>(number("command"));
    const std::size_t size = IOCPARM_LEN(command);
    // A driver may hold on to it, to find it empty of what later requests bring.
    const SpaceHandle space(new vmspace);
    vmspace& user = *space;
    std::uintptr_t address = control_argument_address;
    if (size != 0) {
      std::vector<std::byte> argument = has("data") ? bytes("data") : std::vector<std::byte>{};
      if ((command & IOC_IN) != 0 && argument.size() != size) {
        fail(EINVAL, fmt::format("\"data\" has {} bytes, but the argument of command {:#x} has {}",
                                 argument.size(), command, size));
      }
      argument.resize(size);
      user.add(address, std::move(argument));
    } else {
      address = has("value") ? static_cast<std::uintptr_t>(number("value")) : 0;
    }
    add_memory(user);
    check(descriptor()->ioctl(command, user, address), fmt::format("ioctl {:#x}", command));
    report_memory(user, command, size);
  }

  void add_memory(vmspace& user) const {
    if (!has("memory")) return;
    if (!json["memory"].is_array()) fail(EINVAL, "\"memory\" is not an array");
    for (const Json& range : json["memory"]) {
      if (!range.is_object() || !range.contains("address") || !range.contains("data")) {
        fail(EINVAL, "\"memory\" takes objects with address and data");
      }
      const auto address = static_cast<std::uintptr_t>(number_of(range["address"], "address"));
      if (!user.add(address, bytes_of(range["data"], "data"))) {
        fail(EINVAL, fmt::format("\"memory\": {:#x} overlaps another range", address));
      }
    }
  }

  void report_memory(const vmspace& user, unsigned long command, std::size_t size) {
    Json written = Json::array();
    for (const auto& [start, range] : user.ranges()) {
      if (!range.written) continue;
      const std::string data = base64_encode(range.bytes.data(), range.bytes.size());
      if (start == control_argument_address && size != 0) {
        if ((command & IOC_OUT) != 0) reply["data"] = data;
      } else {
        written.push_back({{"address", start}, {"data", data}});
      }
    }
    if (!written.empty()) reply["memory"] = std::move(written);
  }

  void detach() {
    const bool force = has("force") && json["force"] == true;
    const KernelLock kernel;
    check(config_detach(device(), force ? DETACH_FORCE : 0), text("device"));
  }

  void rescan() {
    const std::string attribute = has("attribute") ? text("attribute") : "";
    const KernelLock kernel;
    check(autoconf_rescan(device(), attribute.empty() ? nullptr : attribute.c_str()),
          text("device"));
  }

  void suspend() {
    const KernelLock kernel;
    if (!pmf_device_recursive_suspend(device(), PMF_Q_DRVCTL)) {
      fail(EBUSY, fmt::format("{}: it, or one below it, cannot be suspended", text("device")));
    }
  }

  void resume() {
    const KernelLock kernel;
    if (!pmf_device_subtree_resume(device(), PMF_Q_DRVCTL)) {
      fail(EBUSY, fmt::format("{}: it, or one below it, cannot be resumed", text("device")));
    }
  }

  void run() {
    struct Entry {
      const char* name;
      void (Request::*function)();
    };
    static constexpr Entry entries[] = {
        {"hello", &Request::hello},
        {"devices", &Request::devices},
        {"switches", &Request::switches},
        {"evcnt", &Request::evcnt},
        {"sysctl", &Request::sysctl},
        {"sysctl_get", &Request::sysctl_get},
        {"sysctl_set", &Request::sysctl_set},
        {"dmesg", &Request::dmesg},
        {"open", &Request::open},
        {"close", &Request::close},
        {"read", &Request::read},
        {"write", &Request::write},
        {"poll", &Request::poll},
        {"wait", &Request::wait},
        {"ioctl", &Request::ioctl},
        {"detach", &Request::detach},
        {"rescan", &Request::rescan},
        {"suspend", &Request::suspend},
        {"resume", &Request::resume},
    };
    const std::string wanted = text("request");
    for (const Entry& entry : entries) {
      if (wanted == entry.name) return (this->*entry.function)();
    }
    std::string known;
    for (const Entry& entry : entries) known += std::string(known.empty() ? "" : ", ") + entry.name;
    fail(EINVAL, fmt::format("{}: no such request; there are {}", wanted, known));
  }
};

std::string ControlSession::answer(std::string_view line) noexcept {
  Json reply = Json::object();
  try {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) fail(EINVAL, "a request is one line with a JSON object");
    if (json.contains("id")) reply["id"] = json["id"];
    Request request{*this, json};
    const ClientScope scope(files_);
    request.run();
    reply["ok"] = true;
    reply.update(request.reply);
  } catch (const Error& error) {
    reply["ok"] = false;
    reply["errno"] = error.errnum();
    reply["error"] = error.what();
  } catch (const std::exception& error) {
    reply["ok"] = false;
    reply["errno"] = ENOMEM;
    reply["error"] = error.what();
  }
  return reply.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace pupci::kern
