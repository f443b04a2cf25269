#include "gateway/router.h"

#include "doors/upstream_table.h"
#include "http/refusal_log.h"
#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

using namespace std::chrono_literals;

class RouterTest : public GatewayTest {};

TEST_F(RouterTest, UnknownPathIsNotFoundWhateverElseIsWrong) {
  for (const char* target : {"/", "/auth", "/auth/ticket/", "/auth/tickets", "/AUTH/ticket",
                             "/healthz", "/metrics", "/auth/%74icket", "//auth/ticket"}) {
    const auto reply = send({.method = "PUT", .target = target, .body_too_large = true});
    EXPECT_EQ(reply.status, 404) << target;
    EXPECT_EQ(reply.code(), "NOT_FOUND");
  }
}

TEST_F(RouterTest, QueryIsNotPartOfThePath) {
  EXPECT_EQ(send({.target = "/auth/token?x=1"}).status, 200);
}

TEST_F(RouterTest, PrefixIsPartOfEveryPathButTheAdminOnes) {
  options.prefix = "/gw";
  EXPECT_EQ(send({.target = "/gw/auth/token"}).status, 200);
  EXPECT_EQ(send({.target = "/auth/token"}).status, 404);
  EXPECT_EQ(send({.method = "GET", .target = "/gw/ws"}).status, 426);
  EXPECT_EQ(
      send({.method = "GET", .target = "/healthz", .listener = edge::ListenerRole::admin}).status,
      200);
}

doors::UpstreamTable table_of(const std::vector<std::string>& paths) {
  std::vector<doors::Upstream> upstreams;
  for (const std::string& path : paths) {
    doors::Upstream upstream;
    upstream.path = path;
    upstreams.push_back(std::move(upstream));
  }
  return doors::UpstreamTable(std::move(upstreams));
}

TEST_F(RouterTest, APathOfAnUpstreamIsForUpgradesOnly) {
  const doors::UpstreamTable upstreams = table_of({"/board", "/live/*"});
  dependencies.upstreams = &upstreams;
  options.prefix = "/gw";
  for (const char* path : {"/gw/board", "/gw/board?ticket=T", "/gw/live/", "/gw/live/a/../b"}) {
    const auto reply = send({.method = "GET", .target = path});
    EXPECT_EQ(reply.status, 426) << path;
    EXPECT_EQ(reply.code(), "UPGRADE_REQUIRED") << path;
    EXPECT_EQ(reply.field("Upgrade"), "websocket") << path;
    const auto wrong = send({.method = "POST", .target = path});
    EXPECT_EQ(wrong.status, 405) << path;
    EXPECT_EQ(wrong.field("Allow"), "GET") << path;
    EXPECT_LE(judge({.target = path}).bytes_max, 16u * 1024) << path;
  }
  for (const char* path : {"/board", "/gw/boards", "/gw/board/", "/gw/live", "/gw//board", "/gw"}) {
    EXPECT_EQ(send({.method = "GET", .target = path}).status, 404) << path;
  }
  for (const auto listener : {edge::ListenerRole::api, edge::ListenerRole::admin}) {
    EXPECT_EQ(send({.method = "GET", .target = "/gw/board", .listener = listener}).status, 404);
  }
  EXPECT_EQ(
      send({.method = "GET", .target = "/gw/board", .listener = edge::ListenerRole::client}).status,
      426);
}

TEST_F(RouterTest, NoUpstreamTakesThePlaceOfARouteOfUshers) {
  const doors::UpstreamTable upstreams = table_of({"/*"});
  dependencies.upstreams = &upstreams;
  EXPECT_EQ(send({.method = "GET", .target = "/else"}).status, 426);
  EXPECT_EQ(send({.target = "/auth/token"}).status, 200);
  EXPECT_EQ(send({.target = "/auth/ticket"}).status, 401);
  EXPECT_EQ(send({.target = "/api/publish",
                  .fields = {{"X-API-Key", "key-one"}},
                  .body = R"({"channel":"news:1","data":1})"})
                .status,
            200);
  EXPECT_EQ(
      send({.method = "GET", .target = "/healthz", .listener = edge::ListenerRole::admin}).status,
      200);
  using Endpoint = Router::Endpoint;
  const auto endpoint_of = [&](const char* path) {
    return router().websocket_endpoint(path, edge::ListenerRole::client_and_api);
  };
  EXPECT_EQ(endpoint_of("/ws"), Endpoint::ws);
  EXPECT_EQ(endpoint_of("/connection/websocket"), Endpoint::connection_websocket);
  EXPECT_EQ(endpoint_of("/api/publish"), Endpoint::none);
  EXPECT_EQ(endpoint_of("/auth/token"), Endpoint::none);
  EXPECT_EQ(endpoint_of("/x/connection/websocket"), Endpoint::upstream);
}

TEST_F(RouterTest, WrongMethodIsToldTheRightOnesBeforeOriginAndSizeAreLookedAt) {
  const auto reply = send(
      {.method = "GET", .fields = {{"Origin", "https://evil.example"}}, .body_too_large = true});
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.code(), "METHOD_NOT_ALLOWED");
  EXPECT_EQ(reply.field("Allow"), "POST, OPTIONS");
  EXPECT_EQ(send({.method = "POST", .target = "/ws"}).field("Allow"), "GET");
  EXPECT_EQ(send({.method = "POST", .target = "/readyz", .listener = edge::ListenerRole::admin})
                .field("Allow"),
            "GET, HEAD");
}

TEST_F(RouterTest, ForeignOriginIsRefusedBeforeSizeAndCanReadIt) {
  for (const char* origin :
       {"https://evil.example", "null", "http://app.example", "https://app.example:8443",
        "https://app.example.evil.example", "https://app.example/", "garbage"}) {
    const auto reply = send({.fields = {{"Origin", origin}}, .body_too_large = true});
    EXPECT_EQ(reply.status, 403) << origin;
    EXPECT_EQ(reply.code(), "ORIGIN_BLOCKED");
    EXPECT_EQ(reply.field("Access-Control-Allow-Origin"), origin);
    EXPECT_EQ(reply.field("Vary"), "Origin");
    EXPECT_EQ(reply.fields.count("Access-Control-Allow-Credentials"), 0u);
  }
}

TEST_F(RouterTest, NullOriginIsAcceptedWhenListed) {
  origins.set(std::make_shared<auth::OriginPolicy>(auth::OriginPolicyOptions{.allowed = {"null"}}));
  const auto reply = send({.target = "/auth/token", .fields = {{"Origin", "null"}}});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Access-Control-Allow-Origin"), "null");
}

TEST_F(RouterTest, AllowedOriginReadsSuccessAndRefusalAlike) {
  for (const char* target : {"/auth/token", "/auth/ticket"}) {
    const auto reply = send({.target = target, .fields = {{"Origin", kOrigin}}});
    EXPECT_EQ(reply.field("Access-Control-Allow-Origin"), kOrigin) << reply.status;
    EXPECT_EQ(reply.field("Access-Control-Expose-Headers"), "Retry-After");
    EXPECT_EQ(reply.field("Vary"), "Origin");
  }
}

// client.require_origin: what is no browser gets nothing, and may have its preflight.
TEST_F(RouterTest, AnOriginMayBeRequired) {
  origins.set(std::make_shared<auth::OriginPolicy>(
      auth::OriginPolicyOptions{.allowed = {kOrigin}, .require = true}));
  for (const char* target : {"/auth/token", "/auth/ticket"}) {
    const auto reply = send({.target = target});
    EXPECT_EQ(reply.status, 403) << target;
    EXPECT_EQ(reply.code(), "ORIGIN_BLOCKED") << target;
    EXPECT_FALSE(judge({.target = target}).wanted) << "a body that is refused unread";
    EXPECT_TRUE(judge({.target = target, .fields = {{"Origin", kOrigin}}}).wanted) << target;
    EXPECT_NE(send({.target = target, .fields = {{"Origin", kOrigin}}}).status, 403) << target;
    EXPECT_EQ(send({.method = "OPTIONS", .target = target}).status, 204) << target;
    EXPECT_EQ(send({.method = "GET", .target = target}).status, 405) << target;
  }
}

TEST_F(RouterTest, WithoutAnOriginThereIsNoCorsButCachesAreTold) {
  const auto reply = send({.target = "/auth/token"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.fields.count("Access-Control-Allow-Origin"), 0u);
  EXPECT_EQ(reply.field("Vary"), "Origin");
}

TEST_F(RouterTest, PreflightIsAnsweredForAllowedForeignAndNullOrigins) {
  for (const char* origin : {kOrigin, "https://evil.example", "null"}) {
    const auto reply = send({.method = "OPTIONS",
                             .fields = {{"Origin", origin},
                                        {"Access-Control-Request-Method", "POST"},
                                        {"Access-Control-Request-Headers", "authorization"}}});
    EXPECT_EQ(reply.status, 204);
    EXPECT_EQ(reply.body, "");
    EXPECT_EQ(reply.field("Access-Control-Allow-Origin"), origin);
    EXPECT_EQ(reply.field("Access-Control-Allow-Methods"), "POST");
    EXPECT_NE(reply.field("Access-Control-Allow-Headers").find("Authorization"), std::string::npos);
    EXPECT_EQ(reply.fields.count("Access-Control-Allow-Credentials"), 0u);
  }
}

TEST_F(RouterTest, TooLargeABodyIsRefusedBeforeAuthorizationAndEndsTheConnection) {
  const auto reply = send({.body_too_large = true});
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.code(), "TOO_LARGE");
  EXPECT_TRUE(reply.close);
}

TEST_F(RouterTest, BodyLimitsFollowTheRoute) {
  EXPECT_EQ(judge({.target = "/auth/ticket"}).bytes_max, 20u * 1024);
  EXPECT_EQ(judge({.target = "/auth/token"}).bytes_max, 20u * 1024);
  EXPECT_LE(judge({.target = "/nothing"}).bytes_max, 16u * 1024);
}

TEST_F(RouterTest, ABodyThatNobodyWillLookAtIsNotWanted) {
  const std::pair<std::string, std::string> mine{"Origin", kOrigin}, foreign{"Origin", "null"};
  for (const char* target : {"/auth/ticket", "/auth/token"}) {
    EXPECT_TRUE(judge({.target = target}).wanted);
    EXPECT_TRUE(judge({.target = target, .fields = {mine}}).wanted);
    EXPECT_FALSE(judge({.target = target, .fields = {foreign}}).wanted);
    EXPECT_FALSE(judge({.method = "PUT", .target = target}).wanted);
  }
  const std::pair<std::string, std::string> key{"X-API-Key", "key-one"};
  EXPECT_TRUE(judge({.target = "/api/publish", .fields = {key}}).wanted);
  EXPECT_TRUE(judge({.target = "/api/publish", .fields = {key}}).from_backend);
  EXPECT_TRUE(
      judge({.target = "/api/publish", .fields = {{"Authorization", "apikey key-two"}}}).wanted);
  EXPECT_FALSE(judge({.target = "/api/publish"}).wanted);
  EXPECT_FALSE(judge({.target = "/api/publish", .fields = {{"X-API-Key", "wrong"}}}).wanted);
  EXPECT_FALSE(judge({.target = "/api/publish", .fields = {key, mine}}).wanted);
  EXPECT_FALSE(judge({.target = "/api/nothing", .fields = {key}}).wanted);
  EXPECT_FALSE(judge({.method = "PUT", .target = "/api/publish", .fields = {key}}).wanted);
}

TEST_F(RouterTest, RefusedRequestsOfAnAddressAreCountedAndThenEndItsConnections) {
  auto limit = limiter(3, 1min);
  dependencies.refusals_per_address = &limit;
  EXPECT_EQ(send({.target = "/nothing"}).status, 404);
  EXPECT_EQ(send({.method = "PUT"}).status, 405);
  EXPECT_EQ(send({.fields = {{"Origin", "null"}}}).status, 403);
  for (const char* target : {"/nothing", "/auth/ticket", "/api/publish"}) {
    const auto reply = send({.target = target});
    EXPECT_EQ(reply.status, 429) << target;
    EXPECT_EQ(reply.code(), "RATE_LIMITED");
    EXPECT_EQ(reply.field("Retry-After"), "20");
    EXPECT_TRUE(reply.close);
  }
  EXPECT_EQ(send({.method = "PUT"}).status, 429);
  EXPECT_EQ(send({.target = "/nothing", .peer = "192.0.2.2"}).status, 404) << "another address";
  EXPECT_EQ(ask_ticket(sign(claims())).status, 200) << "what is right passes";
  advance(20s);
  EXPECT_EQ(send({.target = "/nothing"}).status, 404);
}

TEST_F(RouterTest, RefusalsOnTheAdminListenerAndOfSharedAddressesAreFree) {
  auto limit = limiter(1, 1min);
  dependencies.refusals_per_address = &limit;
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(send({.target = "/nothing", .listener = edge::ListenerRole::admin}).status, 404);
    EXPECT_EQ(send({.target = "/nothing", .address_is_shared = true}).status, 404);
  }
}

TEST_F(RouterTest, RequestsThatCouldNotBeReadAreCountedToo) {
  auto limit = limiter(1, 1min);
  dependencies.refusals_per_address = &limit;
  const wire::HttpRequest unread;
  const edge::RequestContext context{
      .request = unread, .peer_address = "192.0.2.1", .now = clock.now()};
  const auto refuse = [&](http::Problem problem) {
    return router().refuse(context, Route::other, {.problem = problem}).status;
  };
  EXPECT_EQ(refuse(http::Problem::overloaded), 503) << "our own fault is not charged";
  EXPECT_EQ(refuse(http::Problem::version_not_supported), 505);
  EXPECT_EQ(refuse(http::Problem::bad_request), 429);
  EXPECT_EQ(refuse(http::Problem::overloaded), 503);
}

TEST_F(RouterTest, PreflightsOfAnAddressHaveARateOfTheirOwn) {
  auto limit = limiter(2, 1min);
  dependencies.preflights_per_address = &limit;
  const Call preflight{.method = "OPTIONS", .fields = {{"Origin", kOrigin}}};
  EXPECT_EQ(send(preflight).status, 204);
  EXPECT_EQ(send({.method = "OPTIONS", .target = "*"}).status, 204);
  const auto reply = send(preflight);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(reply.field("Access-Control-Allow-Origin"), kOrigin);
  EXPECT_TRUE(reply.close);
  EXPECT_EQ(send({.method = "OPTIONS", .target = "*"}).status, 429);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(
        send({.method = "OPTIONS", .target = "*", .listener = edge::ListenerRole::admin}).status,
        204);
  }
  EXPECT_EQ(send({.method = "OPTIONS", .peer = "192.0.2.2"}).status, 204);
}

TEST_F(RouterTest, TheServerAsAWholeSaysWhatItCanDo) {
  const auto reply = send({.method = "OPTIONS", .target = "*"});
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(reply.field("Allow"), "GET, HEAD, POST, OPTIONS");
}

TEST_F(RouterTest, PlainGetOnAWebSocketPathIsUpgradeRequired) {
  for (const char* target :
       {"/ws", "/ws?ticket=00112233445566778899aabbccddeeff", "/connection/websocket"}) {
    const auto reply = send({.method = "GET", .target = target});
    EXPECT_EQ(reply.status, 426);
    EXPECT_EQ(reply.field("Upgrade"), "websocket");
    EXPECT_TRUE(reply.close);
  }
  for (const auto& line : log.lines) EXPECT_EQ(line.find("0011"), std::string::npos) << line;
}

TEST_F(RouterTest, WebSocketPathsAreKnownByListenerAndPrefix) {
  options.prefix = "/gw";
  EXPECT_EQ(router().websocket_endpoint("/gw/ws", edge::ListenerRole::client),
            Router::Endpoint::ws);
  EXPECT_EQ(
      router().websocket_endpoint("/gw/connection/websocket", edge::ListenerRole::client_and_api),
      Router::Endpoint::connection_websocket);
  EXPECT_EQ(router().websocket_endpoint("/gw/ws", edge::ListenerRole::api), Router::Endpoint::none);
  EXPECT_EQ(router().websocket_endpoint("/gw/ws", edge::ListenerRole::admin),
            Router::Endpoint::none);
  EXPECT_EQ(router().websocket_endpoint("/ws", edge::ListenerRole::client), Router::Endpoint::none);
}

TEST_F(RouterTest, EveryAnswerCarriesTheCallersTraceIdAndIsNotStored) {
  for (const char* target : {"/auth/token", "/auth/ticket", "/nowhere"}) {
    const auto reply = send({.target = target, .fields = {{"X-Request-ID", "job-7"}}});
    EXPECT_EQ(reply.field("X-Request-ID"), "job-7") << target;
    EXPECT_EQ(reply.field("Cache-Control"), "no-store");
    if (reply.status != 200) {
      EXPECT_EQ(reply.text("trace_id"), "job-7");
    }
  }
}

TEST_F(RouterTest, RefusalsAreLoggedOnceEachAndFloodsAreNot) {
  send({.fields = {{"X-Request-ID", "job-7"}}});
  EXPECT_EQ(
      log.lines.back(),
      "http_refused { route: 'ticket', status: 401, code: 'MISSING_AUTH', traceId: 'job-7' }");
  log.lines.clear();
  for (int i = 0; i < 1000; ++i) send({});
  EXPECT_EQ(log.lines.size(), http::RefusalLog::kLinesMax - 1);
  send({.target = "/nowhere"});
  EXPECT_EQ(log.count("NOT_FOUND"), 1u);  // a flood of one kind hides no other
  advance(1s);
  send({});
  EXPECT_EQ(log.count("suppressed: 981"), 1u) << log.lines.back();
  EXPECT_EQ(metrics.log_lines_suppressed.value(), 981u);
}

TEST_F(RouterTest, RequestsAreCountedByRouteAndStatus) {
  send({});
  send({.target = "/auth/token"});
  send({.target = "/a"});
  send({.target = "/b"});
  EXPECT_EQ(route_metrics.answers[Route::ticket].value(401), 1u);
  EXPECT_EQ(route_metrics.answers[Route::token].value(200), 1u);
  EXPECT_EQ(route_metrics.answers[Route::other].value(404), 2u);
}

}  // namespace
}  // namespace usher::gateway
