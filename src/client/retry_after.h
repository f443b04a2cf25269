// For how long the server asks not to be called again.
#pragma once

#include <string_view>

#include "client/protocol.h"
#include "client/reconnect_policy.h"

namespace usher::client {

// Returns the milliseconds from `now` that the text of a Retry-After header names (RFC 9110 section
// 10.2.3): digits, or an IMF-fixdate. Returns 0 for any other text and for the past. The result has
// no bound; the caller must cap it.
double retry_after_ms(std::string_view text, Instant now);

// Returns the delay of the problem body if it is a number not below zero, and that of the header
// otherwise.
GivenDelay given_delay(const HttpFailure& failure, Instant now);

}  // namespace usher::client
