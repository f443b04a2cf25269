// Tokens like those that identity providers issue, for `usher token --like`: those of docs/tokens.md,
// where each stands beside the configuration that accepts it. A test compares the two.
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "auth/jwt_signer.h"
#include "config/config.h"

namespace usher::apps {

// A claim of an example. `json` is its value, or a time: `exp`, or `now` and seconds from now, as in
// `now-10`.
struct ExampleClaim {
  std::string_view name;
  std::string_view json;
};

struct Provider {
  std::string_view name;  // as --like takes it
  std::span<const ExampleClaim> payload;
  config::IssuerConfig (*settings)();  // that accept it, without a key
  std::string_view jwks_url;           // where the provider publishes its keys
};

std::span<const Provider> providers();

// Returns the example's payload, issued now. Times are Unix seconds.
auth::JwtPayload example_payload(const Provider& provider, std::int64_t now, std::int64_t exp);

}  // namespace usher::apps
