// SPDX-License-Identifier: BSD-2-Clause
#include "netbsd/sys/queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct Item {
  explicit Item(int n) : number(n) {}
  int number;
  SLIST_ENTRY(Item) s {};
  LIST_ENTRY(Item) l {};
  SIMPLEQ_ENTRY(Item) q {};
  STAILQ_ENTRY(Item) st {};
  TAILQ_ENTRY(Item) t {};
};
SLIST_HEAD(Singly, Item);
LIST_HEAD(Doubly, Item);
SIMPLEQ_HEAD(Simple, Item);
STAILQ_HEAD(SinglyTail, Item);
TAILQ_HEAD(Tail, Item);

#define NUMBERS(FOREACH, head, link)                       \
  [&] {                                                    \
    std::vector<int> all;                                  \
    Item* each = nullptr;                                  \
    FOREACH(each, head, link) all.push_back(each->number); \
    return all;                                            \
  }()

class QueueTest : public testing::Test {
 protected:
  Item a{1}, b{2}, c{3}, d{4};
};

TEST_F(QueueTest, Slist) {
  Singly head = SLIST_HEAD_INITIALIZER(head);
  EXPECT_TRUE(SLIST_EMPTY(&head));
  SLIST_INSERT_HEAD(&head, &c, s);
  SLIST_INSERT_HEAD(&head, &a, s);
  SLIST_INSERT_AFTER(&a, &b, s);
  EXPECT_THAT(NUMBERS(SLIST_FOREACH, &head, s), ElementsAre(1, 2, 3));
  SLIST_REMOVE(&head, &b, Item, s);
  EXPECT_THAT(NUMBERS(SLIST_FOREACH, &head, s), ElementsAre(1, 3));
  SLIST_REMOVE_AFTER(&a, s);
  SLIST_REMOVE_HEAD(&head, s);
  EXPECT_TRUE(SLIST_EMPTY(&head));
}

TEST_F(QueueTest, List) {
  Doubly head;
  LIST_INIT(&head);
  LIST_INSERT_HEAD(&head, &b, l);
  LIST_INSERT_BEFORE(&b, &a, l);
  LIST_INSERT_AFTER(&b, &d, l);
  EXPECT_THAT(NUMBERS(LIST_FOREACH, &head, l), ElementsAre(1, 2, 4));
  LIST_REPLACE(&d, &c, l);
  EXPECT_THAT(NUMBERS(LIST_FOREACH, &head, l), ElementsAre(1, 2, 3));
  Item* item = nullptr;
  Item* next = nullptr;
  LIST_FOREACH_SAFE(item, &head, l, next) {
    if (item->number != 2) LIST_REMOVE(item, l);
  }
  EXPECT_THAT(NUMBERS(LIST_FOREACH, &head, l), ElementsAre(2));
  Doubly other;
  LIST_MOVE(&head, &other, l);
  EXPECT_TRUE(LIST_EMPTY(&head));
  LIST_REMOVE(&b, l);
  EXPECT_TRUE(LIST_EMPTY(&other));
}

TEST_F(QueueTest, Simpleq) {
  Simple head = SIMPLEQ_HEAD_INITIALIZER(head);
  SIMPLEQ_INSERT_TAIL(&head, &b, q);
  SIMPLEQ_INSERT_HEAD(&head, &a, q);
  SIMPLEQ_INSERT_AFTER(&head, &b, &c, q);
  EXPECT_THAT(NUMBERS(SIMPLEQ_FOREACH, &head, q), ElementsAre(1, 2, 3));
  EXPECT_EQ(SIMPLEQ_LAST(&head, Item, q), &c);
  SIMPLEQ_REMOVE(&head, &c, Item, q);
  SIMPLEQ_INSERT_TAIL(&head, &d, q);
  EXPECT_THAT(NUMBERS(SIMPLEQ_FOREACH, &head, q), ElementsAre(1, 2, 4));
  SIMPLEQ_REMOVE_AFTER(&head, &b, q);
  SIMPLEQ_REMOVE_HEAD(&head, q);
  Simple other = SIMPLEQ_HEAD_INITIALIZER(other);
  SIMPLEQ_INSERT_TAIL(&other, &d, q);
  SIMPLEQ_CONCAT(&head, &other);
  EXPECT_TRUE(SIMPLEQ_EMPTY(&other));
  EXPECT_THAT(NUMBERS(SIMPLEQ_FOREACH, &head, q), ElementsAre(2, 4));
  SIMPLEQ_REMOVE_HEAD(&head, q);
  SIMPLEQ_REMOVE_HEAD(&head, q);
  SIMPLEQ_INSERT_TAIL(&head, &a, q);
  EXPECT_THAT(NUMBERS(SIMPLEQ_FOREACH, &head, q), ElementsAre(1));
}

TEST_F(QueueTest, Stailq) {
  SinglyTail head = STAILQ_HEAD_INITIALIZER(head);
  STAILQ_INSERT_TAIL(&head, &a, st);
  STAILQ_INSERT_TAIL(&head, &c, st);
  STAILQ_INSERT_AFTER(&head, &a, &b, st);
  STAILQ_INSERT_HEAD(&head, &d, st);
  EXPECT_THAT(NUMBERS(STAILQ_FOREACH, &head, st), ElementsAre(4, 1, 2, 3));
  EXPECT_EQ(STAILQ_LAST(&head, Item, st), &c);
  STAILQ_REMOVE(&head, &c, Item, st);
  STAILQ_REMOVE_HEAD(&head, st);
  EXPECT_THAT(NUMBERS(STAILQ_FOREACH, &head, st), ElementsAre(1, 2));
  EXPECT_EQ(STAILQ_LAST(&head, Item, st), &b);
}

TEST_F(QueueTest, Tailq) {
  Tail head = TAILQ_HEAD_INITIALIZER(head);
  TAILQ_INSERT_TAIL(&head, &b, t);
  TAILQ_INSERT_HEAD(&head, &a, t);
  TAILQ_INSERT_AFTER(&head, &b, &d, t);
  TAILQ_INSERT_BEFORE(&d, &c, t);
  EXPECT_THAT(NUMBERS(TAILQ_FOREACH, &head, t), ElementsAre(1, 2, 3, 4));
  std::vector<int> backwards;
  Item* item = nullptr;
  TAILQ_FOREACH_REVERSE(item, &head, Tail, t) backwards.push_back(item->number);
  EXPECT_THAT(backwards, ElementsAre(4, 3, 2, 1));
  EXPECT_EQ(TAILQ_LAST(&head, Tail), &d);
  EXPECT_EQ(TAILQ_PREV(&a, Tail, t), nullptr);
  TAILQ_REMOVE(&head, &d, t);
  TAILQ_REMOVE(&head, &a, t);
  EXPECT_THAT(NUMBERS(TAILQ_FOREACH, &head, t), ElementsAre(2, 3));
  EXPECT_EQ(TAILQ_LAST(&head, Tail), &c);
  TAILQ_REPLACE(&head, &c, &d, t);
  Tail other;
  TAILQ_INIT(&other);
  TAILQ_INSERT_TAIL(&other, &a, t);
  TAILQ_CONCAT(&head, &other, t);
  EXPECT_THAT(NUMBERS(TAILQ_FOREACH, &head, t), ElementsAre(2, 4, 1));
  EXPECT_TRUE(TAILQ_EMPTY(&other));
  Item* next = nullptr;
  TAILQ_FOREACH_SAFE(item, &head, t, next) TAILQ_REMOVE(&head, item, t);
  EXPECT_THAT(NUMBERS(TAILQ_FOREACH, &head, t), IsEmpty());
}

}  // namespace
