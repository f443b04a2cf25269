// One shard in virtual time, with the real hub, memory engine and ticket store, and outlets that
// record a session's output.
#pragma once

#include <deque>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "hub/memory_broker.h"
#include "session/server_session.h"
#include "support/manual_clock.h"
#include "support/manual_wall_clock.h"
#include "support/publications.h"
#include "support/recording_log.h"
#include "support/seeded_entropy.h"
#include "ticket/memory_ticket_store.h"
#include "ticket/mint.h"
#include "wire/ws_message.h"

namespace usher::session {

inline constexpr const char* kOrigin = "https://app.example";

// Records the messages that one connection's peer would see, without their frames.
class RecordingOutlet final : public edge::Outlet {
 public:
  void send_text(std::string_view payload) override { sent.emplace_back(payload); }
  void send_binary(std::string_view payload) override { sent.emplace_back(payload); }
  void send_frame(const wire::SharedFrame& frame) override {
    sent.push_back(test::payload_of(frame));
  }
  void send_ping() override { ++pings; }
  void close(const wire::CloseReason& reason) override {
    if (closed) return;
    closed = {reason.code, std::string(reason.reason)};
  }
  void wake() override { awake = true; }
  void pause() override { paused = true; }
  bool has_room() override {
    if (room > 0) return true;
    paused = true;
    return false;
  }
  std::size_t room_bytes() const override { return room; }
  bool may_be_unread(TimePoint) override { return std::exchange(progress, false); }
  void release() override { released = true; }
  void set_deadline(std::optional<TimePoint> at) override { deadline = at; }

  struct Close {
    std::uint16_t code;
    std::string reason;
    friend bool operator==(const Close&, const Close&) = default;
  };
  std::vector<std::string> sent;
  std::optional<Close> closed;
  std::optional<TimePoint> deadline;
  int pings = 0;
  bool released = false;
  bool awake = false;   // on_turn() is to be called
  bool paused = false;  // no message is handed to the session before that
  std::size_t room = std::numeric_limits<std::size_t>::max();
  bool progress = false;
};

// A ticket store that answers when the test says so.
class LateTicketStore final : public ticket::TicketStore {
 public:
  void put(const ticket::TicketHash&, ticket::Grant, Duration, PutHandler) override {}
  void redeem(const ticket::TicketHash&, RedeemHandler done) override {
    waiting.push_back(std::move(done));
  }
  std::deque<RedeemHandler> waiting;
};

class CountingObserver final : public SessionObserver {
 public:
  void on_redeemed(ticket::RedeemOutcome) override { ++redeemed; }
  void on_reused() override { ++reused; }
  void on_replay() override { ++replays; }
  void on_forged(std::string_view address, TimePoint) override { forged.emplace_back(address); }
  void on_connected() override { ++connected; }
  void on_rejected(Rejection why) override { rejected.push_back(why); }
  void on_abandoned() override { ++abandoned; }
  void on_closed(std::uint16_t, bool) override { ++closed; }
  void on_message() override { ++messages; }
  void on_command_refused() override { ++refused; }
  void on_published() override { ++published; }

  std::vector<Rejection> rejected;
  std::vector<std::string> forged;
  int redeemed = 0, reused = 0, replays = 0, connected = 0, abandoned = 0, closed = 0, messages = 0,
      refused = 0, published = 0;
};

class FakeTokenDoor final : public TokenDoor {
 public:
  void admit(std::string_view token, std::string_view address_key, Done done) override {
    addresses.emplace_back(address_key);
    if (token == "late.jwt") return waiting.push_back(std::move(done));
    if (token == "good.jwt") return done(claims());
    if (token == "old.jwt") return done(Refusal::expired);
    if (token == "busy.jwt") return done(Refusal::too_many_requests);
    if (token == "new.jwt") return done(Refusal::key_unknown);
    done(Refusal::invalid);
  }
  auth::Claims claims() const {
    return {.session = "s1", .user = "", .jti = "", .iat = {}, .exp = exp, .channels = {}};
  }
  std::int64_t exp = 0;
  std::vector<std::string> addresses;  // that paid
  std::deque<Done> waiting;
};

class NoOtherShards final : public hub::ShardPost {
 public:
  void post(std::size_t, UniqueFunction<void()>) override { FAIL() << "there is one shard"; }
};

// A session with its outlet, as net/connection.h holds it.
struct Peer {
  Peer(SessionDependencies& dependencies, std::vector<Peer*>& all)
      : peers(all), session(std::make_unique<ServerSession>(outlet, dependencies)) {
    peers.push_back(this);
  }
  ~Peer() { std::erase(peers, this); }

  const std::string& last() const { return outlet.sent.back(); }

  std::vector<Peer*>& peers;
  RecordingOutlet outlet;
  std::unique_ptr<ServerSession> session;
};

class SessionTest : public testing::Test {
 protected:
  static hub::ChannelRulesOptions rules_options() {
    hub::NamespaceOptions open{.name = "open",
                               .subscribe = hub::Audience::anyone,
                               .publish = hub::Audience::anyone,
                               .history_size = 10,
                               .history_ttl = std::chrono::minutes(5),
                               .recovery = true,
                               .presence = true};
    return {.namespaces = {std::move(open)}};
  }

  std::string ticket(ticket::Grant grant) {
    const ticket::Ticket minted = ticket::mint(entropy);
    tickets.put(ticket::hash(minted.text), std::move(grant), std::chrono::seconds(30), [](auto) {});
    return minted.text;
  }
  ticket::Grant grant() {
    ticket::Grant grant;
    grant.session = "s1";
    grant.token_exp = unix_seconds(wall_clock.now()) + 3600;
    return grant;
  }

  // Opens /ws with a ticket. usher.v1.json is negotiated unless `subprotocol` is false.
  std::unique_ptr<Peer> open(std::string_view ticket_text,
                             std::optional<std::string_view> origin = {}, bool subprotocol = true) {
    auto peer = std::make_unique<Peer>(dependencies, peers);
    peer->session->begin({.endpoint = edge::Endpoint::ws,
                          .origin = origin,
                          .ticket_offer = wire::TicketOffer::one,
                          .ticket = ticket_text,
                          .subprotocol = subprotocol,
                          .peer_address = "192.0.2.7"},
                         clock.now());
    run_turns();
    return peer;
  }
  std::unique_ptr<Peer> open_sdk(std::optional<std::string_view> origin = {}) {
    auto peer = std::make_unique<Peer>(dependencies, peers);
    peer->session->begin({.endpoint = edge::Endpoint::sdk, .origin = origin}, clock.now());
    run_turns();
    return peer;
  }
  std::unique_ptr<Peer> connected() { return open(ticket(grant())); }

  void say(Peer& peer, std::string text) {
    const std::size_t size = text.size();
    text.append(wire::kSpareBytes, '\0');
    peer.session->on_text(std::string_view(text).substr(0, size), clock.now());
    run_turns();
  }

  // Gives a turn to each session that has asked for one, until none asks, as the shard does.
  void run_turns() {
    for (bool any = true; any;) {
      any = false;
      for (Peer* const peer : std::vector<Peer*>(peers)) any = run_turn(*peer) || any;
    }
  }
  bool run_turn(Peer& peer) {
    if (!std::exchange(peer.outlet.awake, false) || peer.outlet.closed) return false;
    peer.outlet.paused = false;
    peer.session->on_turn(clock.now());
    return true;
  }

  // Lets time pass in the steps that the session asks for.
  void pass(Peer& peer, Duration duration) {
    const TimePoint end = clock.now() + duration;
    while (!peer.outlet.closed && peer.outlet.deadline && *peer.outlet.deadline <= end) {
      advance(*peer.outlet.deadline - clock.now());
      peer.session->on_deadline(clock.now());
      run_turns();
    }
    advance(end - clock.now());
  }
  void advance(Duration by) {
    clock.advance(by);
    wall_clock.advance(std::chrono::duration_cast<std::chrono::milliseconds>(by));
  }

  std::vector<Peer*> peers;
  test::ManualClock clock;
  test::ManualWallClock wall_clock;
  test::SeededEntropy entropy;
  test::RecordingLog log;
  CountingObserver observer;
  FakeTokenDoor door;
  ticket::MemoryTicketStore tickets{clock, {.forgetful_for = Duration::zero()}};
  hub::ChannelRules rules{rules_options()};
  NoOtherShards post;
  hub::MemoryBrokers engine{{}, rules, clock, entropy, post, 1};
  hub::Hub hub{{}, rules, engine.broker(0), clock, wall_clock, entropy};
  Snapshot<auth::OriginPolicy> origins{std::make_shared<const auth::OriginPolicy>(
      auth::OriginPolicyOptions{.allowed = {kOrigin, "https://other.example"}})};
  auth::Revocations revocations{entropy};
  wire::JsonReader json;
  wire::CommandReader commands{json};
  SessionOptions options{.version = "usher test", .node = "n1"};
  SessionDependencies dependencies_on(ticket::TicketStore& store) {
    return {.options = options,
            .hub = hub,
            .tickets = store,
            .origins = origins,
            .revocations = revocations,
            .tokens = nullptr,
            .wall_clock = wall_clock,
            .log = log,
            .reject_log = log,
            .observer = observer,
            .json = json,
            .commands = commands};
  }
  SessionDependencies dependencies = dependencies_on(tickets);
};

}  // namespace usher::session
