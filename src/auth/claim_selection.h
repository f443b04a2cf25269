// Selects claims by name: the part of a token's claims that others are told about.
//
// Threads: none. Plain functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "wire/json.h"

namespace usher::auth {

// Returns the members of `object` that have one of these names, in their order, as the text of a
// JSON object on one line. Values are copied byte for byte. Returns "" if there are none, and if
// `object` is no opened object.
std::string select_claims(const wire::JsonNode& object, std::span<const std::string> names);

// The same for an object as text. Returns "" too if `json` is no JSON object.
std::string select_claims(std::string_view json, std::span<const std::string> names);

}  // namespace usher::auth
