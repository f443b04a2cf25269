#include "gateway/token_route.h"

#include <utility>

#include "auth/guest_tokens.h"
#include "auth/jwt_verifier.h"
#include "auth/revocations.h"
#include "http/bearer.h"
#include "http/route_checks.h"
#include "wire/json_writer.h"

namespace usher::gateway {
namespace {

std::string to_json(const auth::GuestToken& guest) {
  std::string body;
  wire::JsonObjectWriter object(body);
  object.string("token", guest.token);
  object.string("session_id", guest.session);
  object.number("expires_in", guest.expires_in.count());
  object.end();
  return body;
}

}  // namespace

std::shared_ptr<const auth::GuestTokens> TokenRoute::guests() const {
  return dependencies_.guest_tokens == nullptr ? nullptr : dependencies_.guest_tokens->get();
}

std::optional<http::Refusal> TokenRoute::check(const edge::RequestContext& context) const {
  if (const auto refusal = http::check_address(dependencies_.tokens_per_address,
                                               context.peer_address, context.now)) {
    return refusal;
  }
  if (const auto refusal = http::check_draining(dependencies_.node)) return refusal;
  return {};
}

void TokenRoute::post(const edge::RequestContext& context, http::Answer answer) {
  if (const auto refusal = check(context)) return answer.refuse(*refusal);
  const auto guests = this->guests();
  if (!guests) return answer.refuse({http::Problem::guests_disabled});
  const http::BearerToken bearer = http::read_bearer(context.request);
  switch (bearer.state) {
    case http::BearerState::malformed:
      return answer.refuse({.problem = http::Problem::missing_auth});
    case http::BearerState::present:
      return renew(context, guests, bearer.token, std::move(answer));
    case http::BearerState::absent:
      break;
  }
  if (const auto refusal = http::check_unused_body(json_, context.request.body)) {
    return answer.refuse(*refusal);
  }
  dependencies_.metrics.guests_created.add();
  answer.json(to_json(guests->issue(context.wall_now)));
}

// No key of an issuer can make a token renewable. But the answer should tell what is wrong with the
// issuer's token, rather than that it is forged.
void TokenRoute::renew(const edge::RequestContext& context, const Guests& guests,
                       std::string_view token, http::Answer answer) {
  issuer::check_token(
      dependencies_.newer_keys, token,
      [this, guests](std::string_view shown) {
        return dependencies_.jwt.get()->verify_expired_within(shown, dependencies_.wall_clock.now(),
                                                              guests->renewal_window());
      },
      [this, guests, body = std::string(context.request.body),
       answer = std::move(answer)](const issuer::CheckedToken& claims) mutable {
        go_on(claims, guests, body, std::move(answer));
      });
}

void TokenRoute::go_on(const issuer::CheckedToken& claims, const Guests& guests,
                       std::string_view body, http::Answer answer) {
  if (!claims) return answer.refuse(http::to_refusal(claims.error()));
  const WallTime now = dependencies_.wall_clock.now();
  answer.is_about({dependencies_.identities, {}, claims->session, claims->user});
  // The new token has a new `jti`: a revocation of the old one would not be found again.
  if (dependencies_.are_revocations_known && !dependencies_.are_revocations_known()) {
    return answer.refuse({.problem = http::Problem::store_unavailable,
                          .retry_after = http::kRetryStoreUnavailable,
                          .log_reason = "revocations of other gateways are not loaded"});
  }
  if (dependencies_.revocations.is_revoked(auth::bearer_of(*claims), now)) {
    return answer.refuse({http::Problem::session_revoked});
  }
  if (const auto refusal = http::check_unused_body(json_, body)) return answer.refuse(*refusal);
  const auto renewed = guests->renew(*claims, now);
  if (!renewed) {
    http::Refusal refusal = http::to_refusal(renewed.error());
    if (renewed.error() == auth::TokenError::not_a_guest) {
      refusal.detail = "Only a guest's token can be renewed here. Log in again for a new one.";
    }
    return answer.refuse(refusal);
  }
  dependencies_.metrics.guests_renewed.add();
  answer.json(to_json(*renewed));
}

}  // namespace usher::gateway
