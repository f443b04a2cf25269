#include "client/retry_after.h"

#include <gtest/gtest.h>

namespace usher::client {
namespace {

// Sun, 06 Nov 1994 08:49:37 GMT
constexpr Instant kDate{std::chrono::seconds(784111777)};

TEST(RetryAfterTest, DigitsAreSecondsAfterTrimming) {
  EXPECT_EQ(retry_after_ms("7", {}), 7000);
  EXPECT_EQ(retry_after_ms(" \t007 ", {}), 7000);
  EXPECT_EQ(retry_after_ms("0", {}), 0);
  EXPECT_GT(retry_after_ms(std::string(400, '9'), {}), 1e300);
}

TEST(RetryAfterTest, ADateCountsFromNowAndThePastIsNothing) {
  constexpr std::string_view text = "Sun, 06 Nov 1994 08:49:37 GMT";
  EXPECT_EQ(retry_after_ms(text, kDate - std::chrono::milliseconds(1500)), 1500);
  EXPECT_EQ(retry_after_ms(text, kDate), 0);
  EXPECT_EQ(retry_after_ms(text, kDate + std::chrono::hours(1)), 0);
}

TEST(RetryAfterTest, WhatIsNeitherIsIgnored) {
  for (const char* text : {"",
                           " ",
                           "-1",
                           "+1",
                           "1.5",
                           "1e3",
                           "0x10",
                           "soon",
                           "7 s",
                           "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994",
                           "Sun, 6 Nov 1994 08:49:37 GMT",
                           "Sun, 06 nov 1994 08:49:37 GMT",
                           "Sun, 31 Feb 2094 08:49:37 GMT",
                           "Sun, 00 Nov 2094 08:49:37 GMT",
                           "Sun, 06 Nov 2094 24:49:37 GMT",
                           "Sun, 06 Nov 2094 08:60:37 GMT",
                           "Sun, 06 Nov 2094 08:49:61 GMT",
                           "Sun, 06 Nov 2094 08:49:37 UTC",
                           "Sun, 06 Nov 2094 08:49:3",
                           "Sun, 06 Nov 2094 08:49:-1 GMT",
                           "Xyz, 06 Nov 2094 08:49:37 GMT"}) {
    EXPECT_EQ(retry_after_ms(text, {}), 0) << text;
  }
}

TEST(RetryAfterTest, TheBodyWinsOverTheHeaderUnlessItIsNoDelay) {
  EXPECT_EQ(given_delay({.retry_after = "9", .retry_after_ms = 1500.0}, {}).ms, 1500);
  EXPECT_EQ(given_delay({.retry_after = "9", .retry_after_ms = 0.0}, {}).ms, 0);
  EXPECT_EQ(given_delay({.retry_after = "9", .retry_after_ms = -1.0}, {}).ms, 9000);
  EXPECT_EQ(given_delay({.retry_after = "9"}, {}).ms, 9000);
  EXPECT_EQ(given_delay({}, {}).ms, 0);
  EXPECT_TRUE(given_delay({.retry_after_ms = 1.0, .place = true}, {}).place);
}

}  // namespace
}  // namespace usher::client
