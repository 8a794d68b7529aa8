// SPDX-License-Identifier: BSD-2-Clause
#include "wscons/output/picture.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "memory_display.h"

namespace pupci::wscons {
namespace {

class Pictures : public ::testing::Test {
 protected:
  std::shared_ptr<test::MemoryDisplay> display = std::make_shared<test::MemoryDisplay>(320, 200);
};

TEST_F(Pictures, StartWithWhatTheDisplayShows) {
  display->scramble(1);
  Picture picture(display);
  Picture::Viewer viewer(picture, [] {});
  Image image;
  EXPECT_TRUE(viewer.pending());
  EXPECT_EQ(viewer.refresh(image).size(), 1U);
  EXPECT_EQ(image.pixels, display->pixels());
  EXPECT_FALSE(viewer.pending());
}

TEST_F(Pictures, ReadOnlyWhatWasReported) {
  Picture picture(display);
  Picture::Viewer viewer(picture, [] {});
  Image image;
  viewer.refresh(image);
  const auto before = display->area();
  display->fill({16, 32, 8, 16}, 0xff0000);
  const auto changed = viewer.refresh(image);
  EXPECT_EQ(display->area() - before, 8U * 16U);
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_EQ(changed[0].x, 16U);
  EXPECT_EQ(changed[0].y, 32U);
  EXPECT_EQ(changed[0].width, 8U);
  EXPECT_EQ(changed[0].height, 16U);
  EXPECT_EQ(image.pixels, display->pixels());
}

TEST_F(Pictures, LeaveOutWhatLooksAsBefore) {
  Picture picture(display);
  Picture::Viewer viewer(picture, [] {});
  Image image;
  viewer.refresh(image);
  display->fill({100, 50, 3, 2}, 0x00ff00);
  display->report({0, 0, 320, 200});
  const auto changed = viewer.refresh(image);
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_EQ(changed[0].width, 3U);
  EXPECT_EQ(changed[0].height, 2U);
  display->report({0, 0, 320, 200});
  EXPECT_TRUE(viewer.refresh(image).empty());
}

TEST_F(Pictures, TellAViewerOnceUntilItLooks) {
  Picture picture(display);
  std::atomic<unsigned> told = 0;
  Picture::Viewer viewer(picture, [&] { ++told; });
  Image image;
  viewer.refresh(image);
  display->fill({0, 0, 1, 1}, 1);
  display->fill({9, 9, 1, 1}, 1);
  EXPECT_EQ(told, 1U);
  viewer.refresh(image);
  display->fill({0, 0, 1, 1}, 2);
  EXPECT_EQ(told, 2U);
}

TEST_F(Pictures, AreReadOnceForAllViewers) {
  Picture picture(display);
  Picture::Viewer one(picture, [] {});
  Picture::Viewer two(picture, [] {});
  Image first;
  Image second;
  one.refresh(first);
  two.refresh(second);
  display->scramble(3);
  const auto before = display->area();
  EXPECT_FALSE(one.refresh(first).empty());
  EXPECT_TRUE(two.pending());
  EXPECT_FALSE(two.refresh(second).empty());
  EXPECT_EQ(display->area() - before, 320U * 200U);
  EXPECT_EQ(first.pixels, display->pixels());
  EXPECT_EQ(second.pixels, display->pixels());
}

TEST_F(Pictures, FollowTheSize) {
  Picture picture(display);
  Picture::Viewer one(picture, [] {});
  Picture::Viewer two(picture, [] {});
  Image first;
  Image second;
  one.refresh(first);
  two.refresh(second);
  display->resize(64, 48, 0x123456);
  EXPECT_FALSE(one.refresh(first).empty());
  EXPECT_FALSE(two.refresh(second).empty());
  EXPECT_EQ(first.size.width, 64U);
  EXPECT_EQ(second.size.height, 48U);
  EXPECT_EQ(first.pixels, display->pixels());
  EXPECT_EQ(second.pixels, display->pixels());
  display->resize(0, 0, 0);
  EXPECT_TRUE(one.pending());
  one.refresh(first);
  EXPECT_TRUE(first.pixels.empty());
}

TEST_F(Pictures, OutliveTheDisplay) {
  display->scramble(5);
  Picture picture(display);
  Picture::Viewer viewer(picture, [] {});
  Image image;
  viewer.refresh(image);
  const auto last = image.pixels;
  display->detach();
  display->scramble(6);
  viewer.refresh(image);
  EXPECT_EQ(image.pixels, last);
}

// Several draw, several look: in the end all see the same.
TEST_F(Pictures, StandManyThreads) {
  Picture picture(display);
  std::vector<std::thread> threads;
  std::atomic<unsigned> drawing = 2;
  for (unsigned i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] {
      for (unsigned n = 0; n < 500; ++n)
        display->fill({(n * 7 + i) % 300, (n * 13) % 180, 20, 20}, n * 2 + i);
      --drawing;
    });
  }
  std::vector<Image> images(3);
  for (Image& image : images) {
    threads.emplace_back([&] {
      Picture::Viewer viewer(picture, [] {});
      while (drawing != 0) viewer.refresh(image);
      viewer.refresh(image);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Image& image : images) EXPECT_EQ(image.pixels, display->pixels());
}

}  // namespace
}  // namespace pupci::wscons
