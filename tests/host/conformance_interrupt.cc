// SPDX-License-Identifier: BSD-2-Clause
// Conformance: each rule of pupci/interrupt.h.
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <set>
#include <thread>

#include "host/conformance.h"
#include "pupci/pci_config.h"

namespace pupci::conformance {
namespace {

using Type = InterruptType;

TEST_P(Conformance, InterruptCountsAndRefusals) {
  const auto edu = function(board_.edu[0]);
  EXPECT_EQ(edu->interrupt_count(Type::intx), 1U);
  EXPECT_EQ(edu->interrupt_count(Type::msi), 1U);
  EXPECT_EQ(edu->interrupt_count(Type::msix), 0U);
  EXPECT_EQ(function(board_.testdev)->interrupt_count(Type::intx), 0U);
  for (const Type type : {Type::intx, Type::msi, Type::msix}) {
    EXPECT_EQ(error_of([&] { edu->enable_interrupts(type, 0); }), EINVAL);
    EXPECT_EQ(error_of([&] { edu->enable_interrupts(type, 33); }), EINVAL);
    EXPECT_EQ(error_of([&] { edu->enable_interrupts(type, UINT32_MAX); }), EINVAL);
  }
  EXPECT_EQ(error_of([&] { edu->enable_interrupts(Type::msix, 1); }), EINVAL);
  EXPECT_EQ(error_of([&] { function(board_.testdev)->enable_interrupts(Type::intx, 1); }), EINVAL);
  // A refusal leaves nothing behind.
  EXPECT_EQ(edu->enable_interrupts(Type::msi, 1).size(), 1U);
}

TEST_P(Conformance, OneTypeAtATime) {
  const auto edu = function(board_.edu[0]);
  const auto vector = edu->enable_interrupts(Type::msi, 1).at(0);
  EXPECT_EQ(vector->type(), Type::msi);
  EXPECT_EQ(vector->number(), 0U);
  EXPECT_EQ(error_of([&] { edu->enable_interrupts(Type::msi, 1); }), EBUSY);
  EXPECT_EQ(error_of([&] { edu->enable_interrupts(Type::intx, 1); }), EBUSY);
  edu->disable_interrupts();
  edu->disable_interrupts();
  const auto line = edu->enable_interrupts(Type::intx, 1).at(0);
  EXPECT_EQ(line->type(), Type::intx);
  EXPECT_EQ(line->number(), edu->config_read(pci::interrupt_line, 1));
  EXPECT_EQ(error_of([&] { edu->enable_interrupts(Type::msi, 1); }), EBUSY);
}

TEST_P(Conformance, NewOnesAreMaskedAndKeepWhatArrives) {
  for (const Type type : {Type::msi, Type::intx}) {
    const Edu device = edu();
    const auto interrupt = device.enable(type);
    device.raise(1);
    EXPECT_FALSE(readable_now(*interrupt)) << to_string(type);
    EXPECT_EQ(interrupt->take(), 0U);
    interrupt->unmask();
    EXPECT_EQ(take(*interrupt, 1), 1U) << to_string(type);
    device.acknowledge(1);
    interrupt->acknowledge();
    device.function->disable_interrupts();
  }
}

TEST_P(Conformance, TheDescriptorDoesNotBlock) {
  const Edu device = edu();
  const auto vector = device.enable(Type::msi);
  std::uint64_t count = 0;
  ASSERT_GE(vector->fd(), 0);
  EXPECT_EQ(vector->take(), 0U);
  vector->unmask();
  EXPECT_EQ(vector->take(), 0U);
  EXPECT_FALSE(readable_now(*vector));
  device.raise(1);
  ASSERT_TRUE(readable(*vector));
  count = vector->take();
  EXPECT_EQ(count, 1U);
  EXPECT_FALSE(readable_now(*vector));
}

TEST_P(Conformance, EveryMessageCounts) {
  const Edu device = edu();
  const auto vector = device.enable(Type::msi);
  vector->unmask();
  // Where a machine's interrupt controller lies between, one that comes while the one before is
  // still under way is the same; but none is lost that comes after that was taken.
  const int burst = board_.merges_messages ? 1 : 7;
  for (int total = 0; total < 7; total += burst) {
    for (int i = 0; i < burst; i++) device.raise(1);
    EXPECT_EQ(take(*vector, static_cast<unsigned>(burst)), static_cast<unsigned>(burst));
    EXPECT_EQ(vector->take(), 0U);
  }
}

TEST_P(Conformance, AMessageDuringServiceIsKept) {
  const Edu device = edu();
  const auto vector = device.enable(Type::msi);
  vector->unmask();
  device.raise(1);
  EXPECT_EQ(take(*vector, 1), 1U);
  device.raise(2);  // its handler runs
  vector->acknowledge();
  EXPECT_EQ(take(*vector, 1), 1U);
  vector->acknowledge();
  EXPECT_FALSE(readable_now(*vector));
}

TEST_P(Conformance, AMaskedVectorDeliversLater) {
  const Edu device = edu();
  const auto vector = device.enable(Type::msi);
  vector->unmask();
  vector->mask();
  vector->mask();
  for (int i = 0; i < 3; i++) device.raise(1);
  EXPECT_FALSE(readable_now(*vector));
  EXPECT_EQ(vector->take(), 0U);
  vector->unmask();
  ASSERT_TRUE(readable(*vector));
  const std::uint64_t count = vector->take();
  EXPECT_TRUE(count >= 1 && count <= 3) << count;
  if (board_.merges_messages) {
    while (readable_soon(*vector)) vector->take();
  }
  EXPECT_FALSE(readable_now(*vector));
  vector->unmask();
  EXPECT_FALSE(readable_now(*vector)) << "a second unmask repeats nothing";
  device.raise(1);
  EXPECT_EQ(take(*vector, 1), 1U);
}

TEST_P(Conformance, ALineIsALevel) {
  const Edu device = edu();
  const auto line = device.enable(Type::intx);
  line->unmask();
  device.raise(1);
  ASSERT_TRUE(readable(*line));
  EXPECT_EQ(line->take(), 1U);
  // In service it is masked: not delivered again, whatever is raised.
  device.raise(2);
  EXPECT_FALSE(readable_now(*line));
  // Service ends with the cause in place: delivered again.
  line->acknowledge();
  ASSERT_TRUE(readable(*line));
  EXPECT_EQ(line->take(), 1U);
  device.acknowledge(1);
  line->acknowledge();
  ASSERT_TRUE(readable(*line)) << "one of two causes is still there";
  EXPECT_EQ(line->take(), 1U);
  device.acknowledge(2);
  line->acknowledge();
  EXPECT_FALSE(readable_now(*line));
  EXPECT_EQ(line->take(), 0U);
  device.raise(4);
  EXPECT_EQ(take(*line, 1), 1U);
  device.acknowledge(4);
  line->acknowledge();
}

TEST_P(Conformance, AMaskedLineDeliversLater) {
  const Edu device = edu();
  const auto line = device.enable(Type::intx);
  device.raise(1);
  EXPECT_FALSE(readable_now(*line));
  line->unmask();
  EXPECT_EQ(take(*line, 1), 1U);
  line->mask();
  line->acknowledge();
  EXPECT_FALSE(readable_now(*line)) << "still asserted, but masked";
  line->unmask();
  EXPECT_EQ(take(*line, 1), 1U);
  device.acknowledge(1);
  line->acknowledge();
  // What comes and goes while it is masked was never there.
  line->mask();
  device.raise(1);
  device.acknowledge(1);
  line->unmask();
  EXPECT_FALSE(readable_now(*line));
}

// A host may learn late that a line was still asserted when its service ended: also once it is
// masked, or not asserted any more.
TEST_P(Conformance, AMaskIsFinalWhateverIsUnderWay) {
  const Edu device = edu();
  const auto line = device.enable(Type::intx);
  for (int i = 0; i < 50 && !HasFailure(); i++) {
    device.raise(1);
    line->unmask();
    ASSERT_EQ(take(*line, 1), 1U) << i;
    line->acknowledge();
    line->mask();
    for (int turn = 0; turn < 10; turn++) std::this_thread::yield();
    EXPECT_FALSE(readable_now(*line)) << i;
    EXPECT_EQ(line->take(), 0U) << i;
    line->unmask();
    ASSERT_EQ(take(*line, 1), 1U) << i;
    line->acknowledge();
    line->mask();
    device.acknowledge(1);
    line->unmask();
    for (int turn = 0; turn < 10; turn++) std::this_thread::yield();
    EXPECT_FALSE(readable_now(*line)) << i;
    line->mask();
  }
}

TEST_P(Conformance, FunctionsShareALine) {
  const Edu first = edu(0);
  const Edu second = edu(1);
  const auto line = first.enable(Type::intx);
  const auto other = second.enable(Type::intx);
  if (board_.tells_lines_apart) {
    EXPECT_NE(line, other);
    line->unmask();
    other->unmask();
    second.raise(1);
    EXPECT_EQ(take(*other, 1), 1U);
    EXPECT_FALSE(readable_now(*line)) << "it is the other one's";
    // While that one is in service, and asserts the wire, this one is served.
    first.raise(1);
    EXPECT_EQ(take(*line, 1), 1U);
    first.acknowledge(1);
    line->acknowledge();
    EXPECT_FALSE(readable_now(*line));
    second.acknowledge(1);
    other->acknowledge();
    EXPECT_FALSE(readable_now(*other));
    return;
  }
  ASSERT_EQ(line, other);
  line->unmask();
  first.raise(1);
  second.raise(1);
  EXPECT_EQ(take(*line, 1), 1U);
  first.acknowledge(1);
  line->acknowledge();
  EXPECT_EQ(take(*line, 1), 1U) << "the other one still asserts it";
  second.acknowledge(1);
  line->acknowledge();
  EXPECT_FALSE(readable_now(*line));
  // One leaves; the line stays with the other.
  first.function->disable_interrupts();
  second.raise(1);
  EXPECT_EQ(take(*line, 1), 1U);
  second.acknowledge(1);
  line->acknowledge();
  EXPECT_FALSE(readable_now(*line));
}

TEST_P(Conformance, DisabledOnesAreSilent) {
  for (const Type type : {Type::msi, Type::intx}) {
    const Edu device = edu();
    const auto interrupt = device.enable(type);
    interrupt->unmask();
    device.function->disable_interrupts();
    device.raise(1);
    EXPECT_FALSE(readable_now(*interrupt)) << to_string(type);
    EXPECT_EQ(interrupt->take(), 0U);
    interrupt->mask();
    interrupt->unmask();
    interrupt->acknowledge();
    device.raise(1);
    EXPECT_EQ(interrupt->take(), 0U) << to_string(type);
    device.acknowledge(1);
    // And can be enabled again.
    const auto again = device.enable(type);
    again->unmask();
    device.raise(1);
    EXPECT_EQ(take(*again, 1), 1U) << to_string(type);
    device.acknowledge(1);
    again->acknowledge();
    device.function->disable_interrupts();
  }
}

TEST_P(Conformance, SignalsLeftBehindAreThrownAway) {
  const Edu device = edu();
  const auto vector = device.enable(Type::msi);
  vector->unmask();
  device.raise(1);
  ASSERT_TRUE(readable(*vector));
  device.function->disable_interrupts();
  EXPECT_EQ(vector->take(), 0U);
}

TEST_P(Conformance, AnInterruptOutlivesItsFunction) {
  std::shared_ptr<Interrupt> vector;
  {
    const Edu device = edu();
    vector = device.enable(Type::msi);
    vector->unmask();
  }
  EXPECT_FALSE(readable_now(*vector));
  EXPECT_EQ(vector->take(), 0U);
  vector->mask();
  vector->unmask();
  vector->acknowledge();
  // Whoever opens the function anew finds it free.
  EXPECT_NO_THROW(edu().enable(Type::msi));
}

TEST_P(Conformance, InterruptsFromBehindABridge) {
  for (const Type type : {Type::msi, Type::intx}) {
    const Edu device = edu(2);
    const auto interrupt = device.enable(type);
    interrupt->unmask();
    device.write(Edu::status, 0x80);
    device.write(Edu::factorial, 6);
    ASSERT_EQ(take(*interrupt, 1), 1U) << to_string(type);
    EXPECT_EQ(device.read(Edu::factorial), 720U);
    EXPECT_EQ(device.read(Edu::irq_status), 1U);
    device.acknowledge(1);
    interrupt->acknowledge();
    EXPECT_FALSE(readable_now(*interrupt)) << to_string(type);
    device.function->disable_interrupts();
  }
}

TEST_P(Conformance, MessagesNeedBusMastering) {
  const Edu device = edu();
  const auto vector = device.enable(Type::msi);
  vector->unmask();
  const std::uint32_t command = device.function->config_read(pci::command, 2);
  device.function->config_write(pci::command, 2,
                                command & ~static_cast<unsigned>(pci::command_bit::master));
  device.raise(1);
  EXPECT_FALSE(readable_now(*vector));
  device.function->config_write(pci::command, 2, command);
  device.raise(1);
  EXPECT_GE(take(*vector, 1), 1U);
}

// A function with many vectors.
class Sending {
 public:
  Sending(std::shared_ptr<Function> which, const Sender& sender)
      : function(std::move(which)),
        sender_(sender),
        bar_(function->map(sender.bar, 0, sender.size)) {
    function->config_write(pci::command, 2, 7);
    vectors = function->enable_interrupts(sender.type, sender.vectors);
    sender_.prepare(*bar_);
  }
  void send(unsigned vector) const {
    sender_.send(*bar_, vector);
    bar_->flush();
  }

  std::shared_ptr<Function> function;
  std::vector<std::shared_ptr<Interrupt>> vectors;

 private:
  const Sender& sender_;
  std::unique_ptr<Region> bar_;
};

TEST_P(Conformance, EveryVectorHasItsOwnDescriptor) {
  if (!board_.sender) GTEST_SKIP() << "no such function here";
  const Sending device(function(board_.sender->function), *board_.sender);
  ASSERT_EQ(device.vectors.size(), board_.sender->vectors);
  std::set<int> descriptors;
  for (const auto& vector : device.vectors) {
    descriptors.insert(vector->fd());
    vector->unmask();
  }
  EXPECT_EQ(descriptors.size(), device.vectors.size());
  for (unsigned i = 0; i < device.vectors.size(); i++) {
    EXPECT_EQ(device.vectors[i]->number(), i);
    EXPECT_EQ(device.vectors[i]->type(), board_.sender->type);
    device.send(i);
    EXPECT_EQ(take(*device.vectors[i], 1), 1U) << i;
    for (const auto& other : device.vectors) EXPECT_FALSE(readable_now(*other));
  }
}

TEST_P(Conformance, MaskingTouchesOneVectorAlone) {
  if (!board_.sender) GTEST_SKIP() << "no such function here";
  const Sending device(function(board_.sender->function), *board_.sender);
  ASSERT_GE(device.vectors.size(), 3U);
  for (const auto& vector : device.vectors) vector->unmask();
  device.vectors[1]->mask();
  for (unsigned i = 0; i < device.vectors.size(); i++) device.send(i);
  for (unsigned i = 0; i < device.vectors.size(); i++) {
    if (i != 1) {
      EXPECT_EQ(take(*device.vectors[i], 1), 1U) << i;
    }
  }
  EXPECT_FALSE(readable_now(*device.vectors[1]));
  device.vectors[1]->unmask();
  EXPECT_EQ(take(*device.vectors[1], 1), 1U);
}

TEST_P(Conformance, SomeOfTheVectors) {
  if (!board_.sender) GTEST_SKIP() << "no such function here";
  const auto function = board_.bus->function(board_.sender->function);
  const unsigned offered = function->interrupt_count(board_.sender->type);
  EXPECT_GE(offered, board_.sender->vectors);
  EXPECT_EQ(error_of([&] { function->enable_interrupts(board_.sender->type, offered + 1); }),
            EINVAL);
  EXPECT_EQ(function->enable_interrupts(board_.sender->type, 2).size(), 2U);
  EXPECT_EQ(error_of([&] { function->enable_interrupts(board_.sender->type, 2); }), EBUSY);
  function->disable_interrupts();
  if (const unsigned msi = function->interrupt_count(Type::msi); msi >= 4) {
    EXPECT_EQ(error_of([&] { function->enable_interrupts(Type::msi, 3); }), EINVAL);
    EXPECT_EQ(function->enable_interrupts(Type::msi, 4).size(), 4U);
  }
}

// No signal is lost however masking and sending meet: the last message sent is always delivered.
TEST_P(Conformance, NothingIsLostBetweenMaskAndUnmask) {
  const Edu device = edu();
  const auto vector = device.enable(Type::msi);
  vector->unmask();
  std::atomic<bool> done = false;
  std::thread masker([&] {
    while (!done) {
      vector->mask();
      vector->unmask();
    }
  });
  for (int i = 0; i < 200; i++) {
    device.raise(1);
    EXPECT_GE(take(*vector, 1), 1U) << i;
    if (HasFailure()) break;
    while (vector->take() != 0) {
    }
  }
  done = true;
  masker.join();
}

// A level line in use by a handler thread, as drivers have it.
TEST_P(Conformance, ALineServedByAThread) {
  const Edu device = edu();
  const auto line = device.enable(Type::intx);
  std::atomic<unsigned> served = 0;
  constexpr unsigned rounds = 100;
  std::thread handler([&] {
    for (unsigned i = 0; i < rounds && readable(*line); i++) {
      EXPECT_EQ(line->take(), 1U);
      device.acknowledge(device.read(Edu::irq_status));
      served++;
      line->acknowledge();
    }
  });
  line->unmask();
  for (unsigned i = 0; i < rounds; i++) {
    device.raise(1);
    while (served <= i && !HasFailure()) std::this_thread::yield();
  }
  handler.join();
  EXPECT_EQ(served, rounds);
}

}  // namespace
}  // namespace pupci::conformance
