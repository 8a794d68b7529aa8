// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/dev/firmload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "expect_violation.h"
#include "kern/console.h"
#include "kern/firmload.h"
#include "kern/sysctl.h"

namespace pupci::kern {
namespace {

class FirmloadTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::temp_directory_path() / ("pupci-firmload-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_ / "edu" / "sub");
    std::ofstream(directory_ / "edu" / "image.bin") << "0123456789";
    std::ofstream(directory_ / "edu" / "sub" / "image.bin") << "sub";
    saved_ = firmware_path().data();
    EXPECT_EQ(sysctl_set("hw.firmware.path", "/nonexistent::" + directory_.string()), 0);
    set_console([this](std::string_view part) { console_ += part; });
  }
  void TearDown() override {
    set_console({});
    EXPECT_EQ(sysctl_set("hw.firmware.path", saved_), 0);
    std::filesystem::remove_all(directory_);
  }

  std::filesystem::path directory_;
  std::string saved_;
  std::string console_;
};

TEST_F(FirmloadTest, ReadsImages) {
  firmware_handle_t handle = nullptr;
  ASSERT_EQ(firmware_open("edu", "image.bin", &handle), 0);
  EXPECT_EQ(firmware_get_size(handle), 10);
  char* text = static_cast<char*>(firmware_malloc(10));
  EXPECT_EQ(firmware_read(handle, 0, text, 10), 0);
  EXPECT_EQ(std::memcmp(text, "0123456789", 10), 0);
  EXPECT_EQ(firmware_read(handle, 7, text, 3), 0);
  EXPECT_EQ(std::memcmp(text, "789", 3), 0);
  EXPECT_EQ(firmware_read(handle, 7, text, 4), EIO);
  firmware_free(text, 10);
  EXPECT_EQ(firmware_close(handle), 0);
  ASSERT_EQ(firmware_open("edu", "sub/image.bin", &handle), 0);
  EXPECT_EQ(firmware_get_size(handle), 3);
  EXPECT_EQ(firmware_close(handle), 0);
}

TEST_F(FirmloadTest, SaysWhereItLooked) {
  firmware_handle_t handle = nullptr;
  EXPECT_EQ(firmware_open("edu", "missing.bin", &handle), ENOENT);
  EXPECT_THAT(console_, testing::HasSubstr("edu: no firmware edu/missing.bin in /nonexistent::" +
                                           directory_.string()));
  EXPECT_THAT(console_, testing::HasSubstr("PUPCI_FIRMWARE_PATH"));
  EXPECT_EQ(firmware_open("edu", "sub", &handle), EINVAL);
}

TEST_F(FirmloadTest, StaysInItsDirectories) {
  firmware_handle_t handle = nullptr;
  for (const char* image : {"../edu/image.bin", "/etc/passwd", "", "sub/../image.bin", "sub//x"}) {
    EXPECT_EQ(firmware_open("edu", image, &handle), EINVAL) << image;
  }
  EXPECT_EQ(firmware_open("..", "image.bin", &handle), EINVAL);
  EXPECT_EQ(firmware_open(nullptr, "image.bin", &handle), EINVAL);
}

TEST_F(FirmloadTest, ClosesOnce) {
  EXPECT_VIOLATION(
      {
        firmware_handle_t handle = nullptr;
        firmware_open("edu", "image.bin", &handle);
        firmware_close(handle);
        firmware_close(handle);
      },
      "firmware_close: 0x[0-9a-f]+ is not open");
}

}  // namespace
}  // namespace pupci::kern
