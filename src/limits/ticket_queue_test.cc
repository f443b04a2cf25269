#include "limits/ticket_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

#include "support/seeded_entropy.h"

namespace usher::limits {
namespace {

using namespace std::chrono_literals;
using Kind = Turn::Kind;

constexpr TimePoint kStart{1000s};

std::string session(int i) { return "s" + std::to_string(i); }

class TicketQueueTest : public testing::Test {
 protected:
  TicketQueue queue(std::uint32_t per_second) { return {{.per_second = per_second}, entropy}; }

  test::SeededEntropy entropy;
};

// Callers in virtual time: who is told a place comes again then, up to a second late.
struct Crowd {
  explicit Crowd(TicketQueue& q) : queue(q) {}

  void come(TimePoint at, const std::string& who) { coming.emplace(at, who); }

  void run() {
    while (!coming.empty()) {
      const auto [now, who] = *coming.begin();
      coming.erase(coming.begin());
      const Turn turn = queue.ask(who, now);
      ++asked[who];
      ASSERT_NE(turn.kind, Kind::full);
      if (turn.kind == Kind::now) {
        ++granted_in[static_cast<int>((now - kStart) / 1s)];
        ++granted;
        last = now;
      } else {
        come(now + turn.wait + std::chrono::milliseconds(late(random)), who);
      }
    }
  }

  TicketQueue& queue;
  std::multimap<TimePoint, std::string> coming;
  std::map<std::string, int> asked;
  std::map<int, int> granted_in;  // by second
  int granted = 0;
  TimePoint last;
  std::mt19937 random{7};
  std::uniform_int_distribution<int> late{0, 999};
};

TEST_F(TicketQueueTest, AHerdIsSpreadEvenlyAndEachIsLetInAtItsPlace) {
  auto q = queue(200);
  Crowd crowd(q);
  for (int i = 0; i < 4000; ++i) crowd.come(kStart + i * 50us, session(i));
  crowd.run();
  EXPECT_EQ(crowd.granted, 4000);
  EXPECT_LE(crowd.last - kStart, 4000 / 200 * 1s + 1s);
  for (const auto& [who, times] : crowd.asked) EXPECT_LE(times, 2) << who;
  for (const auto& [second, count] : crowd.granted_in) EXPECT_LE(count, 250) << second;
  for (int second = 1; second < 19; ++second) EXPECT_GE(crowd.granted_in[second], 170) << second;
  EXPECT_EQ(q.places(), 0u);
}

TEST_F(TicketQueueTest, NewcomersDoNotTakeWhatPlacesWereGivenFor) {
  auto q = queue(200);
  Crowd crowd(q);
  for (int i = 0; i < 2000; ++i) crowd.come(kStart, session(i));
  for (int i = 0; i < 4000; ++i) crowd.come(kStart + i * 2ms, session(100'000 + i));
  crowd.run();
  for (int i = 0; i < 2000; ++i) EXPECT_LE(crowd.asked[session(i)], 2) << i;
  EXPECT_LE(crowd.last - kStart, 6000 / 200 * 1s + 1s);
}

TEST_F(TicketQueueTest, WhoNeverComesBackHoldsUpNobody) {
  auto q = queue(100);
  for (int i = 0; i < 500; ++i) q.ask(session(i), kStart);  // and are never seen again
  int granted = 0;
  for (int i = 0; i < 300; ++i) {
    granted += q.ask(session(10'000 + i), kStart + 1s + i * 10ms).kind == Kind::now ? 1 : 0;
  }
  EXPECT_EQ(granted, 300);
}

TEST_F(TicketQueueTest, AskingBeforeTheTimeChangesNothing) {
  auto q = queue(1);
  EXPECT_EQ(q.ask("first", kStart).kind, Kind::now);
  EXPECT_EQ(q.ask("a", kStart).wait, 1s);
  EXPECT_EQ(q.ask("b", kStart).wait, 2s);
  for (int i = 1; i < 9; ++i) {
    const Turn again = q.ask("b", kStart + i * 100ms);
    EXPECT_EQ(again.kind, Kind::place);
    EXPECT_EQ(again.wait, 2s - i * 100ms);
  }
  EXPECT_EQ(q.ask("b", kStart + 2s).kind, Kind::now);
}

TEST_F(TicketQueueTest, ASecondTabOfTheSessionHasAPlaceOfItsOwn) {
  auto q = queue(1);
  q.ask("first", kStart);
  EXPECT_EQ(q.ask("a", kStart).wait, 1s);
  EXPECT_EQ(q.ask("a", kStart).wait, 1s);  // the other tab; 2 s are put by
  EXPECT_EQ(q.ask("b", kStart).wait, 3s);
  EXPECT_EQ(q.ask("a", kStart + 1s).kind, Kind::now);
  EXPECT_EQ(q.ask("a", kStart + 1s).wait, 1s);
  EXPECT_EQ(q.ask("a", kStart + 2s).kind, Kind::now);
}

TEST_F(TicketQueueTest, OwnersWhoAllComeTooLateAreHeldToTheRateAndNotSentToTheEnd) {
  auto q = queue(80);
  Crowd crowd(q);
  for (int i = 0; i < 800; ++i) q.ask(session(i), kStart);
  for (int i = 10; i < 800; ++i) crowd.come(kStart + 12s, session(i));  // ten were let in at once
  crowd.run();
  EXPECT_EQ(crowd.granted, 790);
  EXPECT_LE(crowd.last - kStart, 12s + 10s + 2s);
  for (const auto& [second, count] : crowd.granted_in) EXPECT_LE(count, 80 + 42) << second;
}

TEST_F(TicketQueueTest, APlaceIsKeptForAWhileAndThenForgotten) {
  auto q = queue(1);
  q.ask("first", kStart);
  ASSERT_EQ(q.ask("a", kStart).wait, 1s);
  ASSERT_EQ(q.ask("b", kStart).wait, 2s);
  ASSERT_EQ(q.ask("c", kStart).wait, 3s);
  EXPECT_EQ(q.ask("a", kStart + 31s - 1ns).kind, Kind::now);
  EXPECT_EQ(q.places(), 2u);
  q.ask("d", kStart + 32s);
  EXPECT_EQ(q.places(), 1u) << "b came too late";
}

TEST_F(TicketQueueTest, NoPlaceIsLaterThanTheLongestWait) {
  TicketQueue q({.per_second = 1, .wait_max = 3s}, entropy);
  EXPECT_EQ(q.ask("now", kStart).kind, Kind::now);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(q.ask(session(i), kStart).wait, i * 1s);
  EXPECT_EQ(q.ask("late", kStart).kind, Kind::full);
  EXPECT_EQ(q.ask("late", kStart).wait, 3s);
  EXPECT_EQ(q.ask(session(3), kStart + 3s).kind, Kind::now);
}

TEST_F(TicketQueueTest, PlacesAreBoundedInNumberAndComeFreeAgain) {
  TicketQueue q({.per_second = 1, .places_max = 2}, entropy);
  q.ask("now", kStart);
  EXPECT_EQ(q.ask("a", kStart).kind, Kind::place);
  EXPECT_EQ(q.ask("b", kStart).kind, Kind::place);
  EXPECT_EQ(q.ask("c", kStart).kind, Kind::full);
  EXPECT_EQ(q.ask("a", kStart + 1s).kind, Kind::now);
  EXPECT_EQ(q.ask("c", kStart + 1s).kind, Kind::place);
  EXPECT_EQ(q.ask("d", kStart + 1h).kind, Kind::now);
  EXPECT_EQ(q.places(), 0u);
}

TEST_F(TicketQueueTest, WithoutAHerdNobodyWaits) {
  auto q = queue(100);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(q.ask(session(i), kStart + i * 10ms).kind, Kind::now) << i;
  }
}

TEST_F(TicketQueueTest, ANewRateKeepsThePlacesThatWereGiven) {
  TicketQueue q({.per_second = 1}, entropy);
  q.ask("now", kStart);
  EXPECT_EQ(q.ask("a", kStart).wait, 1s);
  q.set_per_second(2);
  EXPECT_EQ(q.ask("a", kStart).wait, 1s) << "its own time";
  EXPECT_EQ(q.ask("a", kStart + 1s).kind, Kind::now);
}

TEST_F(TicketQueueTest, WithoutALimitNobodyWaitsAndOneCanBeSetAgain) {
  TicketQueue q({.per_second = 0}, entropy);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(q.ask("a", kStart).kind, Kind::now);
  q.set_per_second(1);
  EXPECT_EQ(q.ask("a", kStart).kind, Kind::now);
  EXPECT_EQ(q.ask("b", kStart).kind, Kind::place);
  q.set_per_second(0);
  EXPECT_EQ(q.ask("b", kStart).kind, Kind::now);
  EXPECT_EQ(q.places(), 0u);
}

}  // namespace
}  // namespace usher::limits
