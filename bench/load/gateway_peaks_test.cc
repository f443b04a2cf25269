#include "bench/load/gateway_peaks.h"

#include <gtest/gtest.h>

namespace usher::bench {
namespace {

using namespace std::chrono_literals;

class GatewayPeaksTest : public testing::Test {
 protected:
  static TimePoint at(Duration time) { return TimePoint(time + 1h); }

  // Metrics that came at once.
  void take(Duration when, Metrics metrics) { peaks.take(std::move(metrics), at(when), at(when)); }

  // So many tickets in all, at a node that gives `rate` a second.
  void issued(Duration when, double tickets, double rate) {
    take(when, {{"usher_tickets_issued_total", tickets},
                {"usher_limit{key=\"limits.tickets_per_second\"}", rate}});
  }

  Report report() const {
    Report report("storm");
    peaks.add_to(report);
    return report;
  }
  bool tells(std::string_view line) const {
    return report().json().find(line) != std::string::npos;
  }

  GatewayPeaks peaks;
};

TEST_F(GatewayPeaksTest, NothingSeenIsNothingTold) {
  EXPECT_EQ(report().json(), R"({"mode":"storm"})");
}

TEST_F(GatewayPeaksTest, ThePeaksOfAProcessAreKept) {
  peaks.restarted(at(0s));
  peaks.take({.cpu = 0ms, .memory_bytes = 10}, at(0ms));
  peaks.take({.cpu = 150ms, .memory_bytes = 30}, at(200ms));
  peaks.take({.cpu = 160ms, .memory_bytes = 20}, at(400ms));
  EXPECT_TRUE(tells(R"("gateway_memory_peak_bytes":30,"gateway_cpu_peak_percent":75.00)"));
}

TEST_F(GatewayPeaksTest, ANewProcessIsNotComparedWithTheOld) {
  peaks.take({.cpu = 0s}, at(0ms));
  peaks.restarted(at(100ms));
  peaks.take({.cpu = 1h}, at(200ms));
  EXPECT_TRUE(tells(R"("gateway_cpu_peak_percent":0.0)"));
}

TEST_F(GatewayPeaksTest, AtItsLimitsAGatewayIsCalm) {
  const Metrics full{{"usher_connections", 100},
                     {"usher_tickets_live", 50},
                     {"usher_limit{key=\"limits.connections\"}", 100},
                     {"usher_limit{key=\"ticket.outstanding_max\"}", 50}};
  take(0s, full);
  EXPECT_EQ(report().failure(), "");
  EXPECT_TRUE(tells(R"("gateway_connections_peak":100)"));
  EXPECT_TRUE(tells(R"("gateway_connections_limit":100)"));
}

TEST_F(GatewayPeaksTest, OneConnectionAboveIsAFailureEvenIfItIsOverLater) {
  take(0s, {{"usher_connections", 101}, {"usher_limit{key=\"limits.connections\"}", 100}});
  take(1s, {{"usher_connections", 5}, {"usher_limit{key=\"limits.connections\"}", 100}});
  EXPECT_EQ(report().failure(),
            "the gateway went above limits.connections = 100: gateway_connections_peak is 101");
}

TEST_F(GatewayPeaksTest, WithoutALimitNothingIsAbove) {
  take(0s, {{"usher_connections", 1e6}, {"usher_limit{key=\"limits.connections\"}", 0}});
  issued(100ms, 1e6, 0);
  EXPECT_EQ(report().failure(), "");
}

TEST_F(GatewayPeaksTest, TicketsAreCountedBySecond) {
  peaks.restarted(at(0s));
  issued(500ms, 300, 0);
  issued(1000ms, 700, 0);
  issued(1500ms, 800, 0);
  issued(2000ms, 820, 0);
  EXPECT_TRUE(tells(R"("gateway_tickets_in_worst_second":700)"));
}

TEST_F(GatewayPeaksTest, ASecondMayHoldTheRateAndTheBucketButNotMore) {
  peaks.restarted(at(0s));
  issued(1s, 1250, 1000);
  EXPECT_EQ(report().failure(), "");
  issued(2s, 1250 + 1251, 1000);
  EXPECT_EQ(report().failure(),
            "the gateway went above limits.tickets_per_second = 1000: it gave 1 tickets too many "
            "within a second");
}

TEST_F(GatewayPeaksTest, AnAnswerThatCameLateMayCountWhatWasGivenMeanwhile) {
  peaks.restarted(at(0s));
  issued(1s, 1000, 1000);
  peaks.take({{"usher_tickets_issued_total", 2600},
              {"usher_limit{key=\"limits.tickets_per_second\"}", 1000}},
             at(2s), at(2400ms));
  EXPECT_EQ(report().failure(), "");
}

TEST_F(GatewayPeaksTest, ACountThatFallsIsANewLife) {
  issued(0s, 9000, 1000);
  issued(1s, 100, 1000);
  issued(2s, 1100, 1000);
  EXPECT_EQ(report().failure(), "");
  EXPECT_TRUE(tells(R"("gateway_tickets_in_worst_second":1000)"));
}

TEST_F(GatewayPeaksTest, RefusalsAreToldByTheirReason) {
  take(0s, {{"usher_upgrades_total{result=\"connected\"}", 8000},
            {"usher_upgrades_total{result=\"overloaded\"}", 3},
            {"usher_upgrades_total{result=\"draining\"}", 0},
            {"usher_http_requests_total{route=\"ticket\",status=\"503\"}", 20},
            {"usher_http_requests_total{route=\"ticket\",status=\"200\"}", 8000},
            {"usher_http_requests_total{route=\"api\",status=\"503\"}", 1},
            {"usher_redis_commands_unanswered_total", 2}});
  const std::string json = report().json();
  EXPECT_NE(json.find(R"("gateway_upgrades_overloaded":3)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("gateway_tickets_refused_503":20)"), std::string::npos) << json;
  EXPECT_NE(json.find(R"("gateway_redis_commands_unanswered":2)"), std::string::npos) << json;
  for (const char* other : {"connected", "draining", "refused_200", "refused_503\":1"}) {
    EXPECT_EQ(json.find(other), std::string::npos) << json;
  }
  EXPECT_EQ(report().failure(), "");
}

}  // namespace
}  // namespace usher::bench
