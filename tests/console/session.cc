// SPDX-License-Identifier: BSD-2-Clause
#include "console/session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <exception>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <thread>

namespace pupci::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds limit{60};
constexpr int limit_ms = 60000;

// A cursor report is the terminal's answer to all that came before the question.
constexpr const char* preamble = R"(
stty -echo
export TERM=xterm-256color LC_ALL=C.UTF-8
say() { printf '\033[6n'; IFS= read -rs -d R _; printf '%s\n' "$1" >&8; }
pause() { read -r _ <&9; }
exec 8>"${0%/*}/said" 9<"${0%/*}/go"
)";

std::string read_some(int fd) {
  pollfd waiting{fd, POLLIN, 0};
  if (::poll(&waiting, 1, limit_ms) <= 0) throw std::runtime_error("silence");
  std::array<char, 4096> buffer;
  const ssize_t got = ::read(fd, buffer.data(), buffer.size());
  if (got <= 0) throw std::runtime_error("hung up");
  return {buffer.data(), static_cast<std::size_t>(got)};
}

Fd connect_to(const std::string& path) {
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const auto end = Clock::now() + limit;
  while (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (Clock::now() > end) throw std::runtime_error("cannot connect to " + path);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return fd;
}

bool one_colour(const Picture& picture) {
  for (const std::uint32_t pixel : picture.pixels) {
    if (pixel != picture.pixels.front()) return false;
  }
  return true;
}

Picture masked(Picture picture, std::uint32_t mask) {
  for (std::uint32_t& pixel : picture.pixels) pixel &= mask;
  return picture;
}

Picture picture_of(const wscons::Image& image) {
  return {image.size.width, image.size.height, image.pixels};
}

}  // namespace

std::string name_of(const Setup& setup) {
  std::string name = setup.driver + "_" + setup.device;
  for (const std::string& property : setup.properties) name += "_" + property;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

Session::Session(const Setup& setup, const std::string& script) {
  const std::string said = folder_.file("said");
  const std::string go = folder_.file("go");
  if (::mkfifo(said.c_str(), 0600) != 0 || ::mkfifo(go.c_str(), 0600) != 0) {
    throw std::runtime_error("mkfifo");
  }
  // Both ways, so that neither side waits for the other to open it.
  said_ = Fd(::open(said.c_str(), O_RDWR | O_CLOEXEC));
  go_ = Fd(::open(go.c_str(), O_RDWR | O_CLOEXEC));

  const std::string file = folder_.write("script", preamble + script);
  std::vector<std::string> arguments = {"run",       setup.driver,
                                        "--console", "bash " + file,
                                        "--display", "png:" + folder_.file("out.png"),
                                        "--display", "vnc:127.0.0.1:0",
                                        "--leaks",   "error"};
  for (const std::string& property : setup.properties) {
    // QEMU leaves the low bits of colours of five bits 0; whoever else fills all eight.
    if (property == "depth=15") visible_ = 0xf8f8f8;
    arguments.insert(arguments.end(), {"--prop", setup.driver + "0:" + property});
  }
  arguments.insert(arguments.end(), {"--", "-device", setup.device, "-qmp",
                                     "unix:" + folder_.file("qmp") + ",server=on,wait=off"});
  command_ = std::make_unique<Command>(
      arguments, std::vector<std::string>{"XDG_RUNTIME_DIR=" + folder_.path()});

  if (!command_->wait_for("vnc:127.0.0.1:", limit)) {
    const Outcome outcome = command_->wait(std::chrono::seconds(1));
    throw std::runtime_error("no console:\n" + outcome.output + outcome.errors);
  }
  qmp_ = connect_to(folder_.file("qmp"));
  read_some(qmp_.get());
  monitor_command(R"({"execute": "qmp_capabilities"})");

  const std::regex where("vnc:127\\.0\\.0\\.1:([0-9]+)");
  std::smatch match;
  const Outcome& so_far = command_->so_far();
  const std::string all = so_far.output + so_far.errors;
  if (!std::regex_search(all, match, where)) throw std::runtime_error("no port in:\n" + all);
  viewer_ = std::make_unique<RfbClient>(static_cast<std::uint16_t>(std::stoul(match[1].str())));
  if (!viewer_->handshake()) throw std::runtime_error("the VNC server wants a password");
}

Session::~Session() {
  if (testing::Test::HasFailure() || std::uncaught_exceptions() != 0) {
    const Outcome outcome = command_->wait(std::chrono::seconds(1));
    std::fprintf(stderr, "status %d\n", outcome.status);
    std::fputs((outcome.output + outcome.errors).c_str(), stderr);
  }
}

void Session::hear(const std::string& word) {
  while (heard_.find(word + "\n") == std::string::npos) {
    pollfd waiting{said_.get(), POLLIN, 0};
    const int ready = ::poll(&waiting, 1, limit_ms);
    command_->so_far();  // a full pipe would stop it
    if (ready <= 0) throw std::runtime_error("the program on the console never said " + word);
    heard_ += read_some(said_.get());
  }
  heard_.erase(0, heard_.find(word + "\n") + word.size() + 1);
}

void Session::go() {
  if (::write(go_.get(), "\n", 1) != 1) throw std::runtime_error("write");
}

std::string Session::monitor_command(const std::string& text) {
  const std::string line = text + "\n";
  if (::write(qmp_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error("QEMU's monitor is gone");
  }
  std::string answer;
  while (true) {
    const std::size_t end = answer.find('\n');
    if (end == std::string::npos) {
      answer += read_some(qmp_.get());
      continue;
    }
    const std::string first = answer.substr(0, end);
    answer.erase(0, end + 1);
    const nlohmann::json object = nlohmann::json::parse(first);
    if (object.contains("error")) throw std::runtime_error(first);
    if (object.contains("return")) return first;
  }
}

Picture Session::monitor() {
  const std::string file = folder_.file("monitor.png");
  monitor_command(nlohmann::json{{"execute", "screendump"},
                                 {"arguments", {{"filename", file}, {"format", "png"}}}}
                      .dump());
  return read_png(file);
}

Picture Session::png() {
  const std::string file = folder_.file("out.png");
  std::filesystem::remove(file);
  command_->signal(SIGUSR1);
  const auto end = Clock::now() + limit;
  while (true) {
    command_->so_far();
    if (std::filesystem::exists(file)) {
      try {
        return read_png(file);
      } catch (const std::runtime_error&) {
        if (Clock::now() > end) throw;  // still being written
      }
    }
    if (Clock::now() > end) throw std::runtime_error("SIGUSR1 left no PNG");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Picture Session::vnc() {
  viewer_->request(false);
  viewer_->receive();
  return picture_of(viewer_->image());
}

void Session::press(std::uint32_t keysym) {
  viewer_->key(keysym, true);
  viewer_->key(keysym, false);
}

void Session::type(const std::string& text) {
  for (const char c : text) press(c == '\n' ? 0xff0d : static_cast<unsigned char>(c));
}

void Session::switch_screen(unsigned number) {
  constexpr std::uint32_t control = 0xffe3, alt = 0xffe9, f1 = 0xffbe;
  viewer_->key(control, true);
  viewer_->key(alt, true);
  press(f1 + number - 1);
  viewer_->key(alt, false);
  viewer_->key(control, false);
}

Picture Session::expect_same(const std::string& when) {
  return expect_same_but_not({}, when);
}

void Session::expect_settled(const std::string& when) {
  constexpr int enough = 3;
  Picture before;
  for (int same = 0; same < enough && !testing::Test::HasFailure();) {
    Picture now = expect_same(when);
    same = now.pixels == before.pixels ? same + 1 : 0;
    before = std::move(now);
  }
}

Picture Session::expect_same_but_not(const Picture& before, const std::string& when) {
  const auto end = Clock::now() + limit;
  while (true) {
    const Picture from_png = png();
    const Picture from_monitor = monitor();
    const Picture from_vnc = vnc();
    const auto monitor_result = same_picture(from_monitor, masked(from_png, visible_));
    const auto vnc_result = same_picture(from_png, from_vnc);
    const bool empty = one_colour(from_monitor);
    const bool changed = before.pixels != from_monitor.pixels;
    if (monitor_result && vnc_result && !empty && changed) return from_monitor;
    if (Clock::now() > end) {
      EXPECT_TRUE(monitor_result) << when << ": QEMU's monitor and the PNG";
      EXPECT_TRUE(vnc_result) << when << ": the PNG and the VNC viewer";
      EXPECT_FALSE(empty) << when << ": nothing to be seen";
      EXPECT_TRUE(changed) << when << ": the picture is what it was before";
      return from_monitor;
    }
  }
}

Outcome Session::control(const std::vector<std::string>& words) {
  return pupci(words, {"XDG_RUNTIME_DIR=" + folder_.path()});
}

Outcome Session::end() {
  command_->signal(SIGINT);
  return command_->wait();
}

}  // namespace pupci::test
