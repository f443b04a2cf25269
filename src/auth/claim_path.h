// Finds a claim by its name, or by the path to it.
//
// A name is looked for as it stands first, so `https://example.com/tenant` and `app.role` are found
// as members of the outermost object. Only then dots separate objects from their members:
// `realm_access.roles` is `roles` in `realm_access`. Of several ways to read a path, the one with
// the longest first name wins, at each level: `https://a.example/claims.role` is `role` in
// `https://a.example/claims`. Elements of arrays have no path.
//
// Threads: none. A plain function.
#pragma once

#include <string_view>

#include "wire/json.h"

namespace usher::auth {

// Returns an absent node if there is no such claim. A claim that is `null` is there.
wire::JsonNode find_claim(const wire::JsonNode& object, std::string_view path);

}  // namespace usher::auth
