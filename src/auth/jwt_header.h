// The JOSE header of a token (RFC 7515 section 4): the algorithm and key that the token claims to
// be signed with. It is read before the signature is verified.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/jwt_algorithm.h"
#include "auth/jwt_error.h"
#include "base/result.h"

namespace usher::auth {

// What a token is for. Its `typ`, if it has one, must fit.
enum class TokenKind : std::uint8_t {
  access,          // JWT, at+jwt (RFC 9068)
  logout,          // JWT, logout+jwt (OpenID Connect Back-Channel Logout 1.0)
  security_event,  // secevent+jwt (RFC 8417)
};

struct JwtHeader {
  Algorithm algorithm;
  std::optional<std::string> kid;  // compared byte for byte
  std::string typ;                 // in lowercase, without `application/`; "": none
};

// `json` is the decoded first part of a token.
Result<JwtHeader, TokenError> read_header(std::string_view json,
                                          TokenKind kind = TokenKind::access);

// Returns a media type as JwtHeader::typ holds it. Its case does not count, and `application/` may
// be left out (RFC 7515 section 4.1.9).
std::string short_type(std::string_view typ);

}  // namespace usher::auth
