#include "auth/guest_tokens.h"

#include <algorithm>

#include "auth/jwt_verifier.h"
#include "base/bytes.h"
#include "base/check.h"

namespace usher::auth {
namespace {

std::string random_hex(Entropy& entropy) {
  const auto bytes = entropy.bytes<16>();
  return to_hex(bytes);
}

}  // namespace

GuestTokens::GuestTokens(GuestOptions options, Key key, Entropy& entropy)
    : options_(options), signer_(std::move(key)), entropy_(entropy) {
  USHER_CHECK(options.token_ttl.count() > 0 && options.session_max.count() > 0);
}

GuestToken GuestTokens::issue(WallTime now) const {
  const std::int64_t born = unix_seconds(now);
  return mint("sess_" + random_hex(entropy_), born, born);
}

Result<GuestToken, TokenError> GuestTokens::renew(const Claims& claims, WallTime now) const {
  if (!claims.guest) return TokenError::not_a_guest;
  const auto born = claims.born ? claims.born : claims.iat;
  if (!born) return TokenError::claim_malformed;
  const std::int64_t now_s = unix_seconds(now);
  if (now_s >= *born + options_.session_max.count()) return TokenError::expired;
  return mint(claims.session, *born, now_s);
}

GuestToken GuestTokens::mint(std::string session, std::int64_t born, std::int64_t now) const {
  const std::int64_t exp =
      std::min(now + options_.token_ttl.count(), born + options_.session_max.count());
  JwtPayload payload;
  payload.set("iss", kGuestIssuer)
      .set_flag("guest", true)
      .set("sessionId", session)
      .set_number("iat", now)
      .set_number("exp", exp)
      .set("jti", random_hex(entropy_))
      .set_number("born", born);
  return {signer_.sign(payload), std::move(session), std::chrono::seconds(exp - now)};
}

}  // namespace usher::auth
