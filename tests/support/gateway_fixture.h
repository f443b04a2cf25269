// For tests: a router with everything behind it, in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/api_keys.h"
#include "api/api_metrics.h"
#include "auth/guest_tokens.h"
#include "auth/jwt_signer.h"
#include "auth/jwt_verifier.h"
#include "auth/origin_policy.h"
#include "auth/revocations.h"
#include "auth/seen_messages.h"
#include "gateway/route_metrics.h"
#include "gateway/router.h"
#include "gateway/session_metrics.h"
#include "limits/node_rate.h"
#include "limits/rate_limiter.h"
#include "limits/ticket_queue.h"
#include "metrics/metrics_page.h"
#include "support/fake_broker.h"
#include "support/manual_clock.h"
#include "support/manual_wall_clock.h"
#include "support/recording_log.h"
#include "support/seeded_entropy.h"
#include "ticket/memory_ticket_store.h"
#include "ticket/mint.h"

namespace usher::gateway {

// Passes calls on to a store that the test can exchange.
class ChosenStore final : public ticket::TicketStore {
 public:
  explicit ChosenStore(ticket::TicketStore& store) : store_(&store) {}
  void choose(ticket::TicketStore& store) { store_ = &store; }

  void put(const ticket::TicketHash& hash, ticket::Grant grant, Duration ttl,
           PutHandler done) override {
    store_->put(hash, std::move(grant), ttl, std::move(done));
  }
  void redeem(const ticket::TicketHash& hash, RedeemHandler done) override {
    store_->redeem(hash, std::move(done));
  }

 private:
  ticket::TicketStore* store_;
};

// A store that cannot be reached, or that answers when the test calls answer_late().
class SickStore final : public ticket::TicketStore {
 public:
  bool late = false;
  Result<void, ticket::PutError> outcome = ticket::PutError::unavailable;

  void put(const ticket::TicketHash&, ticket::Grant, Duration, PutHandler done) override {
    if (!late) return done(outcome);
    waiting_.push_back(std::move(done));
  }
  void redeem(const ticket::TicketHash&, RedeemHandler done) override {
    done(ticket::Redeemed::unavailable());
  }
  void answer_late() {
    for (auto& done : std::exchange(waiting_, {})) done(outcome);
  }

 private:
  std::vector<PutHandler> waiting_;
};

struct Reply {
  int status = 0;
  std::multimap<std::string, std::string> fields;
  std::string body;
  bool close = false;

  std::string field(const std::string& name) const {
    const auto found = fields.find(name);
    return found == fields.end() ? "(none)" : found->second;
  }
  bool has(std::string_view part) const { return body.find(part) != std::string::npos; }
  // Returns the value of the body's text member `name`.
  std::string text(const std::string& name) const {
    const auto start = body.find("\"" + name + "\":\"");
    if (start == std::string::npos) return "(none)";
    const auto from = start + name.size() + 4;
    return body.substr(from, body.find('"', from) - from);
  }
  std::string code() const { return text("code"); }
};

class GatewayTest : public testing::Test {
 protected:
  static constexpr const char* kSecret = "0123456789abcdef0123456789abcdef";
  static constexpr const char* kGuestSecret = "guest-guest-guest-guest-guest-guest";
  static constexpr const char* kOrigin = "https://app.example";

  struct Call {
    std::string method = "POST";
    std::string target = "/auth/ticket";
    std::vector<std::pair<std::string, std::string>> fields = {};
    std::string body = {};
    edge::ListenerRole listener = edge::ListenerRole::client_and_api;
    bool body_too_large = false;
    std::string peer = "192.0.2.1";
    bool address_is_shared = false;
  };

  // The result is valid as long as `call`.
  static wire::HttpRequest request_of(const Call& call) {
    wire::HttpRequest request;
    request.method = call.method;
    request.target = call.target;
    for (const auto& [name, value] : call.fields) request.fields.push_back({name, value});
    request.body = call.body;
    return request;
  }
  edge::RequestContext context_of(const Call& call, const wire::HttpRequest& request) const {
    return {.request = request,
            .peer_address = call.peer,
            .address_is_shared = call.address_is_shared,
            .listener = call.listener,
            .body_too_large = call.body_too_large,
            .now = clock.now(),
            .wall_now = wall_clock.now()};
  }
  edge::BodyLimit judge(const Call& call) {
    const wire::HttpRequest request = request_of(call);
    return router().body_limit(context_of(call, request));
  }

  // Sends the request. The answer is put into `reply_`, which is empty until then.
  void start(const Call& call) {
    const wire::HttpRequest request = request_of(call);
    reply_.reset();
    const edge::RequestContext context = context_of(call, request);
    router().handle(context, [this](wire::HttpResponse response) {
      ASSERT_FALSE(reply_) << "answered twice";
      reply_ = Reply{response.status, {}, response.body, response.close};
      for (auto& field : response.fields) reply_->fields.insert(std::move(field));
    });
  }
  Reply send(const Call& call) {
    start(call);
    if (!reply_) run_turns();
    EXPECT_TRUE(reply_) << "no answer";
    return reply_.value_or(Reply{});
  }
  static std::pair<std::string, std::string> bearer(const std::string& token) {
    return {"Authorization", "Bearer " + token};
  }
  Reply ask_ticket(const std::string& token, std::string body = {}) {
    return send({.fields = {bearer(token)}, .body = std::move(body)});
  }

  std::int64_t unix_now() const { return unix_seconds(wall_clock.now()); }
  std::string sign(auth::JwtPayload payload, const char* secret = kSecret) const {
    return auth::JwtSigner(auth::secret_key(secret)).sign(payload);
  }
  auth::JwtPayload claims(const char* session = "s1") const {
    auth::JwtPayload payload;
    payload.set("sessionId", session).set_number("exp", unix_now() + 3600);
    return payload;
  }
  void advance(std::chrono::milliseconds by) {
    clock.advance(by);
    wall_clock.advance(by);
  }
  std::optional<ticket::Grant> redeem(const std::string& ticket_text) {
    std::optional<ticket::Grant> grant;
    store.redeem(ticket::hash(ticket_text), [&](ticket::Redeemed redeemed) {
      if (redeemed.outcome == ticket::RedeemOutcome::ok) grant = std::move(redeemed.grant);
    });
    return grant;
  }

  // Runs the tasks that wait for a turn; returns how many turns there were.
  std::size_t run_turns(std::size_t count_max = 1000) {
    std::size_t count = 0;
    while (!turns.empty() && count < count_max) {
      auto task = std::move(turns.front());
      turns.pop_front();
      task();
      ++count;
    }
    return count;
  }

  // Returns a limiter. Tests that need one make it before the first request.
  limits::RateLimiter limiter(std::uint32_t count, Duration per) {
    return {limits::RateLimit{count, per}, {.buckets_max = 1024, .stripes = 1}, entropy};
  }

  Router& router() {
    if (!router_) router_ = std::make_unique<Router>(options, dependencies, route_metrics);
    return *router_;
  }

  test::ManualClock clock;
  test::ManualWallClock wall_clock;
  test::SeededEntropy entropy;
  test::RecordingLog log;
  test::RecordingLog reject_log;
  metrics::NodeState node;
  metrics::ShardMetrics metrics;
  api::ApiMetrics api_metrics;
  SessionMetrics session_metrics{metrics};
  RouteMetrics route_metrics;
  Snapshot<auth::JwtVerifier> jwt{std::make_shared<auth::JwtVerifier>(
      auth::JwtOptions{}, auth::KeySet({auth::secret_key(kSecret)}),
      auth::KeySet({auth::secret_key(kGuestSecret)}))};
  Snapshot<auth::OriginPolicy> origins{
      std::make_shared<auth::OriginPolicy>(auth::OriginPolicyOptions{.allowed = {kOrigin}})};
  Snapshot<auth::GuestTokens> guests{std::make_shared<auth::GuestTokens>(
      auth::GuestOptions{}, auth::secret_key(kGuestSecret), entropy)};
  Snapshot<api::ApiKeys> api_keys{
      std::make_shared<api::ApiKeys>(*api::ApiKeys::parse("key-one\nkey-two\n"))};
  auth::Revocations revocations{entropy};
  auth::SeenMessages seen_messages{entropy};
  ticket::MemoryTicketStore store{clock, {.stripes = 1}};
  ChosenStore chosen_store{store};
  SickStore sick_store;
  FakeBroker broker;
  metrics::MetricsPage metrics_page;
  http::RouterOptions options;
  std::deque<UniqueFunction<void()>> turns;
  http::RouteDependencies dependencies{
      .clock = clock,
      .wall_clock = wall_clock,
      .entropy = entropy,
      .log = log,
      .reject_log = reject_log,
      .node = node,
      .metrics = metrics,
      .api_metrics = api_metrics,
      .jwt = jwt,
      .origins = origins,
      .guest_tokens = &guests,
      .api_keys = &api_keys,
      .revocations = revocations,
      .seen_messages = seen_messages,
      .tickets = chosen_store,
      .redeem_observer = session_metrics,
      .broker = broker,
      .in_a_turn = [this](UniqueFunction<void()> t) { turns.push_back(std::move(t)); },
      .metrics_page = &metrics_page};
  std::optional<Reply> reply_;

 private:
  std::unique_ptr<Router> router_;
};

}  // namespace usher::gateway
