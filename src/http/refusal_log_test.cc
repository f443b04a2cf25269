#include "http/refusal_log.h"

#include <gtest/gtest.h>

#include "support/recording_log.h"

namespace usher::http {
namespace {

using namespace std::chrono_literals;

class RefusalLogTest : public testing::Test {
 protected:
  void write(Problem problem, std::string_view reason = {}) {
    refusals.write("ticket", problem, reason, "t1", now);
  }

  test::RecordingLog log;
  metrics::ShardMetrics metrics;
  RefusalLog refusals{log, metrics};
  TimePoint now{1000s};
};

TEST_F(RefusalLogTest, LineSaysWhatWasRefusedAndWhyWhereThatIsKnown) {
  write(Problem::missing_session);
  write(Problem::invalid_token, "the signature is wrong");
  EXPECT_EQ(
      log.lines,
      (std::vector<std::string>{
          "http_refused { route: 'ticket', status: 401, code: 'MISSING_SESSION', traceId: 't1' }",
          "http_refused { route: 'ticket', status: 401, code: 'INVALID_TOKEN', traceId: 't1', "
          "reason: 'the signature is wrong' }"}));
}

TEST_F(RefusalLogTest, FloodOfOneCodeIsCutAndCountedAndHidesNoOther) {
  for (std::uint32_t i = 0; i < RefusalLog::kLinesMax + 5; ++i) write(Problem::invalid_token, "x");
  EXPECT_EQ(log.lines.size(), RefusalLog::kLinesMax);
  EXPECT_EQ(metrics.log_lines_suppressed.value(), 5u);
  write(Problem::store_unavailable);
  EXPECT_EQ(log.count("STORE_UNAVAILABLE"), 1u);
  now += 1s;
  write(Problem::invalid_token, "x");
  EXPECT_TRUE(log.lines.back().ends_with("reason: 'x', suppressed: 5 }")) << log.lines.back();
  now += 1s;
  write(Problem::store_unavailable);
  EXPECT_EQ(log.lines.back().find("suppressed"), std::string::npos);
}

TEST_F(RefusalLogTest, EveryProblemHasAnAllowanceOfItsOwn) {
  for (std::size_t i = 0; i < kProblemCount; ++i) {
    for (std::uint32_t n = 0; n < RefusalLog::kLinesMax; ++n) write(static_cast<Problem>(i));
  }
  EXPECT_EQ(log.lines.size(), kProblemCount * RefusalLog::kLinesMax);
}

}  // namespace
}  // namespace usher::http
