#include "gateway/subscription_door.h"

#include <string>
#include <utility>

#include "auth/subscription_token.h"
#include "issuer/token_check.h"

namespace usher::gateway {
namespace {

using Refusal = session::SubscriptionTokens::Refusal;

// A signature was looked at, or would have been: not for nothing.
bool is_forged(auth::TokenError error) {
  return error == auth::TokenError::signature || error == auth::TokenError::unknown_key;
}

Refusal to_refusal(const issuer::TokenFault& fault) {
  if (fault.unknown_for) return Refusal::key_unknown;
  return fault.error == auth::TokenError::expired || fault.error == auth::TokenError::not_yet_valid
             ? Refusal::expired
             : Refusal::invalid;
}

}  // namespace

void SubscriptionDoor::check(std::string_view token, std::string_view address_key, Done done) {
  limits::RateLimiter* const per_address = dependencies_.tickets_per_address;
  if (per_address != nullptr && !per_address->peek(address_key, dependencies_.clock.now())) {
    return done(Refusal::too_many_requests);
  }
  issuer::check_token(
      dependencies_.newer_keys, token,
      [this](std::string_view shown) {
        return auth::verify_subscription(dependencies_.jwt.get()->issuers(), shown,
                                         dependencies_.wall_clock.now());
      },
      [this, address = std::string(address_key), per_address,
       done = std::move(done)](auto checked) mutable {
        if (checked) {
          const auth::Bearer bearer{
              .user = checked->user, .jti = checked->jti, .iat = checked->iat};
          if (dependencies_.revocations.is_revoked(bearer, dependencies_.wall_clock.now())) {
            return done(Refusal::invalid);
          }
          return done(std::move(*checked));
        }
        if (per_address != nullptr && is_forged(checked.error().error)) {
          static_cast<void>(per_address->take(address, dependencies_.clock.now()));
        }
        done(to_refusal(checked.error()));
      });
}

}  // namespace usher::gateway
