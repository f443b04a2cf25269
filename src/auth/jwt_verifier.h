// Whether a token (JWS compact serialization, RFC 7515, 7519, 8725) is good, and whose it is.
//
// The signature comes first; no claim is looked at before it is known to be good. Guest tokens are
// told from the issuer's by the key that signed them, never by what they say: `guest` counts only
// behind a guest key and `iss:"usher"`, and a guest key is good for nothing else.
//
// Threads: immutable; share it as shared_ptr<const JwtVerifier> and swap that to rotate keys.
// verify() takes no lock. Limits: kTokenBytesMax; the bounds of claims below. A token costs at most
// one signature check per key of its `alg`.
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
  // A key in both sets signs for both: then `iss` and `guest` tell the two kinds of token apart.
  JwtVerifier(JwtOptions options, const KeySet& issuer_keys, const KeySet& guest_keys = {});

  Result<Claims, TokenError> verify(std::string_view token, WallTime now) const;

  // As verify(), but a guest's token may have expired, for less than `window`. For renewals alone.
  Result<Claims, TokenError> verify_expired_within(std::string_view token, WallTime now,
                                                   std::chrono::seconds window) const;

  // reason_of(error), with the names and values that the operator at `usher checktoken` needs.
  // `token` is the one that was refused; nothing secret of it is in the text.
  std::string explain(std::string_view token, TokenError error) const;

 private:
  // A key and what it may sign.
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

// The payload of a token that was found good, as the JSON text that was signed. Not for others: it
// verifies nothing.
std::string payload_of(std::string_view verified_token);

}  // namespace usher::auth
