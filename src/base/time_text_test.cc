#include "base/time_text.h"

#include <gtest/gtest.h>

namespace usher {
namespace {

TEST(TimeTextTest, IsRfc3339WithMillisecondsAndZeros) {
  EXPECT_EQ(to_rfc3339(WallTime(std::chrono::milliseconds(1'795'423'555'007))),
            "2026-11-23T08:45:55.007Z");
  EXPECT_EQ(to_rfc3339(WallTime{}), "1970-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace usher
