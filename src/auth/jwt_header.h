// The JOSE header of a token (RFC 7515 section 4): the algorithm and key that the token claims to
// be signed with. It is read before the signature is verified.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/jwt_algorithm.h"
#include "auth/jwt_error.h"
#include "base/result.h"

namespace usher::auth {

struct JwtHeader {
  Algorithm algorithm;
  std::optional<std::string> kid;  // compared byte for byte
};

// `json` is the decoded first part of a token.
Result<JwtHeader, TokenError> read_header(std::string_view json);

}  // namespace usher::auth
