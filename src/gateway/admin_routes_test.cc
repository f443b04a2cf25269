#include "gateway/admin_routes.h"

#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

class AdminRoutesTest : public GatewayTest {
 protected:
  Reply get(const char* target) {
    return send({.method = "GET", .target = target, .listener = edge::ListenerRole::admin});
  }
};

TEST_F(AdminRoutesTest, HealthIsOkEvenWhileDraining) {
  node.draining = true;
  EXPECT_EQ(get("/healthz").status, 200);
  EXPECT_EQ(get("/healthz").body, R"({"status":"ok"})");
}

TEST_F(AdminRoutesTest, ReadyNamesEveryReasonNotToBe) {
  EXPECT_EQ(get("/readyz").body, R"({"ready":true})");
  node.draining = true;
  dependencies.not_ready_reasons = [] {
    return std::vector<std::string>{"ticket store", "pub/sub \"a\""};
  };
  const auto reply = get("/readyz");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.body, R"({"ready":false,"reasons":["ticket store","pub/sub \"a\"","draining"]})");
}

TEST_F(AdminRoutesTest, MetricsAreInPrometheusFormat) {
  add_to(metrics_page, std::vector<const RouteMetrics*>{&route_metrics});
  send({});
  const auto reply = get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_TRUE(reply.has("usher_http_requests_total{route=\"ticket\",status=\"401\"} 1"))
      << reply.body;
}

TEST_F(AdminRoutesTest, HeadIsTakenAsGet) {
  EXPECT_EQ(
      send({.method = "HEAD", .target = "/healthz", .listener = edge::ListenerRole::admin}).status,
      200);
}

TEST_F(AdminRoutesTest, AdminListenerServesNothingElse) {
  for (const char* target : {"/auth/token", "/auth/ticket", "/ws", "/api/info"}) {
    EXPECT_EQ(send({.target = target, .listener = edge::ListenerRole::admin}).status, 404)
        << target;
  }
}

}  // namespace
}  // namespace usher::gateway
