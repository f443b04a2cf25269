// The call `sessions`: which connections of a session or user are live, on all nodes. It is asked
// like every call, or as `GET /api/sessions?user=…`.
//
// Of an address, the answer tells its class and a prefix that many share
// (limits/address_class.h).
//
// Threads: none. Plain functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "api/api_error.h"
#include "base/result.h"
#include "http/json_fields.h"
#include "hub/order.h"

namespace usher::api {

// How many connections an answer lists.
inline constexpr std::size_t kSessionsListedDefault = 100;
inline constexpr std::size_t kSessionsListedMax = 1000;

// Reads the members of the call.
Result<hub::SessionsQuery, ApiError> read_sessions(http::JsonFields fields);

// Returns the query of a URL as the call's body; `nullopt` if it is no query, or names a member
// twice.
std::optional<std::string> sessions_body(std::string_view query);

// `node`: this one's name, for answers of an engine that has no other.
std::string sessions_to_json(const hub::OrderAnswer& answer, std::string_view node);

}  // namespace usher::api
