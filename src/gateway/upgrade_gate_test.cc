#include "gateway/upgrade_gate.h"

#include "http/refusal_log.h"
#include "limits/forged_tickets.h"
#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

using namespace std::chrono_literals;

class UpgradeGateTest : public GatewayTest {
 protected:
  UpgradeGate& gate() {
    if (!gate_) {
      gate_.emplace(options, UpgradeGateDependencies{node, metrics, route_metrics[Route::websocket],
                                                     refusals, per_address, per_second, forged});
    }
    return *gate_;
  }
  bool admit(const char* peer = "192.0.2.1", bool has_ticket = false) {
    refusal = gate().admit(
        peer, has_ticket, [] { return std::string("t"); }, clock.now());
    if (refusal) {
      EXPECT_EQ(refusal->status, 503);
      EXPECT_TRUE(refusal->close);
      EXPECT_NE(refusal->body.find("retry_after_ms"), std::string::npos);
      EXPECT_NE(refusal->body.find("\"trace_id\":\"t\""), std::string::npos);
    }
    return !refusal;
  }
  bool says(const char* code) const {
    return refusal && refusal->body.find("\"code\":\"" + std::string(code)) != std::string::npos;
  }

  http::RefusalLog refusals{log, metrics};
  UpgradeGateOptions options;
  limits::RateLimiter* per_address = nullptr;
  limits::NodeRate* per_second = nullptr;
  limits::ForgedTickets* forged = nullptr;
  std::optional<wire::HttpResponse> refusal;

 private:
  std::optional<UpgradeGate> gate_;
};

TEST_F(UpgradeGateTest, WithoutLimitsEverybodyIsAdmittedAndCounted) {
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(admit());
  EXPECT_EQ(node.connections.load(), 1000u);
  gate().release();
  EXPECT_EQ(node.connections.load(), 999u);
}

TEST_F(UpgradeGateTest, RefusalIsInTheLogWithItsTraceId) {
  options.connections_max = 1;
  EXPECT_TRUE(admit());
  EXPECT_EQ(log.count("http_refused"), 0u);
  EXPECT_FALSE(admit());
  ASSERT_EQ(log.lines.size(), 1u);
  EXPECT_EQ(log.lines[0],
            "http_refused { route: 'websocket', status: 503, code: 'OVERLOADED', traceId: 't', "
            "reason: 'limits.connections' }");
}

TEST_F(UpgradeGateTest, LimitOfConnectionsHoldsAtItsBoundEvenForATicket) {
  options.connections_max = 2;
  EXPECT_TRUE(admit() && admit());
  EXPECT_FALSE(admit("192.0.2.1", /*has_ticket=*/true));
  EXPECT_TRUE(says("OVERLOADED"));
  EXPECT_EQ(node.connections.load(), 2u);
  EXPECT_EQ(metrics.upgrades[metrics::UpgradeResult::overloaded].value(), 1u);
  gate().release();
  EXPECT_TRUE(admit());
}

TEST_F(UpgradeGateTest, AddressBucketIsAskedFirstAndKnowsIpv6ByItsNetwork) {
  auto limit = limiter(1, 1s);
  per_address = &limit;
  node.draining = true;
  EXPECT_FALSE(admit("2001:db8::1"));
  EXPECT_TRUE(says("DRAINING"));
  EXPECT_FALSE(admit("2001:db8::2", /*has_ticket=*/true));
  EXPECT_TRUE(says("OVERLOADED"));
  EXPECT_EQ(metrics.upgrades[metrics::UpgradeResult::rate_limited].value(), 1u);
  EXPECT_EQ(metrics.upgrades[metrics::UpgradeResult::draining].value(), 1u);
  node.draining = false;
  advance(1s);
  EXPECT_TRUE(admit("2001:db8::3"));
}

TEST_F(UpgradeGateTest, AcceptRateHoldsBackOnlyThoseWithoutATicket) {
  limits::NodeRate rate({1, 1s});
  per_second = &rate;
  EXPECT_TRUE(admit());
  EXPECT_FALSE(admit());
  EXPECT_TRUE(admit("192.0.2.1", /*has_ticket=*/true));
  advance(1s);
  EXPECT_TRUE(admit());
}

TEST_F(UpgradeGateTest, WhoGuessesTicketsIsTurnedAwayWhenTheRateIsUsedUpAndOthersAreLetIn) {
  limits::NodeRate rate({5, 1s});
  limits::ForgedTickets guesses(rate, entropy);
  per_second = &rate;
  forged = &guesses;
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(admit("192.0.2.1", /*has_ticket=*/true));
    guesses.add("192.0.2.1", clock.now());
  }
  EXPECT_FALSE(admit("192.0.2.1", /*has_ticket=*/true));
  EXPECT_TRUE(says("OVERLOADED"));
  EXPECT_EQ(metrics.upgrades[metrics::UpgradeResult::rate_limited].value(), 1u);
  EXPECT_TRUE(admit("192.0.2.2", /*has_ticket=*/true));
  EXPECT_FALSE(admit("192.0.2.2", /*has_ticket=*/false));
}

TEST_F(UpgradeGateTest, RefusalsCountAsHttpRequests) {
  node.draining = true;
  admit();
  EXPECT_EQ(route_metrics.answers[Route::websocket].value(503), 1u);
  EXPECT_EQ(node.connections.load(), 0u);
}

}  // namespace
}  // namespace usher::gateway
