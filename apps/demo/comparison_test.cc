#include "apps/demo/comparison.h"

#include <gtest/gtest.h>

namespace usher::apps {
namespace {

TEST(DemoComparisonTest, BeforeItAskedTooEarlyEvenWhenNothingWasWrong) {
  EXPECT_EQ(run_before(DemoFault::none).ticket_requests, 2);
  EXPECT_EQ(run_after(DemoFault::none).ticket_requests, 1);
  EXPECT_EQ(run_after(DemoFault::none).lines, 5);
  EXPECT_LT(run_after(DemoFault::none).connected_at_ms, 150);
}

TEST(DemoComparisonTest, HardRowsGoOnBeforeAndStopAfter) {
  for (const DemoFault fault : {DemoFault::forged_token, DemoFault::no_session,
                                DemoFault::foreign_origin, DemoFault::refused_ticket}) {
    const DemoTally before = run_before(fault);
    const DemoTally after = run_after(fault);
    EXPECT_TRUE(before.goes_on);
    EXPECT_GE(before.ticket_requests, 4);
    EXPECT_FALSE(after.goes_on);
    EXPECT_EQ(after.ticket_requests, 1);
    EXPECT_EQ(after.lines, 6);
    EXPECT_EQ(outcome_text(after), "stopped");
    EXPECT_EQ(outcome_text(before), "still trying");
  }
}

TEST(DemoComparisonTest, SoftRowsEndConnectedAndSoonerAfter) {
  for (const DemoFault fault : {DemoFault::store_down, DemoFault::gateway_down}) {
    EXPECT_GT(run_before(fault).connected_at_ms, run_after(fault).connected_at_ms);
    EXPECT_GT(run_after(fault).connected_at_ms, 3500);
  }
}

}  // namespace
}  // namespace usher::apps
