#include "issuer/key_refresh.h"

#include <gtest/gtest.h>

#include "support/manual_clock.h"

namespace usher::issuer {
namespace {

using namespace std::chrono_literals;
using Advice = KeyRefresh::Advice;

class KeyRefreshTest : public testing::Test {
 protected:
  void fetch(bool got_keys) {
    EXPECT_TRUE(refresh.begin_if_due(clock.now()));
    refresh.ended(got_keys);
  }
  Advice ask() { return refresh.on_unknown_key(clock.now()); }

  test::ManualClock clock;
  KeyRefresh refresh{30s};
};

TEST_F(KeyRefreshTest, BeginsAtTheStart) {
  EXPECT_LE(refresh.wake_at(), clock.now());
  fetch(true);
  EXPECT_TRUE(refresh.had_keys());
  EXPECT_EQ(refresh.wake_at(), std::nullopt);
}

TEST_F(KeyRefreshTest, OneAtATimeAndOneAnInterval) {
  fetch(true);
  EXPECT_EQ(ask(), Advice::too_soon);
  clock.advance(30s - 1ns);
  EXPECT_EQ(ask(), Advice::too_soon);
  clock.advance(1ns);
  EXPECT_EQ(ask(), Advice::begin);
  EXPECT_EQ(ask(), Advice::wait);
  clock.advance(1h);
  EXPECT_EQ(ask(), Advice::wait);
  EXPECT_FALSE(refresh.begin_if_due(clock.now()));
  refresh.ended(true);
  EXPECT_EQ(ask(), Advice::begin);
}

TEST_F(KeyRefreshTest, AHundredThousandUnknownKeysCauseOneFetchAnInterval) {
  fetch(true);
  int begun = 0;
  for (int i = 0; i < 100'000; ++i) {
    clock.advance(1ms);
    if (ask() != Advice::begin) continue;
    ++begun;
    refresh.ended(i % 2 == 0);
  }
  EXPECT_EQ(begun, 3);  // in 100 s
}

TEST_F(KeyRefreshTest, WithoutAnyKeyItAsksByItselfOnceAnInterval) {
  fetch(false);
  EXPECT_FALSE(refresh.had_keys());
  EXPECT_EQ(refresh.wake_at(), clock.now() + 30s);
  EXPECT_FALSE(refresh.begin_if_due(clock.now()));
  clock.advance(30s);
  fetch(true);
  EXPECT_TRUE(refresh.had_keys());
  EXPECT_EQ(refresh.wake_at(), std::nullopt);
}

TEST_F(KeyRefreshTest, AFailureAfterASuccessIsNotRepeatedByItself) {
  fetch(true);
  clock.advance(30s);
  EXPECT_EQ(ask(), Advice::begin);
  refresh.ended(false);
  EXPECT_TRUE(refresh.had_keys());
  EXPECT_EQ(refresh.wake_at(), std::nullopt);
}

TEST_F(KeyRefreshTest, SaysHowLongUntilTheNextFetchWhateverCameOfTheLast) {
  EXPECT_EQ(refresh.until_next(clock.now()), 0s);
  for (const bool got_keys : {true, false}) {
    EXPECT_EQ(ask(), Advice::begin);
    EXPECT_EQ(refresh.until_next(clock.now()), 30s);
    clock.advance(4s);
    refresh.ended(got_keys);
    EXPECT_EQ(refresh.until_next(clock.now()), 26s);
    EXPECT_EQ(ask(), Advice::too_soon);  // which puts nothing off
    clock.advance(26s - 1ns);
    EXPECT_EQ(refresh.until_next(clock.now()), 1ns);
    clock.advance(1ns);
    EXPECT_EQ(refresh.until_next(clock.now()), 0s);
  }
}

TEST_F(KeyRefreshTest, TheOperatorsWishWaitsForTheInterval) {
  fetch(true);
  refresh.want();
  EXPECT_EQ(refresh.wake_at(), clock.now() + 30s);
  clock.advance(30s);
  fetch(true);
  EXPECT_EQ(refresh.wake_at(), std::nullopt);
  clock.advance(30s);
  refresh.want();
  EXPECT_LE(refresh.wake_at(), clock.now());
}

TEST_F(KeyRefreshTest, AWishDuringAFetchIsForTheNextOne) {
  EXPECT_TRUE(refresh.begin_if_due(clock.now()));
  refresh.want();
  refresh.ended(true);
  EXPECT_EQ(refresh.wake_at(), clock.now() + 30s);
}

}  // namespace
}  // namespace usher::issuer
