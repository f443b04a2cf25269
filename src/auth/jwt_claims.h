// Checks the claims of a token whose signature is valid (RFC 7519 section 4): types, bounds,
// issuer, audience and time.
#pragma once

#include <chrono>
#include <string_view>

#include "auth/claims.h"
#include "auth/jwt_error.h"
#include "auth/jwt_options.h"
#include "base/result.h"
#include "base/wall_clock.h"

namespace usher::auth {

// The kinds of token that the signing key is trusted for.
struct SignerRoles {
  bool issuer = false;
  bool guest = false;
};

// `json` is the decoded second part of a token. `guest_window` is how long ago a guest's token may
// have expired.
//
// The checks run in this order: types and bounds of all claims, the kind of token (guest's or
// issuer's), `iss`, `aud`, `nbf`, `exp`, session, prefixes. A time with a fraction is rounded to the stricter
// second.
//
// An `iat` in the future is no reason to refuse a token (RFC 7519 section 4.1.6). If it is further
// in the future than the leeway, it is ignored: Claims::iat is empty, as if there were no `iat`.
// Otherwise such a token would outlive the revocation of its user.
Result<Claims, TokenError> read_claims(std::string_view json, const JwtOptions& options,
                                       SignerRoles signer, WallTime now,
                                       std::chrono::seconds guest_window);

// Returns the name of the first claim for which read_claims() fails with `claim_malformed`, or ""
// if there is none. For the operator. The view is valid while `options` lives.
std::string_view malformed_claim_in(std::string_view json, const JwtOptions& options);

}  // namespace usher::auth
