#include "gateway/jwt_door.h"

#include <utility>

#include "base/check.h"

namespace usher::gateway {
namespace {

session::TokenDoor::Refusal to_refusal(const issuer::TokenFault& fault) {
  using Refusal = session::TokenDoor::Refusal;
  if (fault.unknown_for) return Refusal::key_unknown;
  switch (auth::code_of(fault.error)) {
    case auth::TokenCode::token_expired:
      return Refusal::expired;
    case auth::TokenCode::invalid_token:
    case auth::TokenCode::missing_session:
      return Refusal::invalid;
  }
  USHER_CHECK(false);
}

}  // namespace

void JwtDoor::admit(std::string_view token, std::string_view address_key, Done done) {
  limits::RateLimiter* per_address = dependencies_.tickets_per_address;
  if (per_address != nullptr && !per_address->take(address_key, dependencies_.clock.now())) {
    return done(Refusal::too_many_requests);
  }
  issuer::check_token(
      dependencies_.newer_keys, token,
      [this](std::string_view shown) {
        return dependencies_.jwt.get()->verify(shown, dependencies_.wall_clock.now());
      },
      [this, done = std::move(done)](issuer::CheckedToken claims) mutable {
        go_on(std::move(claims), done);
      });
}

void JwtDoor::go_on(issuer::CheckedToken claims, Done& done) {
  if (!claims) return done(to_refusal(claims.error()));
  limits::RateLimiter* per_session = dependencies_.tickets_per_session;
  if (per_session != nullptr && !per_session->take(claims->session, dependencies_.clock.now())) {
    return done(Refusal::too_many_requests);
  }
  done(std::move(*claims));
}

}  // namespace usher::gateway
