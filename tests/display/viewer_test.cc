// SPDX-License-Identifier: BSD-2-Clause
// Viewers that people use: gvnccapture, and noVNC in a browser.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <thread>

#include "cli/command.h"
#include "support/picture.h"
#include "vnc_server.h"

namespace pupci::wscons {
namespace {

namespace fs = std::filesystem;
using test::Command;

bool is_installed(const std::string& program) {
  return fs::exists("/usr/bin/" + program);
}

class Viewers : public test::VncServerTest {
 protected:
  Viewers() : VncServerTest(320, 200) {}
};

TEST_F(Viewers, GvnccaptureSeesEveryPixel) {
  if (!is_installed("gvnccapture")) GTEST_SKIP() << "gvnccapture (package gvncviewer) is missing";
  start();
  display->scramble(1);
  const std::string file = folder.file("screen.png");
  Command capture({"-q", "127.0.0.1:" + std::to_string(port - 5900), file},
                  {"HOME=" + folder.path()}, "/usr/bin/gvnccapture");
  const test::Outcome outcome = capture.wait();
  ASSERT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
  EXPECT_TRUE(test::same_picture(test::read_png(file), {320, 200, display->pixels()}));
}

// Files over HTTP, at a port of the system's choice.
class WebServer {
 public:
  WebServer(const std::string& root, const std::string& log)
      : log_(log),
        server_({"-c", "exec python3 -u -m http.server 0 --bind 127.0.0.1 --directory " + root +
                           " > " + log + " 2>&1"},
                {}, "/bin/sh") {}

  std::string address() const {
    const auto end = std::chrono::steady_clock::now() + test::patience;
    while (std::chrono::steady_clock::now() < end) {
      const std::string text = fs::exists(log_) ? test::read_file(log_) : "";
      const std::size_t at = text.find("http://");
      if (at != std::string::npos && text.find('/', at + 7) != std::string::npos)
        return text.substr(at, text.find('/', at + 7) + 1 - at);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return {};
  }

 private:
  std::string log_;
  Command server_;
};

// Looks until every pixel is as scramble(1) makes it, then types y.
constexpr const char* page = R"(<!DOCTYPE html><meta charset="utf-8"><body><div id="screen"></div>
<script type="module">
import RFB from './core/rfb.js';
const rfb = new RFB(document.getElementById('screen'), 'ws://127.0.0.1:PORT/');
function look() {
  const canvas = document.querySelector('canvas');
  if (canvas && canvas.width == 320 && canvas.height == 200) {
    const data = canvas.getContext('2d').getImageData(0, 0, 320, 200).data;
    let wrong = 0;
    for (let i = 0; i < 320 * 200; i++) {
      const pixel = (Math.imul(i, 2654435761 | 0) + 40503 >>> 0) >>> 8;
      const shown = data[4 * i] << 16 | data[4 * i + 1] << 8 | data[4 * i + 2];
      if (pixel != shown) wrong++;
    }
    if (wrong == 0) {
      rfb.sendKey(0x79, 'KeyY');
      return;
    }
  }
  setTimeout(look, 50);
}
rfb.addEventListener('connect', look);
</script>)";

// noVNC asks for JPEG, which noise would not survive.
TEST_F(Viewers, ABrowserSeesEveryPixelAndTypes) {
  if (!is_installed("chromium") || !fs::exists("/usr/share/novnc/core/rfb.js"))
    GTEST_SKIP() << "chromium or novnc is missing";
  start();
  display->scramble(1);
  for (const char* part : {"core", "vendor"})
    fs::create_directory_symlink(std::string("/usr/share/novnc/") + part, folder.file(part));
  std::string text = page;
  text.replace(text.find("PORT"), 4, std::to_string(port));
  folder.write("index.html", text);
  const WebServer web(folder.path(), folder.file("http.log"));
  const std::string address = web.address();
  ASSERT_NE(address, "");
  const Command browser(
      {"-c",
       "exec chromium --headless --no-sandbox --disable-gpu "
       "--disable-dev-shm-usage --no-first-run --disable-extensions "
       "--user-data-dir=" +
           folder.file("profile") + " " + address + "index.html > /dev/null 2>&1"},
      {"HOME=" + folder.path()}, "/bin/sh");
  ASSERT_TRUE(display->wait_for_keys(2)) << test::read_file(folder.file("http.log"));
  EXPECT_EQ(display->keys(), (std::vector<test::MemoryDisplay::Key>{{'y', true}, {'y', false}}));
}

}  // namespace
}  // namespace pupci::wscons
