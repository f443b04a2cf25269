// Tokens for guests, that is, for sessions without a user: POST /auth/token.
//
// Renewal keeps the session. The claim `born` says when the session began, so that no chain of
// renewals outlives `session_max`.
//
// Threads: immutable, shared freely.
// Borrows: the Entropy, which must outlive it.
#pragma once

#include <chrono>
#include <string>

#include "auth/claims.h"
#include "auth/jwt_error.h"
#include "auth/jwt_signer.h"
#include "base/entropy.h"
#include "base/result.h"
#include "base/wall_clock.h"

namespace usher::auth {

struct GuestOptions {
  std::chrono::seconds token_ttl = std::chrono::hours(24);
  std::chrono::seconds renewal_window =
      std::chrono::hours(720);  // for JwtVerifier::verify_expired_within
  std::chrono::seconds session_max =
      std::chrono::hours(8760);  // from the first token to the last one's end
};

struct GuestToken {
  std::string token;
  std::string session;
  std::chrono::seconds expires_in;
};

class GuestTokens {
 public:
  // `key` is the first of the guest keys: the one that signs.
  // Requires: 0 < token_ttl and 0 < session_max. Throws KeyError for a key that can only verify.
  GuestTokens(GuestOptions options, Key key, Entropy& entropy);

  // Returns a token for a new session, named `sess_` and 32 random hex digits.
  GuestToken issue(WallTime now) const;

  // Returns a new token for the session of `claims`.
  // Requires: `claims` come from JwtVerifier::verify_expired_within(), and the caller has checked
  // that they are not revoked.
  // Errors: `not_a_guest`; `expired` if the session is `session_max` old.
  Result<GuestToken, TokenError> renew(const Claims& claims, WallTime now) const;

  std::chrono::seconds renewal_window() const { return options_.renewal_window; }

 private:
  GuestToken mint(std::string session, std::int64_t born, std::int64_t now) const;

  GuestOptions options_;
  JwtSigner signer_;
  Entropy& entropy_;
};

}  // namespace usher::auth
