// The members of a call that hold a message, or JSON of the backend's own: `data` and the like.
//
// Each may come as JSON or, under a name that begins with `b64`, as the base64 of JSON. All messages
// are JSON, so other bytes are refused.
//
// Threads: none. Plain functions.
#pragma once

#include <string>
#include <string_view>

#include "api/api_limits.h"
#include "http/json_fields.h"
#include "hub/broker.h"

namespace usher::api {

// Returns the JSON on one line; "" if there is none, or if it is wrong: then `fields` has a fault.
std::string read_payload(http::JsonFields& fields, std::string_view name,
                         std::string_view base64_name);

// Reads all members of `publish` and `broadcast` but the channels. Whether `data` is there, and not
// too large, is checked by the caller.
hub::PublishRequest read_publication(http::JsonFields& fields, const ApiLimits& limits);

}  // namespace usher::api
