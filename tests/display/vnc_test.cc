// SPDX-License-Identifier: BSD-2-Clause
// The VNC server as a viewer finds it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>

#include "vnc_server.h"

namespace pupci::wscons {
namespace {

using test::RfbClient;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Keys = std::vector<test::MemoryDisplay::Key>;
using Pointers = std::vector<test::MemoryDisplay::Pointer>;

class Vnc : public test::VncServerTest {
 protected:
  Vnc() : VncServerTest(203, 77) {}
  std::string password_file(const std::string& text, unsigned mode = 0600) const {
    const std::string file = folder.write("password", text);
    std::filesystem::permissions(file, std::filesystem::perms(mode));
    return file;
  }
  static std::string error(const std::string& what) { return open_output(what).error; }
};

TEST_F(Vnc, ShowsEveryPixelToEveryVersion) {
  start();
  display->scramble(1);
  for (const unsigned version : {3U, 7U, 8U}) {
    RfbClient client(port);
    ASSERT_TRUE(client.handshake(version));
    EXPECT_EQ(client.name(), "pupci: wsdisplay0");
    EXPECT_THAT(client.security_types(), ::testing::ElementsAre(1));
    EXPECT_TRUE(client.watch(display->pixels())) << "version 3." << version;
  }
}

TEST_F(Vnc, SendsWhatChanges) {
  start();
  RfbClient client(port);
  ASSERT_TRUE(client.handshake());
  ASSERT_TRUE(client.watch(display->pixels()));
  client.request(true);
  display->fill({40, 20, 8, 16}, 0x00ff00);
  EXPECT_EQ(client.receive(), 8U * 16U * 4U);
  EXPECT_EQ(client.image().pixels, display->pixels());
  client.request(true);
  EXPECT_TRUE(client.silent(50)) << "though nothing changed";
  display->scramble(7);
  client.receive();
  EXPECT_TRUE(client.watch(display->pixels()));
}

TEST_F(Vnc, SendsAllAgainWhenAsked) {
  start();
  RfbClient client(port);
  ASSERT_TRUE(client.handshake());
  ASSERT_TRUE(client.watch(display->pixels()));
  client.request(false);
  EXPECT_EQ(client.receive(), 203U * 77U * 4U);
}

TEST_F(Vnc, TranslatesToTheViewersFormat) {
  start();
  display->scramble(2);
  RfbClient client(port);
  ASSERT_TRUE(client.handshake());
  client.set_format(16, 5, 6, 5);
  client.request(false);
  client.receive();
  const auto pixels = display->pixels();
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto part = [&](unsigned shift, unsigned max) {
      return ((pixels[i] >> shift & 0xffU) * max + 127) / 255;
    };
    ASSERT_EQ(client.image().pixels[i], part(16, 31) << 11U | part(8, 63) << 5U | part(0, 31)) << i;
  }
}

TEST_F(Vnc, FollowsTheSize) {
  start();
  RfbClient client(port);
  ASSERT_TRUE(client.handshake());
  ASSERT_TRUE(client.watch(display->pixels()));
  client.request(true);
  display->resize(100, 300, 0xabcdef);
  client.receive();
  EXPECT_EQ(client.image().size.width, 100U);
  EXPECT_EQ(client.image().size.height, 300U);
  EXPECT_TRUE(client.watch(display->pixels()));
  client.request(true);
  display->resize(400, 300, 0x102030);
  client.receive();
  EXPECT_TRUE(client.watch(display->pixels()));
}

TEST_F(Vnc, HangsUpOnOneThatCannotFollowTheSize) {
  start();
  RfbClient client(port);
  ASSERT_TRUE(client.handshake());
  client.set_encodings({0});
  ASSERT_TRUE(client.watch(display->pixels()));
  client.request(true);
  display->resize(100, 300, 0xabcdef);
  EXPECT_TRUE(client.hung_up());
}

TEST_F(Vnc, ShowsSomethingOfADisplayWithoutPixels) {
  display->resize(0, 0, 0);
  start();
  RfbClient client(port);
  ASSERT_TRUE(client.handshake());
  EXPECT_EQ(client.image().size.width, 640U);
  client.request(false);
  client.receive();
  client.pointer(5, 5, 1);
  client.request(true);
  display->resize(20, 10, 0x777777);
  client.receive();
  EXPECT_TRUE(client.watch(display->pixels()));
}

TEST_F(Vnc, PassesKeysAndPointerOn) {
  start();
  RfbClient client(port);
  ASSERT_TRUE(client.handshake());
  client.key('a', true);
  client.key('a', false);
  client.key(0xffe3, true);  // Control_L
  ASSERT_TRUE(display->wait_for_keys(3));
  EXPECT_EQ(display->keys(), (Keys{{'a', true}, {'a', false}, {0xffe3, true}}));
  client.request(false);
  client.receive();
  client.pointer(11, 22, 1);
  client.pointer(60000, 60000, 0x10);
  ASSERT_TRUE(display->wait_for_pointers(2));
  EXPECT_EQ(display->pointers(), (Pointers{{11, 22, 1}, {202, 76, 0x10}}));
}

TEST_F(Vnc, LetsGoOfWhatAVanishedViewerHeldDown) {
  start();
  {
    RfbClient client(port);
    ASSERT_TRUE(client.handshake());
    client.key(0xffe3, true);
    client.pointer(3, 4, 1);
    ASSERT_TRUE(display->wait_for_keys(1));
    ASSERT_TRUE(display->wait_for_pointers(1));
  }
  ASSERT_TRUE(display->wait_for_keys(2));
  ASSERT_TRUE(display->wait_for_pointers(2));
  EXPECT_EQ(display->keys()[1], (test::MemoryDisplay::Key{0xffe3, false}));
  EXPECT_EQ(display->pointers()[1], (test::MemoryDisplay::Pointer{3, 4, 0}));
}

TEST_F(Vnc, ServesManyViewers) {
  start();
  std::vector<std::unique_ptr<RfbClient>> clients;
  for (unsigned i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<RfbClient>(port));
    ASSERT_TRUE(clients.back()->handshake());
  }
  display->scramble(4);
  for (const auto& client : clients) EXPECT_TRUE(client->watch(display->pixels()));
}

TEST_F(Vnc, WaitsForAViewerBeforeItReads) {
  start();
  const unsigned before = display->reads();
  for (unsigned i = 0; i < 100; ++i) display->scramble(i);
  EXPECT_EQ(display->reads(), before);
}

TEST_F(Vnc, AsksForThePassword) {
  start(",password=" + password_file("sesame\nmore\n"));
  RfbClient wrong(port);
  EXPECT_FALSE(wrong.handshake(8, "simsim"));
  EXPECT_TRUE(wrong.hung_up());
  for (const unsigned version : {3U, 8U}) {
    RfbClient right(port);
    EXPECT_TRUE(right.handshake(version, "sesame"));
    EXPECT_THAT(right.security_types(), ::testing::ElementsAre(2));
    EXPECT_TRUE(right.watch(display->pixels()));
  }
}

TEST_F(Vnc, LetsNobodyChooseToNeedNoPassword) {
  start(",password=" + password_file("sesame"));
  RfbClient client(port);
  client.read(12);
  client.send("RFB 003.008\n");
  EXPECT_EQ(client.read(2), std::string("\1\2", 2));
  client.send(std::string("\1\1", 2));
  EXPECT_TRUE(client.hung_up());
}

TEST_F(Vnc, HasPasswordsEverywhereOrNowhere) {
  start();
  const std::string with = "vnc:127.0.0.1:0,password=" + password_file("sesame");
  EXPECT_THAT(error(with), HasSubstr("either all VNC displays have a password or none has"));
  EXPECT_EQ(error("vnc:127.0.0.1:0"), "");
  server.reset();
  EXPECT_EQ(error(with), "");
}

TEST_F(Vnc, RefusesBadPasswordFiles) {
  const auto with = [](const std::string& file) {
    return error("vnc:127.0.0.1:0,password=" + file);
  };
  EXPECT_THAT(with(folder.file("none")), HasSubstr("none: No such file or directory"));
  EXPECT_THAT(with(folder.path()), HasSubstr("not a regular file"));
  EXPECT_THAT(with(password_file("sesame", 0644)), HasSubstr("chmod 600 "));
  EXPECT_THAT(with(password_file("")), HasSubstr("is empty"));
  EXPECT_THAT(with(password_file("\nsesame")), HasSubstr("is empty"));
  EXPECT_THAT(with(password_file("opensesame")),
              HasSubstr("only the first 8 characters of a password; this one has 10"));
  EXPECT_THAT(with(password_file(std::string(1000, 'x'))), HasSubstr("more than 256"));
  EXPECT_THAT(with(password_file(std::string("a\0b", 3))), HasSubstr("null byte"));
}

TEST_F(Vnc, SaysThatThePortIsInUse) {
  start();
  EXPECT_THAT(
      error("vnc:127.0.0.1:" + std::to_string(port)),
      HasSubstr("port " + std::to_string(port) + ": Address already in use; choose another port"));
}

TEST_F(Vnc, SaysWhatIsWrongWithAnAddress) {
  EXPECT_THAT(error("vnc:192.0.2.77:0"), HasSubstr("must be an address of this machine"));
  EXPECT_THAT(error("vnc:no.such.host.invalid:0"), HasSubstr("no.such.host.invalid: "));
}

TEST_F(Vnc, ListensOnWhatANameMeans) {
  OpenedOutput opened = open_output("vnc:localhost:0");
  ASSERT_NE(opened.output, nullptr) << opened.error;
  EXPECT_THAT(opened.output->warning(), IsEmpty());
  opened.output->show(display);
  RfbClient client(test::port_of(opened.output->name()));
  EXPECT_TRUE(client.handshake());
}

TEST_F(Vnc, WarnsOfAnOpenPort) {
  EXPECT_THAT(open_output("vnc:0.0.0.0:0").output->warning(), HasSubstr("password=FILE"));
  EXPECT_THAT(open_output("vnc:127.0.0.1:0").output->warning(), IsEmpty());
  EXPECT_THAT(open_output("vnc:0.0.0.0:0,password=" + password_file("sesame")).output->warning(),
              HasSubstr("does not encrypt"));
}

TEST_F(Vnc, IsIdleWhenNothingHappens) {
  start();
  RfbClient client(port);
  ASSERT_TRUE(client.handshake());
  ASSERT_TRUE(client.watch(display->pixels()));
  client.request(true);
  ASSERT_TRUE(client.silent(300));  // the server's last thing to do is done by now
  const auto used = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nvcsw + usage.ru_nivcsw;
  };
  const long before = used();
  EXPECT_TRUE(client.silent(1000));
  EXPECT_LT(used() - before, 30) << "context switches in a second";
}

}  // namespace
}  // namespace pupci::wscons
