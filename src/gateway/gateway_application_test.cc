#include "gateway/gateway_application.h"

#include "gateway/session_metrics.h"
#include "gateway/upstream_metrics.h"
#include "http/refusal_log.h"
#include "hub/hub.h"
#include "support/gateway_fixture.h"

namespace usher::gateway {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

doors::UpstreamTable upstream_table() {
  std::vector<doors::Upstream> all;
  for (const char* path : {"/chat", "/board/*", "/board"}) {
    doors::Upstream upstream;
    upstream.name = path;
    upstream.path = path;
    upstream.target = "/socket";
    upstream.authority = "127.0.0.1:3000";
    all.push_back(std::move(upstream));
  }
  return doors::UpstreamTable(std::move(all));
}

class DialledOutlet final : public edge::TunnelOutlet {
 public:
  void dial(std::size_t to, std::string request) override {
    dialled = to;
    asked = std::move(request);
  }
  void open(std::string) override { FAIL(); }
  void refuse(std::string, const wire::CloseReason& reason) override {
    ADD_FAILURE() << reason.reason;
  }
  void close(const wire::CloseReason&) override { FAIL(); }
  void wake() override {}
  void set_deadline(std::optional<TimePoint>) override {}
  std::optional<std::size_t> dialled;
  std::string asked;
};

// The parameter is http.prefix.
class GatewayApplicationTest : public GatewayTest, public testing::WithParamInterface<const char*> {
 protected:
  GatewayApplicationTest() {
    options.prefix = GetParam();
    dependencies.upstreams = &upstreams;
  }

  GatewayApplication& application() {
    if (!application_) {
      application_.emplace(GatewayParts{.router = router(),
                                        .gate = gate,
                                        .sessions = sessions,
                                        .tunnels = tunnels,
                                        .hub = hub,
                                        .metrics = metrics,
                                        .entropy = entropy,
                                        .housekeeping = {}});
    }
    return *application_;
  }
  std::optional<edge::Endpoint> endpoint_of(
      const std::string& target, edge::ListenerRole listener = edge::ListenerRole::client_and_api) {
    const Call call{.method = "GET", .target = target};
    return application().endpoint(request_of(call), listener);
  }
  // Returns the status of the refusal; 0 if there is none.
  int admitted(const std::string& target) {
    const Call call{.method = "GET", .target = target};
    const wire::HttpRequest request = request_of(call);
    const auto refusal = application().admit(context_of(call, request), true);
    return refusal ? refusal->status : 0;
  }

  const doors::UpstreamTable upstreams = upstream_table();
  hub::ChannelRules rules{{}};
  hub::Hub hub{{}, rules, broker, clock, wall_clock, entropy};
  SessionMetrics observer{metrics};
  UpstreamMetrics counts{upstreams.size()};
  wire::JsonReader json;
  wire::CommandReader commands{json};
  session::SessionOptions session_options;
  session::SessionDependencies sessions{.options = session_options,
                                        .hub = hub,
                                        .tickets = chosen_store,
                                        .origins = origins,
                                        .revocations = revocations,
                                        .tokens = nullptr,
                                        .wall_clock = wall_clock,
                                        .log = log,
                                        .reject_log = log,
                                        .observer = observer,
                                        .json = json,
                                        .commands = commands};
  session::TunnelDependencies tunnels{sessions, upstreams, counts};
  http::RefusalLog refusals{log, metrics};
  UpgradeGate gate{{}, {node, metrics, route_metrics[Route::websocket], refusals}};

 private:
  std::optional<GatewayApplication> application_;
};

INSTANTIATE_TEST_SUITE_P(Prefixes, GatewayApplicationTest, testing::Values("", "/gw"));

TEST_P(GatewayApplicationTest, UpgradesGoToTheEndpointOfTheirPath) {
  const std::string prefix = GetParam();
  struct Row {
    const char* path;
    std::optional<edge::Endpoint> endpoint;
  };
  for (const Row& row :
       {Row{"/ws", edge::Endpoint::ws}, Row{"/connection/websocket", edge::Endpoint::sdk},
        Row{"/board", edge::Endpoint::tunnel}, Row{"/board/a?ticket=T", edge::Endpoint::tunnel},
        Row{"/chat", edge::Endpoint::tunnel}, Row{"/chat/a", {}}, Row{"/boards", {}},
        Row{"/auth/ticket", {}}}) {
    EXPECT_EQ(endpoint_of(prefix + row.path), row.endpoint) << prefix << row.path;
  }
  EXPECT_EQ(endpoint_of("/other/board"), std::nullopt);
  for (const auto listener : {edge::ListenerRole::api, edge::ListenerRole::admin}) {
    EXPECT_EQ(endpoint_of(prefix + "/board", listener), std::nullopt);
  }
}

TEST_P(GatewayApplicationTest, OfAnUpstreamsPathWithADotSegmentNothingIsServed) {
  const std::string prefix = GetParam();
  for (const char* path : {"/board/..", "/board/../chat", "/board/./a", "/board/%2e%2e/admin",
                           "/board/%252e%252e/admin", "/board/a%2f..%2f..", "/board/..\\a",
                           "/board/..;x/a", "/board/a/..?ticket=T"}) {
    EXPECT_EQ(admitted(prefix + path), 400) << prefix << path;
  }
  EXPECT_EQ(node.connections.load(), 0u) << "what is refused is not counted as a connection";
  for (const char* path : {"/board", "/board/a..b", "/board/...", "/board/a?x=../..", "/ws"}) {
    EXPECT_EQ(admitted(prefix + path), 0) << prefix << path;
    application().release();
  }
}

TEST_P(GatewayApplicationTest, ATunnelGoesToTheUpstreamOfItsPathBehindThePrefix) {
  struct Row {
    std::string path;
    std::size_t upstream;
    std::string target;
  };
  const std::string prefix = GetParam();
  for (const Row& row : {Row{"/chat", 0, "/socket"}, Row{"/board/a/b", 1, "/socket/a/b"},
                         Row{"/board", 2, "/socket"}}) {
    const ticket::Ticket minted = ticket::mint(entropy);
    ticket::Grant grant;
    grant.session = "s1";
    grant.token_exp = unix_now() + 60;
    store.put(ticket::hash(minted.text), grant, std::chrono::seconds(30), [](auto) {});
    constexpr const char* kTraceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const Call call{.method = "GET",
                    .target = prefix + row.path + "?ticket=" + minted.text,
                    .fields = {{"Host", "gw.example"}, {"traceparent", kTraceparent}}};
    const wire::HttpRequest request = request_of(call);
    DialledOutlet outlet;
    const auto session =
        application().open_tunnel(outlet,
                                  {.request = request,
                                   .opening = {.endpoint = edge::Endpoint::tunnel,
                                               .ticket_offer = wire::TicketOffer::one,
                                               .ticket = minted.text,
                                               .peer_address = "192.0.2.7"},
                                   .key = kKey},
                                  clock.now());
    session->on_turn(clock.now());
    EXPECT_EQ(outlet.dialled, row.upstream) << prefix << row.path;
    EXPECT_TRUE(outlet.asked.starts_with("GET " + row.target + " HTTP/1.1\r\n")) << outlet.asked;
    EXPECT_NE(outlet.asked.find(std::string("\r\ntraceparent: ") + kTraceparent + "\r\n"),
              std::string::npos);
    EXPECT_NE(outlet.asked.find("\r\nX-Usher-Session: s1\r\n"), std::string::npos);
    session->on_closed({1006, ""});
  }
}

}  // namespace
}  // namespace usher::gateway
