#include "net/timing_wheel.h"

#include <random>

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

class Alarm final : public TimingWheel::Timer {
 public:
  void on_deadline(TimePoint now) override {
    rung_at.push_back(now);
    if (action) action();
  }
  std::vector<TimePoint> rung_at;
  std::function<void()> action;
};

class TimingWheelTest : public testing::Test {
 protected:
  const TimePoint start{1234ms};
  test::ManualClock clock;  // stands still: no budget is ever spent
  TimingWheel wheel{start};

  void advance(TimePoint now) { EXPECT_TRUE(wheel.advance(now, TurnBudget(clock))); }
};

TEST_F(TimingWheelTest, RingsOnceNeverEarlyAndLateByLessThanATick) {
  Alarm alarm;
  wheel.arm(alarm, start + 105ms);
  advance(start + 104ms);
  EXPECT_TRUE(alarm.rung_at.empty());
  advance(start + 105ms + TimingWheel::kTick);
  advance(start + 10s);
  EXPECT_EQ(alarm.rung_at.size(), 1u);
  EXPECT_FALSE(alarm.armed());
}

TEST_F(TimingWheelTest, ADeadlineBeyondOneTurnWaitsForItsOwn) {
  Alarm alarm;
  wheel.arm(alarm, start + 10min);
  advance(start + 10min - 1ms);
  EXPECT_TRUE(alarm.rung_at.empty());
  advance(start + 10min);
  EXPECT_EQ(alarm.rung_at.size(), 1u);
}

TEST_F(TimingWheelTest, APastDeadlineRingsAtTheNextTick) {
  advance(start + 1s);
  Alarm alarm;
  wheel.arm(alarm, start);
  EXPECT_LE(*wheel.next(), start + 1s + TimingWheel::kTick);
  advance(*wheel.next());
  EXPECT_EQ(alarm.rung_at.size(), 1u);
}

TEST_F(TimingWheelTest, MovedCancelledAndDestroyedTimersDoNotRing) {
  Alarm moved, cancelled;
  wheel.arm(moved, start + 1s);
  wheel.arm(moved, start + 3s);
  wheel.arm(cancelled, start + 1s);
  wheel.cancel(cancelled);
  {
    Alarm destroyed;
    wheel.arm(destroyed, start + 1s);
  }
  advance(start + 2s);
  EXPECT_TRUE(moved.rung_at.empty() && cancelled.rung_at.empty());
  advance(start + 3s);
  EXPECT_EQ(moved.rung_at.size(), 1u);
  EXPECT_FALSE(wheel.next());
}

TEST_F(TimingWheelTest, AnAlarmMayRearmItselfAndDestroyAnother) {
  Alarm first;
  auto second = std::make_unique<Alarm>();
  first.action = [&] {
    second.reset();
    wheel.arm(first, start + 2s);
    first.action = nullptr;
  };
  wheel.arm(first, start + 1s);
  wheel.arm(*second, start + 1s);
  advance(start + 1s);
  advance(start + 2s);
  EXPECT_EQ(first.rung_at.size(), 2u);
}

TEST_F(TimingWheelTest, AfterALongPauseEverythingDueRings) {
  std::mt19937 random(7);
  std::vector<Alarm> alarms(500);
  for (Alarm& alarm : alarms)
    wheel.arm(alarm, start + std::chrono::milliseconds(random() % 200'000));
  advance(start + 200s);
  for (const Alarm& alarm : alarms) EXPECT_EQ(alarm.rung_at.size(), 1u);
}

TEST_F(TimingWheelTest, SteppingToNextRingsEachAtItsTime) {
  std::mt19937 random(8);
  std::vector<Alarm> alarms(200);
  std::vector<TimePoint> due;
  for (Alarm& alarm : alarms) {
    due.push_back(start + std::chrono::microseconds(random() % 100'000'000));
    wheel.arm(alarm, due.back());
  }
  while (const auto next = wheel.next()) advance(*next);
  for (std::size_t i = 0; i < alarms.size(); ++i) {
    ASSERT_EQ(alarms[i].rung_at.size(), 1u);
    EXPECT_GE(alarms[i].rung_at[0], due[i]);
    EXPECT_LT(alarms[i].rung_at[0], due[i] + TimingWheel::kTick);
  }
}

TEST_F(TimingWheelTest, OneCallTakesOneBudgetAndWhatIsLeftComesFirstInTheNext) {
  std::vector<int> rung;
  Alarm alarms[4];
  for (int i = 0; i < 4; ++i) {
    alarms[i].action = [&, i] {
      rung.push_back(i);
      clock.advance(kTurnBudget / 2);
    };
    wheel.arm(alarms[i], start + 1s + i * TimingWheel::kTick);
  }
  Alarm later;
  later.action = [&] { rung.push_back(9); };
  wheel.arm(later, start + 3s);
  EXPECT_FALSE(wheel.advance(start + 2s, TurnBudget(clock)));
  EXPECT_EQ(rung, (std::vector{0, 1}));
  EXPECT_LE(*wheel.next(), start + 2s) << "the caller must come back at once";
  wheel.cancel(alarms[2]);
  EXPECT_TRUE(wheel.advance(start + 3s, TurnBudget(clock)));
  EXPECT_EQ(rung, (std::vector{0, 1, 3, 9}));
}

}  // namespace
}  // namespace usher::net
