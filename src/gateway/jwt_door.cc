#include "gateway/jwt_door.h"

#include <utility>

#include "base/check.h"
#include "gateway/newer_keys.h"

namespace usher::gateway {

Result<auth::Claims, session::TokenDoor::Refusal> JwtDoor::admit(std::string_view token,
                                                                 TimePoint now) {
  auto claims = jwt_.get()->verify(token, wall_clock_.now());
  if (!claims && newer_keys_ != nullptr && newer_keys_->may_help(claims.error())) {
    // Whoever comes with a new key comes again when its SDK has a new token, and finds it here.
    newer_keys_->ask([](KeyNews) {});
    return Refusal::expired;
  }
  if (!claims) {
    switch (auth::code_of(claims.error())) {
      case auth::TokenCode::token_expired:
        return Refusal::expired;
      case auth::TokenCode::invalid_token:
      case auth::TokenCode::missing_session:
        return Refusal::invalid;
    }
    USHER_CHECK(false);
  }
  if (tickets_per_session_ != nullptr && !tickets_per_session_->take(claims->session, now)) {
    return Refusal::too_many_requests;
  }
  return std::move(*claims);
}

}  // namespace usher::gateway
