#include "base/duration_text.h"

#include <gtest/gtest.h>

namespace usher {
namespace {

using namespace std::chrono_literals;

TEST(DurationTextTest, ReadsANumberAndAUnit) {
  EXPECT_EQ(parse_duration("500ms"), Duration(500ms));
  EXPECT_EQ(parse_duration("30s"), Duration(30s));
  EXPECT_EQ(parse_duration("5m"), Duration(5min));
  EXPECT_EQ(parse_duration("720h"), Duration(720h));
  EXPECT_EQ(parse_duration("7d"), Duration(168h));
  EXPECT_EQ(parse_duration("0s"), Duration(0s));
}

TEST(DurationTextTest, RefusesWhatIsNotExactlyThat) {
  for (const auto* text : {"", "30", "s", "-1s", "+1s", " 1s", "1s ", "1 s", "1.5s", "1S", "1sec",
                           "1h30m", "0x1s", "99999999999999999999s"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(DurationTextTest, AHundredYearsIsTheLongest) {
  EXPECT_TRUE(parse_duration("36525d"));
  EXPECT_FALSE(parse_duration("36526d"));
  EXPECT_FALSE(parse_duration("18446744073709551615h"));
}

TEST(DurationTextTest, WritesTheLargestUnitUpToHoursThatLeavesNoRest) {
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(120s), "2m");
  EXPECT_EQ(format_duration(720h), "720h");
  EXPECT_EQ(format_duration(1500ms), "1500ms");
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(1500us), "1ms");
}

}  // namespace
}  // namespace usher
