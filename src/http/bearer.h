// The token in `Authorization: Bearer <token>` (RFC 6750 section 2.1).
#pragma once

#include <optional>
#include <string_view>

#include "wire/http_message.h"

namespace usher::http {

enum class BearerState : std::uint8_t { absent, malformed, present };

struct BearerToken {
  BearerState state = BearerState::absent;
  std::string_view token;  // of `present`; points into the request
};

// `present` says that something stands where a token should; whether it is one, the verifier says.
BearerToken read_bearer(const wire::HttpRequest& request);

// The text behind the scheme of an Authorization value; the scheme is compared without case.
// Nothing: another scheme, or not exactly one word behind it.
std::optional<std::string_view> credential_of(std::string_view authorization,
                                              std::string_view lowercase_scheme);

}  // namespace usher::http
