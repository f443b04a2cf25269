#include "pair/gateway.h"

#include <utility>

#include <gtest/gtest.h>

#include "ticket/mint.h"

namespace usher::test {

namespace {

using namespace std::chrono_literals;

// `live` keeps nothing; `kept` has a history that recovers what was missed.
hub::ChannelRulesOptions rules_options() {
  hub::NamespaceOptions live{
      .name = "live", .subscribe = hub::Audience::anyone, .publish = hub::Audience::anyone};
  hub::NamespaceOptions kept{.name = "kept",
                             .subscribe = hub::Audience::anyone,
                             .publish = hub::Audience::anyone,
                             .history_size = 1000,
                             .history_ttl = 1h,
                             .recovery = true};
  hub::NamespaceOptions closed{.name = "closed"};
  return {.namespaces = {std::move(live), std::move(kept), std::move(closed)}};
}

client::HttpFailure failure(int status, std::string code) {
  client::HttpFailure failure{.status = status, .code = std::move(code)};
  if (status == 503) failure.retry_after = "1";
  return failure;
}

}  // namespace

void Gateway::NoOtherShards::post(std::size_t, UniqueFunction<void()>) {
  ADD_FAILURE() << "there is one shard";
}

Gateway::Gateway(VirtualTime& time)
    : time_(time),
      tickets_(time.clock(), {.forgetful_for = 0s}),
      gated_(tickets_, {&store_down, &revocations_loaded}),
      rules_(rules_options()),
      brokers_({}, rules_, time.clock(), entropy_, post_, 1),
      hub_({}, rules_, brokers_.broker(0), time.clock(), time.wall_clock(), entropy_),
      origins_(std::make_shared<const auth::OriginPolicy>(auth::OriginPolicyOptions{})),
      revocations_(entropy_),
      dependencies_{.options = options,
                    .hub = hub_,
                    .tickets = gated_,
                    .origins = origins_,
                    .revocations = revocations_,
                    .tokens = nullptr,
                    .wall_clock = time.wall_clock(),
                    .log = log_,
                    .reject_log = log_,
                    .observer = observer_,
                    .json = json_,
                    .commands = commands_} {
  revocations_loaded.set_loaded();
}

std::string Gateway::sign_token(std::string_view session, std::chrono::seconds life) {
  std::string text = "token-" + std::to_string(tokens_.size() + 1);
  tokens_[text] = {std::string(session), unix_seconds(time_.wall_clock().now()) + life.count()};
  return text;
}

std::variant<std::string, client::HttpFailure> Gateway::issue(const std::string& token,
                                                              std::string subs) {
  const auto found = tokens_.find(token);
  if (draining) return failure(503, "DRAINING");
  if (found == tokens_.end()) return failure(401, "INVALID_TOKEN");
  const auto& [session, exp] = found->second;
  const WallTime now = time_.wall_clock().now();
  if (exp <= unix_seconds(now)) return failure(401, "TOKEN_EXPIRED");
  if (revocations_.is_revoked({.session = session}, now)) return failure(401, "SESSION_REVOKED");

  ticket::Grant grant;
  grant.session = session;
  grant.token_exp = exp;
  grant.subs = std::move(subs);
  const ticket::Ticket ticket = ticket::mint(entropy_);
  bool stored = false;
  gated_.put(ticket::hash(ticket.text), std::move(grant), kTicketTtl,
             [&](const auto& result) { stored = result.has_value(); });
  if (!stored) return failure(503, "STORE_UNAVAILABLE");
  return ticket.text;
}

void Gateway::publish(std::string channel, std::string data) {
  bool published = false;
  brokers_.broker(0).publish({.channel = std::move(channel), .data = std::move(data)},
                             [&](const auto& result) { published = result.has_value(); });
  EXPECT_TRUE(published);
}

void Gateway::revoke(std::string_view session) {
  EXPECT_TRUE(revocations_.revoke(auth::RevokedBy::session, session, 1h, time_.wall_clock().now()));
  hub::DisconnectOrder order{.code = 3520, .reason = "SESSION_REVOKED"};
  order.target.session = session;
  brokers_.broker(0).order_here(std::move(order));
}

}  // namespace usher::test
