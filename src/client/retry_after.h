// When the server asks to be left alone, for how long.
#pragma once

#include <string_view>

#include "client/protocol.h"
#include "client/reconnect_policy.h"

namespace usher::client {

// Milliseconds from `now` that the text of a Retry-After header names (RFC 9110, 10.2.3): digits,
// or an IMF-fixdate. Anything else, and the past, is 0. May be beyond every bound: callers cap it.
double retry_after_ms(std::string_view text, Instant now);

// The problem body's delay where it is a number not below zero, else the header's.
GivenDelay given_delay(const HttpFailure& failure, Instant now);

}  // namespace usher::client
