// Reads single claims, as all kinds of token write them.
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/jwt_error.h"
#include "auth/jwt_options.h"
#include "base/result.h"
#include "wire/json.h"

namespace usher::auth {

// NumericDate (RFC 7519 section 2), rounded to either side. Times before 1970 count as 1970: some
// issuers write their library's earliest date into `nbf` or `iat` where they have none.
struct NumericDate {
  std::int64_t floor;
  std::int64_t ceil;
};

// Returns `nullopt` for anything but a number, and beyond the year 9999: an issuer that counts
// milliseconds by mistake is beyond it.
std::optional<NumericDate> read_date(const wire::JsonNode& node);

// Returns whether `text`, which is valid UTF-8, has a control character.
bool has_control(std::string_view text);

// Reads a name that is kept, logged and compared: at most kClaimBytesMax, and without control
// characters. Returns false if it is no such name.
bool read_name(const wire::JsonNode& node, std::string& out);

// Returns whether it is one string or several (RFC 7519 section 4.1.3).
bool is_audience(const wire::JsonNode& node);

// Returns whether a string of `audience` is one of `wanted`.
bool names_one_of(const wire::JsonNode& audience, const std::vector<std::string>& wanted);

// Returns whether the claims are those of a logout token or another security event (RFC 8417): such a
// one has the keys, `iss` and often `aud` of access tokens. It must not open anything, whatever its
// `typ` says. Its `events` is an object whose members are URIs; other applications' may be different.
bool is_security_event(const wire::JsonNode& root);

// Puts the issuer's prefix before a session or user; "" stays as it is. Fails if the name becomes too
// long, or could be another issuer's.
Result<void, TokenError> put_prefix(const JwtOptions& options, std::string& name);

}  // namespace usher::auth
