#include "base/log_limiter.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "support/recording_log.h"

namespace usher {
namespace {

using namespace std::chrono_literals;

constexpr LogLimiterOptions kOptions{.lines_max = 3, .per = 1s, .messages_max = 2};
constexpr TimePoint kStart{};

TEST(LogLimiterTest, LetsSoManyThroughAndCountsTheRest) {
  LogLimiter limiter(kOptions);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.admit("flood", kStart), 0u);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(limiter.admit("flood", kStart + 1s - 1ns));
  EXPECT_EQ(limiter.admit("flood", kStart + 1s), 5u);
  EXPECT_EQ(limiter.admit("flood", kStart + 1s), 0u);
}

TEST(LogLimiterTest, OneMessageDoesNotSilenceAnother) {
  LogLimiter limiter(kOptions);
  for (int i = 0; i < 100; ++i) limiter.admit("flood", kStart);
  EXPECT_EQ(limiter.admit("other", kStart), 0u);
}

TEST(LogLimiterTest, MessagesBeyondTheBoundShareOneAllowance) {
  LogLimiter limiter(kOptions);
  limiter.admit("first", kStart);
  limiter.admit("second", kStart);
  int written = 0;
  for (int i = 0; i < 10; ++i) {
    if (limiter.admit("more " + std::to_string(i), kStart)) ++written;
  }
  EXPECT_EQ(written, 3);
  EXPECT_TRUE(limiter.admit("second", kStart));
}

TEST(RateLimitedLogTest, TheNextLineSaysHowManyWereLeftOut) {
  test::RecordingLog inner;
  test::ManualClock clock;
  RateLimitedLog log(inner, clock, kOptions);
  for (int i = 0; i < 10; ++i) log.warn("WS: Rejected - no auth ticket");
  EXPECT_EQ(inner.lines.size(), 3u);
  EXPECT_EQ(log.suppressed(), 7u);
  clock.advance(1s);
  log.warn("WS: Rejected - no auth ticket", {{"a", 1}});
  log.warn("WS: Rejected - no auth ticket");
  EXPECT_EQ(inner.lines[3], "WS: Rejected - no auth ticket { a: 1, suppressed: 7 }");
  EXPECT_EQ(inner.lines[4], "WS: Rejected - no auth ticket");
}

TEST(RateLimitedLogTest, DebugLinesAreNeitherLimitedNorCounted) {
  test::RecordingLog inner;
  test::ManualClock clock;
  RateLimitedLog log(inner, clock, kOptions);
  for (int i = 0; i < 10; ++i) log.debug("[WSTicket] Ticket stored");
  EXPECT_EQ(inner.lines.size(), 10u);
  EXPECT_EQ(log.suppressed(), 0u);
}

TEST(RateLimitedLogTest, LinesOfALevelThatIsNotWrittenUseUpNothing) {
  struct WarnLog final : Log {
    void write(LogLevel level, std::string_view, std::span<const LogField>) override {
      EXPECT_TRUE(writes(level));
      ++lines;
    }
    bool writes(LogLevel level) const override { return level >= LogLevel::warn; }
    int lines = 0;
  } inner;
  test::ManualClock clock;
  RateLimitedLog log(inner, clock, kOptions);
  for (int i = 0; i < 10; ++i) log.info("websocket_connected");
  EXPECT_FALSE(log.writes(LogLevel::info));
  EXPECT_EQ(inner.lines, 0);
  EXPECT_EQ(log.suppressed(), 0u);
  for (int i = 0; i < 10; ++i) log.warn("websocket_connected");
  EXPECT_EQ(inner.lines, 3);
}

TEST(LogLimiterTest, TheLimitCanChangeAndBeLeftOut) {
  LogLimiter limiter({.lines_max = 1});
  const TimePoint now{};
  EXPECT_TRUE(limiter.admit("a", now));
  EXPECT_FALSE(limiter.admit("a", now));
  limiter.set_options({.lines_max = 0});
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(limiter.admit("a", now));
}

}  // namespace
}  // namespace usher
