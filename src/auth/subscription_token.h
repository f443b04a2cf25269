// A token for one subscription: what its payload says, in Centrifugo's claims.
//
//     {"sub":"ada","channel":"orders:7","exp":1800000000,"info":{…},"data":{…},"expire_at":0}
//
// It is no access token, and no access token is one: it has a `channel`. `exp` may be missing. The
// subscription ends with `expire_at` if that is given (0: never), else with `exp`.
//
// Pure: the caller has verified the signature, or lets verify_subscription() do it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "auth/issuer_table.h"
#include "auth/jwt_error.h"
#include "auth/jwt_options.h"
#include "base/result.h"
#include "base/wall_clock.h"

namespace usher::auth {

struct SubscriptionToken {
  std::string user{};     // with the issuer's prefix; empty: for clients that are not logged in
  std::string channel{};  // never empty
  std::string client{};   // for this connection alone; empty: for each of the user's
  std::string info{};     // raw JSON on one line, or empty
  std::string data{};     // likewise
  std::string jti{};      // empty: none
  std::optional<std::int64_t> iat{};        // Unix seconds
  std::optional<std::int64_t> expire_at{};  // of the subscription, Unix seconds
  friend bool operator==(const SubscriptionToken&, const SubscriptionToken&) = default;
};

// The checks run in this order: types and bounds, members that are refused (`override`), `iss`,
// `aud`, `nbf`, `exp`, `channel`. A token within its leeway grants one second more, as on a
// connection.
Result<SubscriptionToken, TokenError> read_subscription(std::string_view json,
                                                        const JwtOptions& options, WallTime now);

// The signature first. A guest key verifies no subscription.
Result<SubscriptionToken, TokenError> verify_subscription(const IssuerTable& issuers,
                                                          std::string_view token, WallTime now);

}  // namespace usher::auth
