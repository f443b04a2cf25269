#include "http/route_checks.h"

#include <algorithm>

#include "base/check.h"
#include "limits/address_key.h"

namespace usher::http {
namespace {

Problem to_problem(auth::TokenCode code) {
  switch (code) {
    case auth::TokenCode::invalid_token:
      return Problem::invalid_token;
    case auth::TokenCode::token_expired:
      return Problem::token_expired;
    case auth::TokenCode::missing_session:
      return Problem::missing_session;
  }
  USHER_CHECK(false);
}

}  // namespace

std::chrono::milliseconds to_retry_after(Duration wait) {
  return std::chrono::ceil<std::chrono::milliseconds>(wait);
}

std::optional<Refusal> check_address(limits::RateLimiter* limiter, std::string_view peer_address,
                                     TimePoint now) {
  if (limiter == nullptr) return {};
  const auto admission = limiter->take(limits::address_key(peer_address), now);
  if (admission) return {};
  return Refusal{Problem::rate_limited,
                 "Too many requests from this address. Wait for as long as 'Retry-After' says.",
                 to_retry_after(admission.retry_after), "address"};
}

std::optional<Refusal> check_session(limits::RateLimiter* limiter, std::string_view session,
                                     TimePoint now) {
  if (limiter == nullptr) return {};
  const auto admission = limiter->take(session, now);
  if (admission) return {};
  return Refusal{Problem::rate_limited,
                 "Too many requests of this session. Wait for as long as 'Retry-After' says.",
                 to_retry_after(admission.retry_after), "session"};
}

std::optional<Refusal> check_draining(const metrics::NodeState& node) {
  if (!node.draining.load(std::memory_order_relaxed)) return {};
  return Refusal{.problem = Problem::draining, .retry_after = kRetryDraining};
}

std::optional<Refusal> to_overloaded(const limits::Admission& admission) {
  if (admission) return {};
  return Refusal{.problem = Problem::overloaded,
                 .retry_after = std::max(kRetryOverloaded, to_retry_after(admission.retry_after))};
}

std::optional<Refusal> check_turn(limits::TicketQueue* queue, std::string_view session,
                                  TimePoint now) {
  if (queue == nullptr) return {};
  const limits::Turn turn = queue->ask(session, now);
  const auto wait = to_retry_after(turn.wait);
  switch (turn.kind) {
    case limits::Turn::Kind::now:
      return {};
    case limits::Turn::Kind::place:
      return Refusal{.problem = Problem::overloaded,
                     .detail =
                         "Many are coming back at once. Ask again when 'retry_after_ms' has "
                         "passed: a place is kept for you.",
                     .retry_after = wait,
                     .log_reason = "limits.tickets_per_second reached: a place was given",
                     .is_place = true};
    case limits::Turn::Kind::full:
      return Refusal{.problem = Problem::overloaded,
                     .detail = "Too many are waiting already. Try again with backoff.",
                     .retry_after = wait,
                     .log_reason = "limits.tickets_per_second reached: no place is left"};
  }
  USHER_CHECK(false);
}

std::optional<Refusal> check_unused_body(wire::JsonReader& json, std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return {};
  const auto root = json.parse(body);
  if (root && root->is_object()) return {};
  return Refusal{Problem::bad_request, "The body must be empty or a JSON object."};
}

Refusal to_refusal(auth::TokenError error) {
  return {.problem = to_problem(auth::code_of(error)), .log_reason = auth::reason_of(error)};
}

Refusal to_refusal(const issuer::TokenFault& fault) {
  if (!fault.unknown_for) return to_refusal(fault.error);
  return {Problem::store_unavailable,
          "The token's key is not known yet, and its issuer can't be asked right now. Wait for as "
          "long as 'Retry-After' says.",
          to_retry_after(*fault.unknown_for),
          "the token's key is unknown, and jwt.jwks_url may not be fetched yet"};
}

}  // namespace usher::http
