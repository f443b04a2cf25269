// Reads a security event token (SET, RFC 8417) whose signature is good, and the events of CAEP and
// RISC that end sessions: `session-revoked`, `account-disabled`, `account-purged` and
// `sessions-revoked`. Events of other types are left to the caller to log.
//
// The subject is that of the event (`subject`) or of the token (`sub_id`, or `sub`), in the formats
// of RFC 9493: `iss_sub`, `email` if emails name users, `opaque` (a session in `session-revoked`, a
// user elsewhere), and CAEP's complex subjects with `session` and `user`. `jwt_id` is not taken: a
// `jti` does not belong to one issuer.
//
// Threads: none. A plain function.
#pragma once

#include <string_view>

#include "auth/provider_message.h"

namespace usher::auth {

// `typ`: of the header, as JwtHeader::typ. Whether `jti` has been seen before is the caller's to
// check.
Result<ProviderMessage, MessageFault> read_security_event(std::string_view json,
                                                          std::string_view typ,
                                                          const JwtOptions& options, WallTime now);

}  // namespace usher::auth
