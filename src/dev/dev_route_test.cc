#include "dev/dev_route.h"

#include "support/gateway_fixture.h"

namespace usher::dev {
namespace {

constexpr PageFile kFiles[] = {
    {"/", "text/html; charset=utf-8", "<p>page</p>"},
    {"/page.js", "text/javascript; charset=utf-8", "run()"},
};

class RecordingSwitches final : public DevSwitches {
 public:
  Faults faults() const override { return faults_; }
  void set(Faults faults, TimePoint) override { faults_ = faults; }
  void renew(Faults which, TimePoint now) override {
    renewed = which;
    renewed_at = now;
  }
  std::optional<std::string> token_without_session(WallTime) const override { return token; }
  bool restart() override {
    ++restarts;
    return can_restart;
  }

  std::optional<std::string> token = "a.b.c";
  Faults renewed;
  TimePoint renewed_at{};
  bool can_restart = true;
  int restarts = 0;

 private:
  Faults faults_;
};

class DevRouteTest : public gateway::GatewayTest {
 protected:
  DevRouteTest() { dependencies.dev_page = &page; }

  gateway::Reply get(const std::string& target) {
    return send({.method = "GET", .target = target, .fields = {kHost}, .peer = "127.0.0.1"});
  }
  gateway::Reply post(const std::string& target, std::string body = {}) {
    return send({.target = target,
                 .fields = {kHost, {"Origin", "http://127.0.0.1:8080"}},
                 .body = std::move(body),
                 .peer = "127.0.0.1"});
  }

  const std::pair<std::string, std::string> kHost{"Host", "127.0.0.1:8080"};
  RecordingSwitches switches;
  DevPage page{kFiles, switches};
};

TEST_F(DevRouteTest, WithoutDevNothingOfItIsThere) {
  dependencies.dev_page = nullptr;
  for (const char* target : {"/", "/page.js", "/dev/faults", "/dev/upstreams", "/dev/token",
                             "/dev/publish", "/dev/restart"}) {
    EXPECT_EQ(get(target).code(), "NOT_FOUND") << target;
    EXPECT_EQ(post(target).code(), "NOT_FOUND") << target;
  }
}

TEST_F(DevRouteTest, FilesComeWithAPolicyThatAllowsNothingFromElsewhereAndNothingInline) {
  for (const PageFile& file : kFiles) {
    const auto reply = get(std::string(file.path));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, file.body);
    EXPECT_EQ(reply.field("Content-Type"), file.content_type);
    const std::string policy = reply.field("Content-Security-Policy");
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
    EXPECT_TRUE(policy.starts_with("default-src 'none'")) << policy;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << policy;
    EXPECT_EQ(reply.field("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(reply.field("Cache-Control"), "no-store");
    EXPECT_EQ(reply.fields.count("Access-Control-Allow-Origin"), 0u);
  }
  EXPECT_EQ(get("/page.css").status, 404);
  EXPECT_EQ(post("/").field("Allow"), "GET, HEAD");
}

TEST_F(DevRouteTest, OnlyTheClientsListenerHasIt) {
  for (const edge::ListenerRole listener : {edge::ListenerRole::admin, edge::ListenerRole::api}) {
    EXPECT_EQ(send({.method = "GET",
                    .target = "/",
                    .fields = {kHost},
                    .listener = listener,
                    .peer = "127.0.0.1"})
                  .status,
              404);
  }
}

TEST_F(DevRouteTest, ThePrefixIsPartOfItsPaths) {
  options.prefix = "/gw";
  EXPECT_EQ(get("/gw/").status, 200);
  EXPECT_EQ(get("/gw/dev/faults").status, 200);
  EXPECT_EQ(get("/gw/dev/upstreams").status, 200);
  EXPECT_EQ(get("/").status, 404);
  EXPECT_EQ(get("/dev/upstreams").status, 404);
}

TEST_F(DevRouteTest, FaultsAreSetOneByOneAndReadTogether) {
  EXPECT_EQ(get("/dev/faults").body, R"({"store_down":false,"origin_blocked":false})");
  EXPECT_EQ(post("/dev/faults", R"({"store_down":true})").body,
            R"({"store_down":true,"origin_blocked":false})");
  EXPECT_EQ(post("/dev/faults", R"({"origin_blocked":true})").status, 200);
  EXPECT_EQ(switches.faults(), (DevSwitches::Faults{.store_down = true, .origin_blocked = true}));
  EXPECT_EQ(post("/dev/faults", R"({"store_down":false})").status, 200);
  EXPECT_EQ(get("/dev/faults").body, R"({"store_down":false,"origin_blocked":true})");

  // A renewal says what is on, and switches nothing.
  EXPECT_EQ(post("/dev/faults", R"({"store_down":true,"renew":true})").body,
            R"({"store_down":false,"origin_blocked":true})");
  EXPECT_EQ(switches.renewed, (DevSwitches::Faults{.store_down = true}));
  EXPECT_EQ(switches.renewed_at, clock.now());
}

TEST_F(DevRouteTest, FaultsThatCantBeReadChangeNothing) {
  for (const char* body : {"", "[]", "{", R"({"store_down":1})", R"({"store_down":"true"})"}) {
    EXPECT_EQ(post("/dev/faults", body).code(), "BAD_REQUEST") << body;
  }
  EXPECT_EQ(switches.faults(), DevSwitches::Faults{});
}

TEST_F(DevRouteTest, NothingIsChangedForAForeignPageOrAnotherMachine) {
  const std::string body = R"({"store_down":true,"session":"s1","data":1})";
  for (const char* target : {"/dev/faults", "/dev/token", "/dev/publish", "/dev/restart"}) {
    const auto foreign = send({.target = target,
                               .fields = {kHost, {"Origin", "https://evil.example"}},
                               .body = body,
                               .peer = "127.0.0.1"});
    EXPECT_EQ(foreign.code(), "ORIGIN_BLOCKED") << target;
    EXPECT_EQ(foreign.fields.count("Access-Control-Allow-Origin"), 0u);
    const auto without =
        send({.target = target, .fields = {kHost}, .body = body, .peer = "127.0.0.1"});
    EXPECT_EQ(without.code(), "ORIGIN_BLOCKED") << target;
    const auto rebound =
        send({.target = target,
              .fields = {{"Host", "evil.example:8080"}, {"Origin", "http://evil.example:8080"}},
              .body = body,
              .peer = "127.0.0.1"});
    EXPECT_EQ(rebound.code(), "ORIGIN_BLOCKED") << target;
    const auto neighbour = send({.target = target,
                                 .fields = {kHost, {"Origin", "http://127.0.0.1:8080"}},
                                 .body = body,
                                 .peer = "192.0.2.1"});
    EXPECT_EQ(neighbour.code(), "ORIGIN_BLOCKED") << target;
    EXPECT_EQ(send({.method = "OPTIONS", .target = target, .fields = {kHost}, .peer = "127.0.0.1"})
                  .status,
              405);
  }
  EXPECT_EQ(switches.faults(), DevSwitches::Faults{});
  EXPECT_EQ(switches.restarts, 0);
  EXPECT_TRUE(broker.published.empty());
}

TEST_F(DevRouteTest, TheUpstreamsAreListedInTheirOrder) {
  EXPECT_EQ(get("/dev/upstreams").body, R"({"upstreams":[]})");
  page.upstreams = {{"board", "/board", "http://127.0.0.1:3000/socket"},
                    {"app", "/app/*", "unix:/run/a\"b.sock:/"}};
  const auto reply = get("/dev/upstreams");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Type"), "application/json");
  EXPECT_EQ(reply.field("Cache-Control"), "no-store");
  EXPECT_EQ(
      reply.body,
      R"({"upstreams":[{"name":"board","path":"/board","url":"http://127.0.0.1:3000/socket"},)"
      R"({"name":"app","path":"/app/*","url":"unix:/run/a\"b.sock:/"}]})");
  EXPECT_EQ(post("/dev/upstreams").field("Allow"), "GET");
}

TEST_F(DevRouteTest, WhatIsReadIsReadByNoForeignPageAndOnNoOtherMachine) {
  for (const char* target : {"/dev/faults", "/dev/upstreams"}) {
    const auto read = [&](const char* host, const char* origin, const char* peer) {
      return send({.method = "GET",
                   .target = target,
                   .fields = {{"Host", host}, {"Origin", origin}},
                   .peer = peer});
    };
    EXPECT_EQ(read("127.0.0.1:8080", "http://127.0.0.1:8080", "127.0.0.1").status, 200) << target;
    EXPECT_EQ(read("127.0.0.1:8080", "https://evil.example", "127.0.0.1").code(), "ORIGIN_BLOCKED")
        << target;
    EXPECT_EQ(read("evil.example:8080", "http://evil.example:8080", "127.0.0.1").code(),
              "ORIGIN_BLOCKED")
        << target;
    EXPECT_EQ(read("127.0.0.1:8080", "http://127.0.0.1:8080", "192.0.2.1").code(), "ORIGIN_BLOCKED")
        << target;
  }
}

TEST_F(DevRouteTest, ATokenWithoutASessionWhereWeCanSign) {
  EXPECT_EQ(post("/dev/token").body, R"({"token":"a.b.c","expires_in":60})");
  switches.token.reset();
  EXPECT_EQ(post("/dev/token").status, 404);
}

TEST_F(DevRouteTest, PublishesToASessionByteForByte) {
  EXPECT_EQ(post("/dev/publish", R"({"session":"s1","data":{"a":[1, 2.50]}})").body, "{}");
  ASSERT_EQ(broker.published.size(), 1u);
  EXPECT_EQ(broker.published[0].channel, "session:s1");
  EXPECT_EQ(broker.published[0].data, R"({"a":[1, 2.50]})");
}

TEST_F(DevRouteTest, WhatCantBePublishedIsSaid) {
  options.message_bytes_max = 4096;
  for (const char* body : {"", "1", R"({"data":1})", R"({"session":"s1"})",
                           R"({"session":"","data":1})", R"({"session":"s1","data":tru})"}) {
    EXPECT_EQ(post("/dev/publish", body).code(), "BAD_REQUEST") << body;
  }
  const auto of_bytes = [](std::size_t bytes) {
    return R"({"session":"s1","data":")" + std::string(bytes - 2, 'x') + "\"}";
  };
  EXPECT_EQ(post("/dev/publish", of_bytes(4096)).status, 200);
  EXPECT_EQ(post("/dev/publish", of_bytes(4097)).code(), "TOO_LARGE");
  broker.error = hub::Error::internal;
  EXPECT_EQ(post("/dev/publish", R"({"session":"s1","data":1})").code(), "INTERNAL_ERROR");
}

TEST_F(DevRouteTest, RestartIsAskedForOnceAndRefusedWhereThereIsNone) {
  EXPECT_EQ(post("/dev/restart").status, 200);
  EXPECT_EQ(switches.restarts, 1);
  switches.can_restart = false;
  EXPECT_EQ(post("/dev/restart").code(), "NOT_FOUND");
}

}  // namespace
}  // namespace usher::dev
