// SPDX-License-Identifier: BSD-2-Clause
// The control socket, from a client's side.
#include "kern/control.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "autoconf_support.h"
#include "kern/control_protocol.h"
#include "kern/control_session.h"
#include "kern/kernel.h"
#include "kern/prop/base64.h"
#include "kern_support.h"
#include "pipe_device.h"
#include "pupci/error.h"
#include "pupci/sim.h"

using namespace pupci::kern;
using namespace pupci::kern::test;
using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::string base64(const std::string& text) {
  return base64_encode(text.data(), text.size());
}
std::string plain(const Json& reply, const char* member = "data") {
  const auto bytes = base64_decode(reply.at(member).get<std::string>());
  return bytes ? std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()) : "(bad)";
}

class Connection {
 public:
  explicit Connection(const std::string& path) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0)
        << std::strerror(errno);
  }
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  void send(const std::string& text) {
    EXPECT_EQ(::send(fd_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  // A line; empty when the server hung up.
  std::string receive() {
    std::size_t end = 0;
    while ((end = buffer_.find('\n')) == std::string::npos) {
      char piece[4096];
      const ssize_t n = ::recv(fd_, piece, sizeof piece, 0);
      if (n <= 0) return {};
      buffer_.append(piece, static_cast<std::size_t>(n));
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 1);
    return line;
  }
  Json call(const Json& request) {
    send(request.dump() + "\n");
    return Json::parse(receive());
  }

 private:
  int fd_;
  std::string buffer_;
};

class ControlTest : public testing::Test {
 protected:
  ControlTest() : folder_(testing::TempDir() + "/pupci_control_XXXXXX") {
    EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
    ::setenv("XDG_RUNTIME_DIR", folder_.c_str(), 1);
    drivers
        .driver("bus", {.attach = [](device_t, device_t self, void*) { find_child(self, 7); },
                        .rescan = [](device_t, const char*, const int*) { return 0; }})
        .driver("leaf", {.attach = [](device_t, device_t self,
                                      void*) { pmf_device_register(self, nullptr, nullptr); }})
        .at("bus", "", {}, 0, FSTATE_NOTFOUND)
        .at("leaf", "bus");
    drivers.load();
    drivers.root("bus");
    server = std::make_unique<ControlServer>(kernel);
  }
  ~ControlTest() override {
    server.reset();
    drivers.unload();
    pipe.reset();
    EXPECT_EQ(std::system(("rm -rf " + folder_).c_str()), 0);
  }

  Json ask(const Json& request) { return Connection(server->path()).call(request); }

  Kernel kernel{pupci::open_bus("sim:"), {}};
  Drivers drivers;
  std::unique_ptr<PipeDevice> pipe = std::make_unique<PipeDevice>();
  std::unique_ptr<ControlServer> server;
  std::string folder_;
};

TEST_F(ControlTest, SocketIsPrivateAndGoesWithTheServer) {
  struct stat status{};
  ASSERT_EQ(::stat(control_directory().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
  EXPECT_EQ(server->path(), control_directory() + "/" + std::to_string(::getpid()) + ".sock");
  ASSERT_EQ(::stat(server->path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const auto sockets = control_sockets();
  ASSERT_EQ(sockets.size(), 1u);
  EXPECT_EQ(sockets[0].pid, ::getpid());
  const std::string path = server->path();
  server.reset();
  EXPECT_NE(::stat(path.c_str(), &status), 0);
}

TEST_F(ControlTest, StaleSocketsAreRemovedAndLiveOnesKept) {
  const std::string stale = control_directory() + "/99999999.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, stale.c_str(), sizeof address.sun_path - 1);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(fd);
  EXPECT_EQ(control_sockets().size(), 1u);
  EXPECT_NE(::access(stale.c_str(), F_OK), 0);
  EXPECT_THROW(ControlServer(kernel, server->path()), pupci::Error);
}

TEST_F(ControlTest, DirectoryOfOthersIsNotTrusted) {
  ASSERT_EQ(::chmod(control_directory().c_str(), 0755), 0);
  EXPECT_THROW(control_directory(), pupci::Error);
  ASSERT_EQ(::chmod((folder_ + "/pupci").c_str(), 0700), 0);
}

TEST_F(ControlTest, RepliesRepeatTheId) {
  const Json reply = ask({{"id", {1, "x"}}, {"request", "hello"}});
  EXPECT_EQ(reply["id"], Json({1, "x"}));
  EXPECT_EQ(reply["ok"], true);
  EXPECT_EQ(reply["pid"], ::getpid());
  EXPECT_EQ(reply["version"], control_version);
}

TEST_F(ControlTest, ShowsTheDeviceTree) {
  const Json reply = ask({{"request", "devices"}});
  ASSERT_EQ(reply["devices"].size(), 2u);
  EXPECT_EQ(reply["devices"][0]["name"], "bus0");
  EXPECT_EQ(reply["devices"][1]["parent"], "bus0");
  EXPECT_EQ(reply["devices"][1]["active"], true);
}

TEST_F(ControlTest, ShowsCountersNodesSwitchesAndMessages) {
  EXPECT_TRUE(ask({{"request", "evcnt"}})["counters"].is_array());
  EXPECT_TRUE(ask({{"request", "sysctl"}})["entries"].is_array());
  EXPECT_EQ(ask({{"request", "sysctl_get"}, {"name", "no.such"}})["errno"], ENOENT);
  EXPECT_EQ(ask({{"request", "sysctl_set"}, {"name", "no.such"}, {"value", "1"}})["errno"], ENOENT);
  std::string switches;
  const auto listed = ask({{"request", "switches"}});
  for (const auto& entry : listed["switches"]) {
    switches += entry["name"].get<std::string>() + " ";
  }
  EXPECT_EQ(switches, "pci pipe ");
  EXPECT_THAT(ask({{"request", "dmesg"}})["text"].get<std::string>(), HasSubstr("leaf0 at bus0"));
}

TEST_F(ControlTest, UsesADevice) {
  Connection client(server->path());
  EXPECT_EQ(client.call({{"request", "open"}, {"device", "pipe0"}})["fd"], 0);
  EXPECT_EQ(client.call({{"request", "write"}, {"fd", 0}, {"data", base64("hello")}})["count"], 5);
  const Json events = client.call({{"request", "poll"}, {"fd", 0}, {"events", {"in", "out"}}});
  EXPECT_EQ(events["events"], Json({"in", "out"}));
  EXPECT_EQ(client.call({{"request", "wait"}, {"fd", 0}})["data"], 5);
  EXPECT_EQ(plain(client.call({{"request", "read"}, {"fd", 0}, {"count", 100}})), "hello");
  const Json none = client.call({{"request", "poll"}, {"fd", 0}, {"timeout", 0}});
  EXPECT_EQ(none["events"], Json::array());
  EXPECT_EQ(client.call({{"request", "close"}, {"fd", 0}})["ok"], true);
  EXPECT_EQ(PipeDevice::closes, 1);
  EXPECT_EQ(client.call({{"request", "read"}, {"fd", 0}, {"count", 1}})["errno"], EBADF);
}

TEST_F(ControlTest, IoctlCarriesArgumentsBothWays) {
  Connection client(server->path());
  client.call({{"request", "open"}, {"device", "pipe0"}});
  PipeArgument argument{41, 0};
  const std::string data(reinterpret_cast<char*>(&argument), sizeof argument);
  Json reply = client.call(
      {{"request", "ioctl"}, {"fd", 0}, {"command", pipe_increment}, {"data", base64(data)}});
  const std::string out = plain(reply);
  ASSERT_EQ(out.size(), sizeof argument);
  std::memcpy(&argument, out.data(), sizeof argument);
  EXPECT_EQ(argument.out, 42u);
  reply =
      client.call({{"request", "ioctl"}, {"fd", 0}, {"command", pipe_value}, {"value", "0x55"}});
  EXPECT_EQ(reply["ok"], true);
  EXPECT_EQ(PipeDevice::kept, 0x55u);
  const PipePointer pointer{0x20000, 5};
  reply = client.call(
      {{"request", "ioctl"},
       {"fd", 0},
       {"command", pipe_copyout},
       {"data", base64(std::string(reinterpret_cast<const char*>(&pointer), sizeof pointer))},
       {"memory", {{{"address", 0x20000}, {"data", base64("........")}}}}});
  ASSERT_TRUE(reply["ok"]) << reply;
  EXPECT_EQ(reply["memory"][0]["address"], 0x20000);
  EXPECT_EQ(plain(reply["memory"][0]), "hello...");
  reply = client.call({{"request", "ioctl"}, {"fd", 0}, {"command", pipe_increment}, {"data", ""}});
  EXPECT_THAT(reply["error"].get<std::string>(),
              HasSubstr("\"data\" has 0 bytes, but the argument"));
  reply = client.call({{"request", "ioctl"}, {"fd", 0}, {"command", "0x20007063"}});
  EXPECT_EQ(reply["errno"], ENOTTY);
}

TEST_F(ControlTest, ActsOnDevices) {
  EXPECT_EQ(ask({{"request", "rescan"}, {"device", "bus0"}})["ok"], true);
  EXPECT_EQ(ask({{"request", "rescan"}, {"device", "leaf0"}})["errno"], EOPNOTSUPP);
  EXPECT_EQ(ask({{"request", "suspend"}, {"device", "leaf0"}})["ok"], true);
  EXPECT_FALSE(device_activation(device_find_by_xname("leaf0"), DEVACT_LEVEL_FULL));
  EXPECT_EQ(ask({{"request", "resume"}, {"device", "bus0"}})["errno"], EBUSY);
  EXPECT_EQ(ask({{"request", "detach"}, {"device", "leaf0"}})["ok"], true);
  EXPECT_EQ(device_find_by_xname("leaf0"), nullptr);
  const Json again = ask({{"request", "detach"}, {"device", "leaf0"}});
  EXPECT_EQ(again["errno"], ENXIO);
  EXPECT_EQ(again["error"], "leaf0: no such device");
}

TEST_F(ControlTest, ClientThatVanishesIsClosedAndItsSleepEnds) {
  auto client = std::make_unique<Connection>(server->path());
  client->call({{"request", "open"}, {"device", "pipe0"}});
  client->send(R"({"request":"read","fd":0,"count":1})"
               "\n");
  eventually([] { return PipeDevice::sleepers == 1; });
  client.reset();
  eventually([] { return PipeDevice::closes == 1; });
  EXPECT_EQ(PipeDevice::sleepers, 0);
}

TEST_F(ControlTest, ClientThatVanishesWhileItPollsIsClosed) {
  auto client = std::make_unique<Connection>(server->path());
  client->call({{"request", "open"}, {"device", "pipe0"}});
  client->send(R"({"request":"poll","fd":0})"
               "\n"
               R"({"request":"wait","fd":0})"
               "\n");
  client.reset();
  eventually([] { return PipeDevice::closes == 1; });
}

TEST_F(ControlTest, ServerThatEndsClosesItsClients) {
  Connection client(server->path());
  client.call({{"request", "open"}, {"device", "pipe0"}});
  client.send(R"({"request":"read","fd":0,"count":1})"
              "\n");
  eventually([] { return PipeDevice::sleepers == 1; });
  server.reset();
  EXPECT_EQ(PipeDevice::closes, 1);
}

TEST_F(ControlTest, DescriptorsBelongToTheConnection) {
  Connection first(server->path());
  Connection second(server->path());
  first.call({{"request", "open"}, {"device", "pipe0"}});
  EXPECT_EQ(second.call({{"request", "read"}, {"fd", 0}, {"count", 1}})["errno"], EBADF);
  // One sleeps, the other wakes it.
  second.call({{"request", "open"}, {"device", "pipe"}});
  first.send(R"({"request":"read","fd":0,"count":9})"
             "\n");
  second.call({{"request", "write"}, {"fd", 0}, {"data", base64("wake")}});
  EXPECT_EQ(plain(Json::parse(first.receive())), "wake");
}

TEST_F(ControlTest, EndOfFileIsAnEmptyRead) {
  Connection client(server->path());
  client.call({{"request", "open"}, {"device", "pipe0"}, {"mode", "r"}});
  client.send(R"({"request":"read","fd":0,"count":9})"
              "\n");
  pipe->end();
  EXPECT_EQ(plain(Json::parse(client.receive())), "");
  EXPECT_EQ(client.call({{"request", "wait"}, {"fd", 0}})["eof"], true);
}

TEST_F(ControlTest, GarbageIsAnErrorReply) {
  ControlSession session(kernel);
  session.answer(R"({"request":"open","device":"pipe0"})");
  for (const char* line : {
           "",
           "x",
           "[]",
           "null",
           "{",
           "\"text\"",
           "{}",
           R"({"request":5})",
           R"({"request":"nothing"})",
           R"({"request":"open"})",
           R"({"request":"open","device":5})",
           R"({"request":"open","device":"none0"})",
           R"({"request":"open","device":"pipe9"})",
           R"({"request":"open","device":"pipe0","mode":"q"})",
           R"({"request":"close"})",
           R"({"request":"close","fd":-1})",
           R"({"request":"close","fd":99999999999999})",
           R"({"request":"close","fd":"x"})",
           R"({"request":"read","fd":0})",
           R"({"request":"read","fd":0,"count":-1})",
           R"({"request":"read","fd":0,"count":99999999999})",
           R"({"request":"read","fd":0,"count":1e5})",
           R"({"request":"write","fd":0,"data":"!"})",
           R"({"request":"write","fd":0,"data":5})",
           R"({"request":"poll","fd":0,"events":"in"})",
           R"({"request":"poll","fd":0,"events":["no"]})",
           R"({"request":"poll","fd":0,"events":["\ud800"]})",
           R"({"request":"wait","fd":0,"filter":"vnode"})",
           R"({"request":"ioctl","fd":0})",
           R"({"request":"ioctl","fd":0,"command":"0x"})",
           R"({"request":"ioctl","fd":0,"command":3221749761,"data":"AAAAAAAAAAA=","memory":{}})",
           R"({"request":"ioctl","fd":0,"command":3221749761,"data":"AAAAAAAAAAA=","memory":[1]})",
           R"({"request":"detach","device":"none0"})",
           "\xff\xfe{\"request\":\"hello\"}",
           "{\"request\":\"\xff\"}",
       }) {
    const Json reply = Json::parse(session.answer(line));
    EXPECT_EQ(reply["ok"], false) << line;
    EXPECT_TRUE(reply["errno"].is_number()) << line;
    EXPECT_FALSE(reply["error"].get<std::string>().empty()) << line;
  }
  const std::string deep(100000, '[');
  EXPECT_EQ(Json::parse(session.answer(deep))["ok"], false);
  EXPECT_EQ(Json::parse(session.answer(R"({"request":"hello"})"))["ok"], true);
}

TEST_F(ControlTest, PipelinedRequestsAreAnsweredInOrder) {
  Connection client(server->path());
  std::string all;
  for (int i = 0; i < 100; i++) all += Json{{"id", i}, {"request", "hello"}}.dump() + "\n";
  client.send(all);
  for (int i = 0; i < 100; i++) EXPECT_EQ(Json::parse(client.receive())["id"], i);
}

}  // namespace
