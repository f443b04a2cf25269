#include "hooks/hook_lane.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace usher::hooks {
namespace {

using namespace std::chrono_literals;
using Kind = session::HookEvent::Kind;

class HookLaneTest : public testing::Test {
 protected:
  HookRequest notification(std::string id) {
    HookRequest request;
    request.kind = Kind::connected;
    request.message.id = std::move(id);
    return request;
  }
  HookRequest question(std::string id) {
    HookRequest request = notification(std::move(id));
    request.kind = Kind::rpc;
    request.done = [](session::HookAnswer) {};
    request.deadline = clock.now() + lane.options().timeout;
    return request;
  }
  std::string next() {
    const auto request = lane.next(clock.now());
    return request ? request->message.id : "";
  }

  test::ManualClock clock;
  HookLane lane{{.running_max = 2,
                 .waiting_max = 3,
                 .bytes_max = 100,
                 .timeout = 5s,
                 .attempts_max = 3,
                 .backoff_first = 500ms,
                 .backoff_max = 700ms}};
  HookRoom room{lane.options()};
};

TEST_F(HookLaneTest, RunsAsManyAsItMayInTheOrderTheyCame) {
  for (const char* id : {"a", "b", "c"}) lane.add(notification(id));
  EXPECT_EQ(next(), "a");
  EXPECT_EQ(next(), "b");
  EXPECT_EQ(next(), "");
  EXPECT_EQ(lane.running(), 2u);
  EXPECT_EQ(lane.waiting(), 1u);
  lane.ended();
  EXPECT_EQ(next(), "c");
}

TEST_F(HookLaneTest, ThereIsRoomForThoseThatRunAndThoseThatWait) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(room.reserve("s", 1));
  EXPECT_FALSE(room.reserve("s", 1));
  EXPECT_FALSE(room.reserve("another", 1));
  room.release("s", 1);
  EXPECT_TRUE(room.reserve("another", 1));
  EXPECT_EQ(room.requests(), 5u);
}

TEST_F(HookLaneTest, ThereIsRoomForSoManyBytes) {
  EXPECT_TRUE(room.reserve("s", 60));
  EXPECT_FALSE(room.reserve("s", 41));
  EXPECT_TRUE(room.reserve("s", 40));
  room.release("s", 60);
  EXPECT_TRUE(room.reserve("s", 60));
}

TEST_F(HookLaneTest, ASessionHasItsShareAndNotOneMore) {
  HookRoom shared({.running_max = 10, .waiting_max = 90, .per_session_max = 20});
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(shared.reserve("greedy", 1));
  EXPECT_FALSE(shared.reserve("greedy", 1));
  EXPECT_TRUE(shared.reserve("another", 1));
  shared.release("greedy", 1);
  EXPECT_TRUE(shared.reserve("greedy", 1));
  EXPECT_FALSE(shared.reserve("greedy", 1));
}

TEST_F(HookLaneTest, ASessionsShareIsSmallerWhileMoreThanHalfOfTheRoomIsTaken) {
  HookRoom shared({.running_max = 10, .waiting_max = 90, .per_session_max = 20});
  for (const char* session : {"a", "b", "c"}) {
    for (int i = 0; i < 17; ++i) EXPECT_TRUE(shared.reserve(session, 1));
  }
  EXPECT_FALSE(shared.reserve("a", 1));
  for (std::size_t i = 0; i < HookRoom::kSessionRequestsCrowded; ++i) {
    EXPECT_TRUE(shared.reserve("newcomer", 1));
  }
  EXPECT_FALSE(shared.reserve("newcomer", 1));
}

TEST_F(HookLaneTest, ASessionHasAnEighthOfTheBytesOrOneRequest) {
  HookRoom shared({.bytes_max = 800, .per_session_max = 20});
  EXPECT_TRUE(shared.reserve("s", 60));
  EXPECT_FALSE(shared.reserve("s", 41));
  EXPECT_TRUE(shared.reserve("s", 40));
  EXPECT_TRUE(shared.reserve("large", 700));
  EXPECT_FALSE(shared.reserve("large", 0));
}

TEST_F(HookLaneTest, WhoeverIsWaitedForIsLateAtTheDeadlineAndOthersAreNot) {
  lane.add(notification("n"));
  lane.add(question("q"));
  EXPECT_EQ(lane.wake_at(), clock.now() + 5s);
  clock.advance(5s - 1ns);
  EXPECT_TRUE(lane.take_late(clock.now()).empty());
  clock.advance(1ns);
  const auto late = lane.take_late(clock.now());
  ASSERT_EQ(late.size(), 1u);
  EXPECT_EQ(late[0].message.id, "q");
  EXPECT_EQ(next(), "n");
  EXPECT_EQ(lane.wake_at(), std::nullopt);
}

TEST_F(HookLaneTest, RetriesWaitLongerEachTimeAndEnd) {
  lane.add(notification("n"));
  auto request = lane.next(clock.now());
  lane.ended();
  EXPECT_FALSE(lane.try_again(std::move(*request), clock.now(), 1.0));
  EXPECT_EQ(lane.wake_at(), clock.now() + 500ms);
  clock.advance(499ms);
  EXPECT_EQ(next(), "");
  clock.advance(1ms);
  request = lane.next(clock.now());
  ASSERT_TRUE(request);
  EXPECT_EQ(request->attempts, 2u);
  lane.ended();
  EXPECT_FALSE(lane.try_again(std::move(*request), clock.now(), 0.0));
  EXPECT_EQ(lane.wake_at(), clock.now() + 350ms);  // half of backoff_max
  clock.advance(350ms);
  request = lane.next(clock.now());
  lane.ended();
  const auto given_up = lane.try_again(std::move(*request), clock.now(), 0.0);
  ASSERT_TRUE(given_up);
  EXPECT_EQ(given_up->attempts, 3u);
  EXPECT_EQ(lane.waiting(), 0u);
}

TEST_F(HookLaneTest, ARetryThatIsDueGoesFirstAndNeedsARunToBeFree) {
  for (const char* id : {"a", "b", "c"}) lane.add(notification(id));
  auto a = lane.next(clock.now());
  lane.ended();
  EXPECT_FALSE(lane.try_again(std::move(*a), clock.now(), 0.0));
  EXPECT_EQ(next(), "b");
  clock.advance(1s);
  EXPECT_EQ(next(), "a");
  EXPECT_EQ(next(), "");
  EXPECT_EQ(lane.wake_at(), std::nullopt);
}

TEST_F(HookLaneTest, AtTheEndNothingIsTriedAgain) {
  lane.add(notification("a"));
  lane.add(notification("b"));
  auto a = lane.next(clock.now());
  lane.ended();
  EXPECT_FALSE(lane.try_again(std::move(*a), clock.now(), 0.0));
  const auto given_up = lane.stop_retrying();
  ASSERT_EQ(given_up.size(), 1u);
  EXPECT_EQ(given_up[0].message.id, "a");
  auto b = lane.next(clock.now());
  ASSERT_TRUE(b);
  EXPECT_TRUE(lane.try_again(std::move(*b), clock.now(), 0.0));
}

}  // namespace
}  // namespace usher::hooks
