// SPDX-License-Identifier: BSD-2-Clause
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "wscons/output/damage.h"

namespace pupci::wscons {
namespace {

bool covered(const Damage& damage, unsigned x, unsigned y) {
  for (const Rectangle& r : damage.rectangles()) {
    if (x >= r.x && x < r.x + r.width && y >= r.y && y < r.y + r.height) return true;
  }
  return false;
}

TEST(Damage, KeepsApartWhatIsFarApart) {
  Damage damage;
  damage.add({0, 0, 8, 16});
  damage.add({800, 600, 8, 16});
  EXPECT_EQ(damage.rectangles().size(), 2U);
}

TEST(Damage, JoinsNeighbours) {
  Damage damage;
  for (unsigned column = 0; column < 80; ++column) damage.add({column * 8, 32, 8, 16});
  ASSERT_EQ(damage.rectangles().size(), 1U);
  EXPECT_EQ(damage.rectangles()[0].width, 640U);
  EXPECT_EQ(damage.rectangles()[0].height, 16U);
}

TEST(Damage, LeavesOutWhatIsIn) {
  Damage damage;
  damage.add({0, 0, 100, 100});
  damage.add({10, 10, 5, 5});
  damage.add({3, 3, 0, 7});
  EXPECT_EQ(damage.rectangles().size(), 1U);
}

TEST(Damage, IsEmptyOnceTaken) {
  Damage damage;
  damage.add({0, 0, 1, 1});
  EXPECT_EQ(damage.take().size(), 1U);
  EXPECT_TRUE(damage.empty());
}

TEST(Damage, CoversAllThatWasAddedInFewRectangles) {
  std::mt19937 random(1);
  for (unsigned round = 0; round < 50; ++round) {
    Damage damage;
    std::vector<Rectangle> added;
    for (unsigned i = 0; i < 60; ++i) {
      const Rectangle r{
          static_cast<unsigned>(random() % 200), static_cast<unsigned>(random() % 200),
          1 + static_cast<unsigned>(random() % 20), 1 + static_cast<unsigned>(random() % 20)};
      added.push_back(r);
      damage.add(r);
      ASSERT_LE(damage.rectangles().size(), 24U);
    }
    for (const Rectangle& r : added) {
      for (unsigned y = r.y; y < r.y + r.height; ++y) {
        for (unsigned x = r.x; x < r.x + r.width; ++x) ASSERT_TRUE(covered(damage, x, y));
      }
    }
  }
}

TEST(Damage, IsClippedToTheDisplay) {
  const Rectangle in = clip({10, 10, 100, 100}, {50, 60});
  EXPECT_EQ(in.width, 40U);
  EXPECT_EQ(in.height, 50U);
  EXPECT_EQ(clip({60, 0, 5, 5}, {50, 60}).width, 0U);
  EXPECT_EQ(clip({0, ~0U, ~0U, ~0U}, {50, 60}).height, 0U);
}

}  // namespace
}  // namespace pupci::wscons
