// The claims of a token whose signature is good (RFC 7519 section 4): types, bounds, issuer,
// audience and time.
#pragma once

#include <chrono>
#include <string_view>

#include "auth/claims.h"
#include "auth/jwt_error.h"
#include "auth/jwt_options.h"
#include "base/result.h"
#include "base/wall_clock.h"

namespace usher::auth {

// What the key that signed may vouch for.
struct SignerRoles {
  bool issuer = false;
  bool guest = false;
};

// `json` is the decoded second part of a token. `guest_window`: how long a guest's token may have
// expired.
//
// In this order: everything's type and bounds, whose token it is, `iss`, `aud`, `nbf`, `exp`,
// session. A time with a fraction is taken at its stricter second.
//
// An `iat` in the future is no ground to refuse (RFC 7519 section 4.1.6), but beyond the leeway it
// is not believed either: Claims::iat is then empty, as if there were none. Else such a token would
// outlive the revocation of its user.
Result<Claims, TokenError> read_claims(std::string_view json, const JwtOptions& options,
                                       SignerRoles signer, WallTime now,
                                       std::chrono::seconds guest_window);

// The name of the first claim for which read_claims() said claim_malformed, for the operator; ""
// where there is none. Good while `options` live.
std::string_view malformed_claim_in(std::string_view json, const JwtOptions& options);

}  // namespace usher::auth
