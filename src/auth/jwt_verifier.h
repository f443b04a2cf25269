// Verifies tokens (JWS compact serialization, RFC 7515, 7519, 8725) and returns their claims.
//
// The signature is verified first; no claim is read before that. The signing key, never a claim
// alone, distinguishes guest tokens from the issuer's tokens: `guest` counts only if a guest key
// signed the token and `iss` is "usher". A guest key is accepted for guest tokens only.
//
// Threads: immutable; shared as shared_ptr<const JwtVerifier>, which is swapped to rotate keys.
// verify() takes no lock.
// Limits: kTokenBytesMax; the bounds of claims in jwt_options.h. A token costs at most one
// signature check for each key of its `alg`.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/claims.h"
#include "auth/jwt_error.h"
#include "auth/jwt_options.h"
#include "auth/key_set.h"
#include "base/result.h"
#include "base/wall_clock.h"

namespace usher::auth {

inline constexpr std::size_t kTokenBytesMax = 8 * 1024;

struct JwtHeader;

class JwtVerifier {
 public:
  // A key may be in both sets. Then `iss` and `guest` distinguish the two kinds of token.
  JwtVerifier(JwtOptions options, const KeySet& issuer_keys, const KeySet& guest_keys = {});

  Result<Claims, TokenError> verify(std::string_view token, WallTime now) const;

  // As verify(), but a guest's token may have expired less than `window` ago. For renewals only.
  Result<Claims, TokenError> verify_expired_within(std::string_view token, WallTime now,
                                                   std::chrono::seconds window) const;

  // For `usher checktoken`: returns reason_of(error) with the names and values that the operator
  // needs. `token` is the refused token; the text contains no secret part of it.
  std::string explain(std::string_view token, TokenError error) const;

 private:
  // A key and the kinds of token that it may sign.
  struct TrustedKey {
    Key key;
    bool issuer = false;
    bool guest = false;
  };

  Result<const TrustedKey*, TokenError> find_signer(std::string_view input,
                                                    std::string_view signature,
                                                    const JwtHeader& header) const;
  bool may_be_of_newer_key(const JwtHeader& header) const;
  std::string explain_algorithm(std::string_view header_json) const;

  JwtOptions options_;
  std::vector<TrustedKey> keys_;
};

// Returns the payload of a verified token: the JSON text that was signed.
// Requires: verify() has accepted the token. This function verifies nothing.
std::string payload_of(std::string_view verified_token);

}  // namespace usher::auth
