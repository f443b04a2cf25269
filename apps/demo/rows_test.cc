#include "apps/demo/rows.h"

#include <gtest/gtest.h>

namespace usher::apps {
namespace {

TEST(DemoRowsTest, TheTimelineAndTheSixRowsAreThere) { EXPECT_EQ(demo_rows().size(), 7u); }

TEST(DemoRowsTest, AHashStandsForANumberAndForNothingElse) {
  EXPECT_TRUE(line_matches("in #ms (attempt 1)", "in 312ms (attempt 1)"));
  EXPECT_FALSE(line_matches("in #ms (attempt 1)", "in ms (attempt 1)"));
  EXPECT_FALSE(line_matches("in #ms (attempt 1)", "in 312ms (attempt 2)"));
  EXPECT_FALSE(line_matches("in #ms (attempt 1)", "in -1ms (attempt 1)"));
  EXPECT_TRUE(line_matches("exact", "exact"));
  EXPECT_FALSE(line_matches("exact", "exactly"));
}

}  // namespace
}  // namespace usher::apps
