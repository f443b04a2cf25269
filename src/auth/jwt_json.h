// Parses the JSON of tokens: one object. All levels are parsed, so that a duplicate member is found
// at any depth.
#pragma once

#include <string_view>

#include "auth/jwt_error.h"
#include "base/result.h"
#include "wire/json.h"

namespace usher::auth {

// Every value except the root is a node. A token of 8 KiB cannot hold more.
inline constexpr std::size_t kJsonNodesMax = 4096;

// Returns the root object of `text`. It is valid until the reader's next parse.
Result<wire::JsonNode, TokenError> parse_json_object(wire::JsonReader& reader,
                                                     std::string_view text, std::size_t nodes_max);

}  // namespace usher::auth
