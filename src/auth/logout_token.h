// Reads a logout token whose signature is good, by every rule of OpenID Connect Back-Channel Logout
// 1.0, section 2.6.
//
// With a `sid` the token ends that session alone; without one, all sessions of its user. With
// JwtOptions::logout_by_user it always ends those of its user, if it names one: for providers whose
// access tokens do not have `sid`.
//
// Threads: none. A plain function.
#pragma once

#include <string_view>

#include "auth/provider_message.h"

namespace usher::auth {

// `typ`: of the header, as JwtHeader::typ. Whether `jti` has been seen before is the caller's to
// check.
Result<ProviderMessage, MessageFault> read_logout_token(std::string_view json, std::string_view typ,
                                                        const JwtOptions& options, WallTime now);

}  // namespace usher::auth
