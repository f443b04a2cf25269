#include "gateway/jwt_door.h"

#include <utility>

#include "base/check.h"
#include "gateway/newer_keys.h"

namespace usher::gateway {
namespace {

session::TokenDoor::Refusal to_refusal(auth::TokenError error) {
  using Refusal = session::TokenDoor::Refusal;
  switch (auth::code_of(error)) {
    case auth::TokenCode::token_expired:
      return Refusal::expired;
    case auth::TokenCode::invalid_token:
    case auth::TokenCode::missing_session:
      return Refusal::invalid;
  }
  USHER_CHECK(false);
}

}  // namespace

Result<auth::Claims, auth::TokenError> JwtDoor::verify(std::string_view token) const {
  return services_.jwt.get()->verify(token, services_.wall_clock.now());
}

void JwtDoor::admit(std::string_view token, std::string_view address_key, Done done) {
  auth::RateLimiter* per_address = services_.tickets_per_address;
  if (per_address != nullptr && !per_address->take(address_key, services_.clock.now())) {
    return done(Refusal::too_many_requests);
  }
  auto claims = verify(token);
  NewerKeys* newer = services_.newer_keys;
  if (claims || newer == nullptr || !newer->may_help(claims.error())) {
    return go_on(std::move(claims), done);
  }
  newer->ask(
      [this, newer, token = std::string(token), done = std::move(done)](KeyNews news) mutable {
        auto again = verify(token);
        if (!again && !news.looked && newer->may_help(again.error()))
          return done(Refusal::key_unknown);
        go_on(std::move(again), done);
      });
}

void JwtDoor::go_on(Result<auth::Claims, auth::TokenError> claims, Done& done) {
  if (!claims) return done(to_refusal(claims.error()));
  auth::RateLimiter* per_session = services_.tickets_per_session;
  if (per_session != nullptr && !per_session->take(claims->session, services_.clock.now())) {
    return done(Refusal::too_many_requests);
  }
  done(std::move(*claims));
}

}  // namespace usher::gateway
