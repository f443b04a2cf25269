#include "api/api_calls.h"

#include <memory>
#include <utility>

#include "api/api_sessions.h"
#include "api/channel_name.h"
#include "base/check.h"
#include "hub/channel_rules.h"
#include "ticket/grant.h"
#include "ticket/issue.h"

namespace usher::api {
namespace {

// The server subscribes personal channels by itself, for as long as a connection lives. No order
// gives or takes one.
std::optional<ApiError> check_subscribable(const hub::ChannelRules* rules,
                                           std::string_view channel) {
  if (hub::personal_name(channel).kind != hub::Personal::no) {
    return ApiError{hub::Error::permission_denied, "personal channels can't be given or taken"};
  }
  if (rules == nullptr || rules->options(channel) != nullptr) return {};
  return ApiError{hub::Error::unknown_channel};
}

// Some connection, or all of them, could not be subscribed.
ApiError not_subscribed(const hub::OrderAnswer& answer) {
  std::string detail = answer.connections > 1 ? "not all connections are subscribed"
                                              : "the connection is not subscribed";
  if (answer.refused == hub::Error::limit_exceeded) {
    detail += ": a limit of the connection, its session or the channel is reached";
  } else if (answer.refused == hub::Error::permission_denied) {
    detail += ": the channel is bound to another session or user";
  }
  return {*answer.refused, std::move(detail)};
}

// Returns null if nothing is missing. Anything else is an error: the backend asked for more than
// was done.
const char* what_is_missing(hub::Elsewhere elsewhere) {
  switch (elsewhere) {
    case hub::Elsewhere::done:
      return nullptr;
    case hub::Elsewhere::later:
      return "carried out on this gateway. Not every other one can be told now: they will be, in "
             "the order of the calls, as soon as the engine can be reached, if this gateway still "
             "runs then";
    case hub::Elsewhere::unconfirmed:
      return "carried out on this gateway and told to the others, but not all of them have "
             "confirmed it in time";
    case hub::Elsewhere::dropped:
      return "carried out on this gateway alone: redis.orders_kept_max others wait to be told "
             "already. Ask again when the engine can be reached";
  }
  return nullptr;
}

// The engine did not take a command, or not every gateway has confirmed it.
ApiError not_confirmed(hub::Error error) {
  if (error != hub::Error::internal) return {error};
  return {error,
          "the engine can't be reached, or not every gateway has confirmed it in time: it is not "
          "done, or not everywhere, and will not be later. Ask again"};
}

ApiOutcome outcome_of_order(const Result<hub::OrderAnswer, hub::Error>& answer) {
  if (!answer) return not_confirmed(answer.error());
  if (const char* const missing = what_is_missing(answer->elsewhere)) {
    return ApiError{hub::Error::internal, missing};
  }
  if (answer->refused) return not_subscribed(*answer);
  return kEmptyResult;
}

ApiError to_api_error(RevokeFault fault) {
  switch (fault) {
    case RevokeFault::nothing_revoked:
      return {hub::Error::limit_exceeded, "too many revocations are in force: nothing was revoked"};
    case RevokeFault::here_alone:
      return {hub::Error::limit_exceeded,
              "revoked on this gateway alone: too many revocations are in force, or wait to be "
              "told to the others. Ask again later"};
    case RevokeFault::others_later:
      return {hub::Error::internal,
              "revoked on this gateway, and its connections here are closed. The other gateways "
              "can't be told now: they will be, as soon as the engine can be reached, if this "
              "gateway still runs then"};
    case RevokeFault::order_failed:
      return not_confirmed(hub::Error::internal);
  }
  USHER_CHECK(false);
}

ApiError to_api_error(ticket::PutError error) {
  switch (error) {
    case ticket::PutError::overloaded:
      return {hub::Error::limit_exceeded, "too many tickets are waiting to be used"};
    case ticket::PutError::unavailable:
      return {hub::Error::internal, "the ticket store can't be reached"};
  }
  USHER_CHECK(false);
}

}  // namespace

ApiCalls::ApiCalls(ApiCallsOptions options, http::RouteDependencies& dependencies)
    : options_(std::move(options)),
      dependencies_(dependencies),
      started_at_(dependencies.clock.now()),
      broadcasts_(dependencies),
      lists_(dependencies.in_a_turn),
      revoking_({options_.revocation_ttl, options_.leeway}, dependencies),
      redeems_(options_.claims, dependencies) {}

void ApiCalls::set_options(ApiCallsOptions options) {
  options_ = std::move(options);
  revoking_.set_options({options_.revocation_ttl, options_.leeway});
  redeems_.set_claims(options_.claims);
}

void ApiCalls::carry_out(ApiCall call, ApiDone done) {
  std::visit(
      [&](auto&& each) {
        if constexpr (requires { each.channel; }) {
          if (auto error = check_channel(dependencies_.channel_rules, each.channel))
            return done(std::move(*error));
        }
        run(std::move(each), std::move(done));
      },
      std::move(call));
}

void ApiCalls::run(hub::PublishRequest call, ApiDone done) {
  dependencies_.broker.publish(
      std::move(call),
      [this, done = std::move(done)](Result<hub::Position, hub::Error> position) mutable {
        if (position) dependencies_.metrics.publications[metrics::PublishedBy::backend].add();
        done(outcome_of_publication(position));
      });
}

void ApiCalls::run(BroadcastCall call, ApiDone done) {
  broadcasts_.start(std::move(call), std::move(done));
}

void ApiCalls::order(hub::Order order_out, ApiDone done) {
  dependencies_.broker.order(
      std::move(order_out),
      [done = std::move(done)](const Result<hub::OrderAnswer, hub::Error>& answer) mutable {
        done(outcome_of_order(answer));
      });
}

// The hub may tell in the midst of the operation that subscribes: the answer waits for a turn of
// its own.
void ApiCalls::run(hub::SubscribeOrder call, ApiDone done) {
  if (const auto error = check_subscribable(dependencies_.channel_rules, call.channel))
    return done(*error);
  if (call.grant && call.grant->expire_at &&
      *call.grant->expire_at <= unix_seconds(dependencies_.wall_clock.now())) {
    return done(ApiError{hub::Error::bad_request, "'expire_at' is not in the future"});
  }
  dependencies_.broker.order(
      std::move(call),
      [this, done = std::move(done)](const Result<hub::OrderAnswer, hub::Error>& answer) mutable {
        dependencies_.in_a_turn(
            [done = std::move(done), outcome = outcome_of_order(answer)]() mutable {
              done(std::move(outcome));
            });
      });
}

void ApiCalls::run(hub::UnsubscribeOrder call, ApiDone done) {
  if (const auto error = check_subscribable(dependencies_.channel_rules, call.channel))
    return done(*error);
  order(std::move(call), std::move(done));
}

void ApiCalls::run(hub::DisconnectOrder call, ApiDone done) {
  order(std::move(call), std::move(done));
}

void ApiCalls::run(hub::RefreshOrder call, ApiDone done) {
  order(std::move(call), std::move(done));
}

void ApiCalls::run(PresenceCall call, ApiDone done) {
  dependencies_.broker.presence(
      call.channel, [done = std::move(done)](auto clients) mutable { done(to_outcome(clients)); });
}

void ApiCalls::run(PresenceStatsCall call, ApiDone done) {
  dependencies_.broker.presence_stats(
      call.channel, [done = std::move(done)](auto stats) mutable { done(to_outcome(stats)); });
}

void ApiCalls::run(HistoryCall call, ApiDone done) {
  dependencies_.broker.history(
      call.channel, call.query,
      [done = std::move(done)](Result<hub::HistoryPage, hub::Error> page) mutable {
        if (page && page->gap == wire::RecoveryGap::epoch_changed) {
          return done(ApiError{hub::Error::unrecoverable_position});
        }
        done(to_outcome(page));
      });
}

void ApiCalls::run(HistoryRemoveCall call, ApiDone done) {
  dependencies_.broker.history_remove(
      call.channel, [done = std::move(done)](Result<void, hub::Error> removed) mutable {
        done(to_outcome(removed));
      });
}

void ApiCalls::run(ChannelsCall call, ApiDone done) {
  hub::ChannelsQuery query;
  if (call.pattern) query.prefix = call.pattern->prefix();
  dependencies_.broker.order(
      std::move(query), [this, pattern = std::move(call.pattern), done = std::move(done)](
                            Result<hub::OrderAnswer, hub::Error> answer) mutable {
        if (!answer) return done(ApiError{answer.error()});
        auto result = std::make_unique<ChannelsResult>(std::move(*answer), std::move(pattern));
        lists_.start([result = std::move(result), done = std::move(done)]() mutable {
          if (!result->write_some()) return false;
          done(result->take());
          return true;
        });
      });
}

void ApiCalls::run(InfoCall, ApiDone done) {
  dependencies_.broker.order(
      hub::InfoQuery{},
      [this, done = std::move(done)](Result<hub::OrderAnswer, hub::Error> answer) mutable {
        if (!answer) return done(ApiError{answer.error()});
        const auto uptime =
            std::chrono::floor<std::chrono::seconds>(dependencies_.clock.now() - started_at_);
        auto nodes = std::move(answer->nodes);
        if (nodes.empty()) {
          nodes.push_back({.uid = options_.node.uid,
                           .version = options_.node.version,
                           .uptime_s = static_cast<std::uint64_t>(uptime.count()),
                           .info = answer->info});
        }
        done(info_to_json(nodes, answer->unreachable));
      });
}

void ApiCalls::run(BindCall call, ApiDone done) {
  dependencies_.broker.bind(
      call.channel, std::move(call.owner), call.ttl,
      [done = std::move(done)](Result<void, hub::Error> bound) mutable {
        if (!bound && bound.error() == hub::Error::internal) {
          return done(
              ApiError{hub::Error::internal,
                       "the engine can't be reached, or did not answer in time: the channel "
                       "is not bound, or not known to be, and will not be later. Ask again"});
        }
        done(to_outcome(bound));
      });
}

void ApiCalls::run(RevokeCall call, ApiDone done) {
  revoking_.revoke(
      {.by = call.by,
       .name = std::move(call.name),
       .ttl = call.ttl,
       .revoked_at = dependencies_.wall_clock.now()},
      [done = std::move(done)](const Result<hub::OrderAnswer, RevokeFault>& answer) mutable {
        if (!answer) return done(to_api_error(answer.error()));
        done(outcome_of_order(*answer));
      });
}

void ApiCalls::run(TicketCall call, ApiDone done) {
  ticket::Grant& grant = call.grant;
  const WallTime wall_now = dependencies_.wall_clock.now();
  const std::int64_t now = unix_seconds(wall_now);
  grant.iat = now;
  if (grant.token_exp == 0) grant.token_exp = now + options_.connection_ttl.count();
  if (grant.token_exp <= now) {
    return done(ApiError{hub::Error::bad_request, "'expire_at' is not in the future"});
  }
  if (dependencies_.revocations.is_revoked(ticket::bearer_of(grant), wall_now)) {
    return done(ApiError{hub::Error::permission_denied, "the session, user or jti is revoked"});
  }
  std::string session = grant.session;
  std::string user = grant.user;
  ticket::issue(
      dependencies_.tickets, dependencies_.entropy, std::move(grant), options_.ticket_ttl,
      [this, session = std::move(session), user = std::move(user), done = std::move(done)](
          const Result<ticket::IssuedTicket, ticket::PutError>& issued) mutable {
        if (!issued) return done(to_api_error(issued.error()));
        dependencies_.metrics.tickets_issued.add();
        log_issued(dependencies_.log, *issued, {dependencies_.identities, {}, session, user});
        done(to_json(*issued));
      });
}

void ApiCalls::run(hub::SessionsQuery call, ApiDone done) {
  dependencies_.broker.order(
      std::move(call),
      [this, done = std::move(done)](const Result<hub::OrderAnswer, hub::Error>& answer) mutable {
        if (!answer) return done(ApiError{answer.error()});
        done(sessions_to_json(*answer, options_.node.uid));
      });
}

void ApiCalls::run(const RedeemCall& call, ApiDone done) { redeems_.start(call, std::move(done)); }

}  // namespace usher::api
