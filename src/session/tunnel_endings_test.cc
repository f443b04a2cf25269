// How a tunnel ends, and what the backend orders.
#include <set>

#include "session/tunnel_fixture.h"

namespace usher::session {
namespace {

using namespace std::chrono_literals;
using Close = RecordingOutlet::Close;
using Strings = std::vector<std::string>;

// ---- the end, in each state ----

enum class Until { opening, joining, before_dialling, dialling, live };
constexpr Until kUntil[] = {Until::opening, Until::joining, Until::before_dialling, Until::dialling,
                            Until::live};

class TunnelEndTest : public TunnelSessionTest {
 protected:
  // Personal channels of the noted hub are answered when the test says so.
  std::unique_ptr<TunnelPeer> reached(Until until, ticket::Grant who) {
    broker.answers = true;
    switch (until) {
      case Until::opening:
        return begin(late_tunnels, std::string(32, '0'));
      case Until::joining:
        broker.answers = false;
        return begin(noted_tunnels, ticket(std::move(who)));
      case Until::before_dialling:
        return begin(noted_tunnels, ticket(std::move(who)));
      case Until::dialling:
      case Until::live: {
        auto peer = begin(noted_tunnels, ticket(std::move(who)));
        run(*peer);
        if (until == Until::live) answer(*peer, good());
        return peer;
      }
    }
    return nullptr;
  }
  // What still comes after the end changes nothing.
  void let_the_rest_come(TunnelPeer& peer) {
    for (auto& done : std::exchange(late_store.waiting, {})) {
      done(ticket::Redeemed{ticket::RedeemOutcome::ok, grant(), {}});
    }
    broker.answer();
    peer.session->on_answer(good(), clock.now());
    peer.session->on_answer({.status = 503, .fields = {}}, clock.now());
    peer.session->on_unreachable({edge::Unreachable::Why::refused, "late"}, clock.now());
    peer.session->on_deadline(clock.now());
    peer.session->on_turn(clock.now());
    peer.session->on_idle(clock.now());
    peer.session->on_shutdown({});
    peer.session->on_closed({1006, ""});
  }
  void expect_ended(TunnelPeer& peer, Until until, const std::optional<Close>& told) {
    const bool was_live = until == Until::live;
    EXPECT_EQ(peer.outlet.closed, was_live ? told : std::nullopt);
    EXPECT_EQ(peer.outlet.refused, was_live ? std::nullopt : told);
    if (told && !was_live) {
      EXPECT_EQ(peer.selected(), "usher.refused");
    }
    EXPECT_EQ(peer.outlet.dialled.has_value(), until >= Until::dialling);
    EXPECT_EQ(noted_hub.connections(), 0u);
    EXPECT_EQ(tunnel_observer.closed.size(), was_live ? 1u : 0u);
    EXPECT_EQ(observer.connected, was_live ? 1 : 0);
    EXPECT_EQ(observer.abandoned, was_live ? 0 : 1);
    EXPECT_EQ(observer.closed, 1);
    EXPECT_EQ(hooks.events.size(), was_live ? 2u : 0u);
    EXPECT_EQ(log.count("websocket_disconnected"), was_live ? 1u : 0u);
  }
  void forget() {
    tunnel_observer = {};
    hooks.events.clear();
    log.lines.clear();
    observer.connected = observer.abandoned = observer.closed = 0;
  }
};

TEST_F(TunnelEndTest, AtShutdownEachIsToldOnce) {
  for (const Until until : kUntil) {
    SCOPED_TRACE(static_cast<int>(until));
    forget();
    const auto peer = reached(until, grant());
    peer->session->on_shutdown(1s);
    const Close told{1001, "SERVER_SHUTDOWN"};
    expect_ended(*peer, until, told);
    let_the_rest_come(*peer);
    expect_ended(*peer, until, told);
  }
}

TEST_F(TunnelEndTest, AClientThatLeavesIsToldNothing) {
  for (const Until until : kUntil) {
    SCOPED_TRACE(static_cast<int>(until));
    forget();
    const auto peer = reached(until, grant());
    peer->session->on_closed({1006, ""});
    expect_ended(*peer, until, {});
    let_the_rest_come(*peer);
    expect_ended(*peer, until, {});
  }
}

// Revocation, /api/disconnect and the limit are all such an order.
TEST_F(TunnelEndTest, AnOrderToDisconnectEndsItInATurnOfItsOwnWhereverItStands) {
  for (const Until until : {Until::joining, Until::before_dialling, Until::dialling, Until::live}) {
    for (const Close& told :
         {Close{3520, "SESSION_REVOKED"}, Close{3503, "FORCE_DISCONNECT"}, Close{4321, "own"}}) {
      SCOPED_TRACE(static_cast<int>(until));
      forget();
      const auto peer = reached(until, grant());
      const auto ordered = noted_hub.on_order(hub::DisconnectOrder{
          .target = {.session = "s1"}, .code = told.code, .reason = told.reason});
      EXPECT_EQ(ordered.connections, 1u);
      noted_hub.on_order(hub::DisconnectOrder{.target = {.session = "s1"}});
      EXPECT_FALSE(peer->outlet.ended) << "the hub is in the middle of an operation";
      EXPECT_TRUE(peer->outlet.awake);
      run(*peer);
      expect_ended(*peer, until, told);
      let_the_rest_come(*peer);
      expect_ended(*peer, until, told);
    }
  }
}

// The join is answered, or the upstream, before the turn in which the order is carried out.
TEST_F(TunnelEndTest, AnOrderThatCameBeforeTheAnswerWins) {
  const Close told{3520, "SESSION_REVOKED"};
  const hub::DisconnectOrder order{
      .target = {.session = "s1"}, .code = told.code, .reason = told.reason};
  const auto joining = reached(Until::joining, grant());
  noted_hub.on_order(order);
  broker.answer();
  run(*joining);
  expect_ended(*joining, Until::joining, told);

  for (const bool is_reachable : {true, false}) {
    forget();
    const auto dialling = reached(Until::dialling, grant());
    noted_hub.on_order(order);
    if (is_reachable) {
      answer(*dialling, good());
    } else {
      dialling->session->on_unreachable({edge::Unreachable::Why::refused, "no"}, clock.now());
    }
    EXPECT_TRUE(dialling->outlet.switched.empty()) << "no byte passes for who is revoked";
    run(*dialling);
    expect_ended(*dialling, Until::dialling, told);
  }
}

TEST_F(TunnelEndTest, WhatIsDestroyedHasLeftTheHub) {
  for (const Until until : kUntil) {
    reached(until, grant());
    EXPECT_EQ(noted_hub.connections(), 0u) << static_cast<int>(until);
    broker.answer();
    for (auto& done : std::exchange(late_store.waiting, {})) {
      done(ticket::Redeemed{ticket::RedeemOutcome::ok, grant(), {}});
    }
  }
}

// ---- the backend's orders ----

TEST_F(TunnelSessionTest, TheBackendFindsATunnelByEachOfItsNames) {
  const auto target = [](const TunnelPeer& peer, int which) -> hub::Target {
    switch (which) {
      case 0:
        return {.session = "s1"};
      case 1:
        return {.user = "ada"};
      case 2:
        return {.jti = "j1"};
      default:
        return {.client = client_of(peer)};
    }
  };
  for (int which = 0; which < 4; ++which) {
    ticket::Grant ada = grant();
    ada.user = "ada";
    ada.jti = "j1";
    const auto peer = live(ada);
    EXPECT_EQ(hub.on_order(disconnect({.session = "s2"})).connections, 0u);
    EXPECT_EQ(hub.on_order(disconnect(target(*peer, which))).connections, 1u) << which;
    run(*peer);
    EXPECT_EQ(peer->outlet.closed, (Close{3503, "FORCE_DISCONNECT"}));
    EXPECT_EQ(hooks.events.back(), "disconnected s1/ada 3503 FORCE_DISCONNECT");
  }
  expect_nothing_left();
}

TEST_F(TunnelSessionTest, TooManyConnectionsEndTheOldest) {
  hub::MemoryBrokers strict({.connections_per_session_max = 2}, rules, clock, entropy, post, 1);
  hub::Hub small{{}, rules, strict.broker(0), clock, wall_clock, entropy};
  SessionDependencies with_small = dependencies_with(tickets, small);
  TunnelDependencies small_tunnels{with_small, upstreams, tunnel_observer};
  std::vector<std::unique_ptr<TunnelPeer>> all;
  for (int i = 0; i < 3; ++i) {
    all.push_back(begin(small_tunnels, ticket(grant())));
    run(*all.back());
    answer(*all.back(), good());
    advance(1s);
  }
  for (const auto& peer : all) run(*peer);
  EXPECT_EQ(all[0]->outlet.closed, (Close{3504, "CONNECTION_LIMIT"}));
  EXPECT_FALSE(all[1]->outlet.ended);
  EXPECT_FALSE(all[2]->outlet.ended);
  EXPECT_EQ(small.connections(), 2u);
}

TEST_F(TunnelSessionTest, ATunnelSubscribesToNothing) {
  ticket::Grant rich = grant();
  rich.channels = {"open:a", "open:*"};
  rich.subs = R"({"open:b":{}})";
  const auto peer = live(rich);
  EXPECT_EQ(hub.subscriptions(), 0u);
  const hub::SubscribeOrder order{.target = {.session = "s1"}, .channel = "open:c"};
  EXPECT_EQ(hub.on_order(order).connections, 0u);
  std::optional<hub::OrderAnswer> told;
  hub.carry_out(order, [&](const hub::OrderAnswer& answer) { told = answer; });
  ASSERT_TRUE(told);
  EXPECT_EQ(told->connections, 0u);
  hub.on_order(hub::UnsubscribeOrder{.target = {.session = "s1"}, .channel = ""});
  run(*peer);
  EXPECT_EQ(hub.subscriptions(), 0u);
  EXPECT_FALSE(peer->outlet.ended);
}

TEST_F(TunnelSessionTest, APublicationToItsPersonalChannelLeavesATunnelAlone) {
  const auto peer = live(grant());
  const auto other = connected();
  engine.broker(0).publish({.channel = "session:s1", .data = "7"}, [](auto) {});
  run(*peer);
  EXPECT_FALSE(peer->outlet.ended);
  EXPECT_NE(other->last().find(R"("data":7)"), std::string::npos) << other->last();
}

// ---- the token's end ----

TEST_F(TunnelSessionTest, ATunnelEndsWithItsTokenWhereTheUpstreamSaysSo) {
  for (const std::size_t upstream : {std::size_t{kBoard}, std::size_t{kEndsWithToken}}) {
    ticket::Grant brief = grant();
    brief.token_exp = unix_seconds(wall_clock.now()) + 60;
    const auto peer = live(brief, {.upstream = upstream});
    const bool ends = upstream == kEndsWithToken;
    EXPECT_EQ(peer->outlet.deadline, ends ? std::optional(clock.now() + 60s) : std::nullopt);
    advance(59s);
    peer->session->on_deadline(clock.now());
    EXPECT_FALSE(peer->outlet.ended) << "one second is left";
    EXPECT_EQ(peer->outlet.deadline.has_value(), ends);
    advance(1s);
    if (!ends) continue;
    peer->session->on_deadline(clock.now());
    EXPECT_EQ(peer->outlet.closed, (Close{3005, "TOKEN_EXPIRED"}));
  }
}

TEST_F(TunnelSessionTest, TheBackendMovesTheTokensEnd) {
  const std::int64_t now = unix_seconds(wall_clock.now());
  const auto peer = live(grant(), {.upstream = kEndsWithToken});
  const auto moved = [&](std::optional<std::int64_t> to) {
    hub.on_order(hub::RefreshOrder{.target = {.session = "s1"}, .expire_at = to});
    run(*peer);
    return peer->outlet.deadline;
  };
  EXPECT_EQ(moved(now + 10), clock.now() + 10s);
  EXPECT_EQ(moved(now + 7200), clock.now() + 7200s);
  EXPECT_EQ(moved({}), std::nullopt);
  advance(1h);
  EXPECT_EQ(moved(now + 3600 + 10), clock.now() + 10s) << "it counts from the order on";
  EXPECT_FALSE(peer->outlet.ended);
}

TEST_F(TunnelSessionTest, AnEndThatIsMovedWhileTheUpstreamIsDialledCounts) {
  const auto peer = dialling(grant(), {.upstream = kEndsWithToken});
  hub.on_order(hub::RefreshOrder{.target = {.session = "s1"},
                                 .expire_at = unix_seconds(wall_clock.now()) + 10});
  run(*peer);
  answer(*peer, good());
  EXPECT_EQ(peer->outlet.deadline, clock.now() + 10s);
}

TEST_F(TunnelSessionTest, AnExpiredOrderEndsATunnelWhateverItsUpstreamSays) {
  for (const std::size_t upstream : {std::size_t{kBoard}, std::size_t{kEndsWithToken}}) {
    const auto peer = live(grant(), {.upstream = upstream});
    hub.on_order(hub::RefreshOrder{.target = {.session = "s1"}, .expired = true});
    EXPECT_FALSE(peer->outlet.ended);
    run(*peer);
    EXPECT_EQ(peer->outlet.closed, (Close{3005, "TOKEN_EXPIRED"}));
  }
}

// ---- while it lasts ----

TEST_F(TunnelSessionTest, AnIdleTunnelEnds) {
  const auto peer = live(grant());
  peer->session->on_idle(clock.now());
  EXPECT_EQ(peer->outlet.closed, (Close{1001, "IDLE"}));
  EXPECT_EQ(hooks.events.back(), "disconnected s1/ 1001 IDLE");
  expect_nothing_left();
}

TEST_F(TunnelSessionTest, TheCloseOfAnEndIsLoggedAndToldWithTheSameClient) {
  const auto peer = live(grant());
  advance(3s);
  peer->session->on_closed({4001, "bye"});
  EXPECT_EQ(hooks.events, (Strings{"connected s1/", "disconnected s1/ 4001 bye"}));
  EXPECT_EQ(hooks.clients, std::set<std::string>{client_of(*peer)});
  const std::string& line = log.lines.back();
  EXPECT_TRUE(line.starts_with("websocket_disconnected { code: 4001, reason: 'bye', ")) << line;
  for (const char* part : {"transport: 'tunnel'", "lastedMs: 3000", "upstream: 'board'"}) {
    EXPECT_NE(line.find(part), std::string::npos) << line;
  }
  EXPECT_EQ(observer.closed, 1);
  EXPECT_EQ(tunnel_observer.closed, std::vector<std::size_t>{kBoard});
}

TEST_F(TunnelSessionTest, BytesAreCountedForTheUpstreamAndTheDirection) {
  const auto peer = live(grant(), {.upstream = kTold});
  peer->session->on_passed(edge::Direction::to_client, 7);
  peer->session->on_passed(edge::Direction::to_upstream, 11);
  EXPECT_EQ(tunnel_observer.passed, (std::vector<RecordingTunnelObserver::Passed>{
                                        {kTold, edge::Direction::to_client, 7},
                                        {kTold, edge::Direction::to_upstream, 11}}));
}

TEST_F(TunnelSessionTest, WithoutHooksNobodyIsTold) {
  usual.hooks = nullptr;
  const auto peer = live(grant());
  peer->session->on_closed({1000, ""});
  EXPECT_TRUE(hooks.events.empty());
}

}  // namespace
}  // namespace usher::session
