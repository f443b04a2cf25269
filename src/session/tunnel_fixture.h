// One shard's tunnels in virtual time, with outlets that record what their sessions order.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hub/parts_fixture.h"
#include "session/session_fixture.h"
#include "session/tunnel_session.h"

namespace usher::session {

inline constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
inline constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
inline constexpr std::string_view kTraceparent =
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

// Records what a tunnel's session orders, and checks that it orders nothing that it may not.
class RecordingTunnelOutlet final : public edge::TunnelOutlet {
 public:
  void dial(std::size_t to, std::string request) override {
    EXPECT_FALSE(dialled) << "to be called once";
    EXPECT_FALSE(ended);
    dialled = to;
    asked = std::move(request);
  }
  void open(std::string switching_protocols) override {
    EXPECT_TRUE(dialled);
    EXPECT_TRUE(switched.empty()) << "something has been sent to the client";
    EXPECT_FALSE(ended);
    switched = std::move(switching_protocols);
    is_open = true;
  }
  void refuse(std::string switching_protocols, const wire::CloseReason& reason) override {
    EXPECT_TRUE(switched.empty()) << "something has been sent to the client";
    EXPECT_FALSE(ended);
    switched = std::move(switching_protocols);
    refused = ended = {reason.code, std::string(reason.reason)};
  }
  void close(const wire::CloseReason& reason) override {
    EXPECT_TRUE(is_open);
    EXPECT_FALSE(ended);
    closed = ended = {reason.code, std::string(reason.reason)};
  }
  void wake() override { awake = true; }
  void set_deadline(std::optional<TimePoint> at) override { deadline = at; }

  std::optional<std::size_t> dialled;
  std::string asked;
  std::string switched;  // the 101
  bool is_open = false;
  std::optional<RecordingOutlet::Close> refused, closed, ended;
  std::optional<TimePoint> deadline;
  bool awake = false;
};

class RecordingTunnelObserver final : public TunnelObserver {
 public:
  void on_answer(std::size_t upstream, doors::UpstreamResult result, Duration took) override {
    answers.push_back({upstream, result});
    last_took = took;
  }
  void on_closed(std::size_t upstream) override { closed.push_back(upstream); }
  void on_passed(std::size_t upstream, edge::Direction direction, std::size_t bytes) override {
    passed.push_back({upstream, direction, bytes});
  }
  struct Answer {
    std::size_t upstream;
    doors::UpstreamResult result;
    friend bool operator==(const Answer&, const Answer&) = default;
  };
  struct Passed {
    std::size_t upstream;
    edge::Direction direction;
    std::size_t bytes;
    friend bool operator==(const Passed&, const Passed&) = default;
  };
  std::vector<Answer> answers;
  std::vector<std::size_t> closed;
  std::vector<Passed> passed;
  Duration last_took{};
};

class ToldHooks final : public Hooks {
 public:
  bool has(Hook) const override { return false; }
  void ask(const HookEvent&, UniqueFunction<void(HookAnswer)>) override { FAIL(); }
  void tell(const HookEvent& event) override {
    std::string text = event.kind == HookEvent::Kind::connected ? "connected" : "disconnected";
    text.append(" ").append(event.session).append("/").append(event.user);
    if (event.code != 0) text.append(" " + std::to_string(event.code) + " ").append(event.reason);
    events.push_back(std::move(text));
    clients.insert(std::string(event.client));
  }
  std::vector<std::string> events;
  std::set<std::string> clients;
};

// A tunnel's session with its outlet, as net/tunnel.h holds it.
struct TunnelPeer {
  TunnelPeer(TunnelDependencies& dependencies, std::size_t upstream)
      : session(std::make_unique<TunnelSession>(outlet, dependencies, upstream)) {}

  // Returns the value of a field of the request to the upstream; "(none)" if it is not there.
  std::string asked(const std::string& name) const {
    const auto at = outlet.asked.find("\r\n" + name + ": ");
    if (at == std::string::npos) return "(none)";
    const auto from = at + name.size() + 4;
    return outlet.asked.substr(from, outlet.asked.find("\r\n", from) - from);
  }
  std::string selected() const {
    constexpr std::string_view kField = "\r\nSec-WebSocket-Protocol: ";
    const auto at = outlet.switched.find(kField);
    if (at == std::string::npos) return "";
    const auto from = at + kField.size();
    return outlet.switched.substr(from, outlet.switched.find("\r\n", from) - from);
  }

  RecordingTunnelOutlet outlet;
  std::unique_ptr<TunnelSession> session;
};

enum Server : std::size_t { kBoard, kUsersOnly, kEndsWithToken, kTold };

inline doors::UpstreamTable upstream_table() {
  std::vector<doors::Upstream> all;
  for (const char* name : {"board", "users_only", "ends_with_token", "told"}) {
    doors::Upstream upstream;
    upstream.name = name;
    upstream.path = std::string("/") + name;
    upstream.target = "/socket";
    upstream.authority = "127.0.0.1:3000";
    all.push_back(std::move(upstream));
  }
  all[kUsersOnly].who = doors::Who::users;
  all[kEndsWithToken].end_with_token = true;
  all[kTold].identity =
      doors::IdentityHeaders({.claims = {"org"},
                              .audience = "told",
                              .secret = auth::secret_key("0123456789abcdef0123456789abcdef")});
  return doors::UpstreamTable(std::move(all));
}

struct How {
  std::size_t upstream = kBoard;
  std::optional<std::string_view> origin = kOrigin;
  wire::TicketOffer ticket_offer = wire::TicketOffer::one;
  std::string protocols = "usher.refused, usher.accepted, chat";
};

class TunnelSessionTest : public SessionTest {
 protected:
  TunnelSessionTest() { dependencies.hooks = &hooks; }

  SessionDependencies dependencies_with(ticket::TicketStore& store, hub::Hub& at) {
    return {.options = options,
            .hub = at,
            .tickets = store,
            .origins = origins,
            .revocations = revocations,
            .tokens = nullptr,
            .hooks = &hooks,
            .wall_clock = wall_clock,
            .log = log,
            .reject_log = reject_log,
            .observer = observer,
            .json = json,
            .commands = commands};
  }

  // Without the turn that follows.
  std::unique_ptr<TunnelPeer> begin(TunnelDependencies& with, std::string_view ticket_text,
                                    const How& how = {}) {
    auto peer = std::make_unique<TunnelPeer>(with, how.upstream);
    const std::string path = upstreams[how.upstream].path;
    const std::string target = path + "?ticket=" + std::string(ticket_text) + "&room=7";
    wire::HttpRequest request;
    request.method = "GET";
    request.target = target;
    request.fields = {{"Host", "gw.example"}, {"X-Usher-User", "eve"}};
    if (!how.protocols.empty()) {
      request.fields.push_back({"Sec-WebSocket-Protocol", how.protocols});
    }
    peer->session->begin({.request = request,
                          .opening = {.endpoint = edge::Endpoint::tunnel,
                                      .origin = how.origin,
                                      .ticket_offer = how.ticket_offer,
                                      .ticket = ticket_text,
                                      .peer_address = "192.0.2.7"},
                          .key = kKey},
                         path, kTraceparent, clock.now());
    return peer;
  }
  void run(TunnelPeer& peer) {
    while (std::exchange(peer.outlet.awake, false) && !peer.outlet.ended) {
      peer.session->on_turn(clock.now());
    }
  }
  // Up to the order to dial, or the refusal.
  std::unique_ptr<TunnelPeer> dialling(ticket::Grant grant, const How& how = {}) {
    auto peer = begin(tunnels, ticket(std::move(grant)), how);
    run(*peer);
    return peer;
  }
  std::unique_ptr<TunnelPeer> live(ticket::Grant grant, const How& how = {}) {
    auto peer = dialling(std::move(grant), how);
    answer(*peer, good());
    EXPECT_TRUE(peer->outlet.is_open);
    return peer;
  }
  void answer(TunnelPeer& peer, const wire::HttpAnswer& said) {
    peer.session->on_answer(said, clock.now());
  }
  static wire::HttpAnswer good() {
    return {.status = 101,
            .fields = {{"Upgrade", "websocket"},
                       {"Connection", "Upgrade"},
                       {"Sec-WebSocket-Accept", std::string(kAccept)}}};
  }
  static std::string client_of(const TunnelPeer& peer) { return peer.asked("X-Usher-Client"); }
  static hub::DisconnectOrder disconnect(hub::Target target) {
    return {.target = std::move(target)};
  }
  // Everything that came is gone again, and was counted so.
  void expect_nothing_left() {
    EXPECT_EQ(hub.connections(), 0u);
    const auto opened = std::count_if(
        tunnel_observer.answers.begin(), tunnel_observer.answers.end(),
        [](const auto& answer) { return answer.result == doors::UpstreamResult::opened; });
    EXPECT_EQ(static_cast<std::size_t>(opened), tunnel_observer.closed.size());
  }

  ToldHooks hooks;
  test::RecordingLog reject_log;
  const doors::UpstreamTable upstreams = upstream_table();
  RecordingTunnelObserver tunnel_observer;
  SessionDependencies usual = dependencies_with(tickets, hub);
  TunnelDependencies tunnels{usual, upstreams, tunnel_observer};

  LateTicketStore late_store;
  SessionDependencies with_late_store = dependencies_with(late_store, hub);
  TunnelDependencies late_tunnels{with_late_store, upstreams, tunnel_observer};

  hub::NotedBroker broker;
  hub::Hub noted_hub{{}, rules, broker, clock, wall_clock, entropy};
  SessionDependencies with_noted_hub = dependencies_with(tickets, noted_hub);
  TunnelDependencies noted_tunnels{with_noted_hub, upstreams, tunnel_observer};
};

}  // namespace usher::session
