// The JSON of tokens: one object, every level of it open, so that a duplicate member is found
// wherever it hides.
#pragma once

#include <string_view>

#include "auth/jwt_error.h"
#include "base/result.h"
#include "wire/json.h"

namespace usher::auth {

// Every value but the root is a node; a token of 8 KiB can hold no more.
inline constexpr std::size_t kJsonNodesMax = 4096;

// The root of `text`, an object. Good until the reader's next parse.
Result<wire::JsonNode, TokenError> parse_json_object(wire::JsonReader& reader,
                                                     std::string_view text, std::size_t nodes_max);

}  // namespace usher::auth
