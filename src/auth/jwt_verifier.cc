#include "auth/jwt_verifier.h"

#include "auth/jwt_claims.h"

namespace usher::auth {

Result<Claims, TokenError> JwtVerifier::verify(std::string_view token, WallTime now) const {
  return verify_expired_within(token, now, std::chrono::seconds::zero());
}

Result<Claims, TokenError> JwtVerifier::verify_expired_within(std::string_view token, WallTime now,
                                                              std::chrono::seconds window) const {
  const auto payload = issuers_.verify_signature(token);
  if (!payload) return payload.error();
  auto claims = read_claims(payload->json, payload->options, payload->signer, now, window);
  const std::string& wanted = payload->options.typ;
  if (claims && !claims->guest && !wanted.empty() && payload->typ != short_type(wanted)) {
    return TokenError::type_refused;
  }
  return claims;
}

}  // namespace usher::auth
