// Verifies access tokens and returns their claims: the signature first (issuer_table.h), then what
// the issuer's tokens must say (jwt_claims.h).
//
// The signing key, never a claim alone, distinguishes guest tokens from an issuer's tokens: `guest`
// counts only if a guest key signed the token and `iss` is "usher". A guest key is accepted for
// guest tokens only.
//
// Threads: immutable; shared as shared_ptr<const JwtVerifier>, which is swapped to rotate keys.
// verify() takes no lock.
// Limits: kTokenBytesMax; the bounds of claims in jwt_options.h.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "auth/claims.h"
#include "auth/issuer_table.h"
#include "auth/jwt_error.h"
#include "auth/jwt_options.h"
#include "auth/key_set.h"
#include "base/result.h"
#include "base/wall_clock.h"

namespace usher::auth {

class JwtVerifier {
 public:
  explicit JwtVerifier(IssuerTable issuers) : issuers_(std::move(issuers)) {}

  // With one issuer.
  JwtVerifier(JwtOptions options, const KeySet& issuer_keys, const KeySet& guest_keys = {})
      : issuers_({Issuer{options, issuer_keys}}, guest_keys, options) {}

  Result<Claims, TokenError> verify(std::string_view token, WallTime now) const;

  // As verify(), but a guest's token may have expired less than `window` ago. For renewals only.
  Result<Claims, TokenError> verify_expired_within(std::string_view token, WallTime now,
                                                   std::chrono::seconds window) const;

  // For `usher checktoken`, as IssuerTable::explain().
  std::string explain(std::string_view token, TokenError error) const {
    return issuers_.explain(token, error);
  }

  const IssuerTable& issuers() const { return issuers_; }

 private:
  IssuerTable issuers_;
};

}  // namespace usher::auth
