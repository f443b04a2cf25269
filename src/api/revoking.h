// Revokes a session, user, token or provider's session everywhere: for the server API, and for
// identity providers that log a user out.
//
// First new connections are refused, then the existing ones are closed, so that none gets in
// between. This gateway acts at once, whatever the other gateways do.
//
// Threads: one per shard. Borrows: Dependencies, which must outlive it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "auth/revocations.h"
#include "base/result.h"
#include "base/unique_function.h"
#include "base/wall_clock.h"
#include "http/dependencies.h"
#include "hub/error.h"
#include "hub/order.h"

namespace usher::api {

struct RevocationOrder {
  auth::RevokedBy by;
  std::string name;            // not empty
  std::chrono::seconds ttl{};  // 0: RevokingOptions::revocation_ttl
  // Of a user, tokens that were issued no later are refused. Never later than now.
  WallTime revoked_at{};
};

enum class RevokeFault : std::uint8_t {
  nothing_revoked,  // too many revocations are in force
  here_alone,       // likewise, on the other gateways
  others_later,     // the other gateways will be told as soon as the engine can be reached
  order_failed,     // revoked everywhere, but not every connection is closed
};

struct RevokingOptions {
  std::chrono::seconds revocation_ttl = std::chrono::hours(744);
  std::chrono::seconds leeway{0};  // tokens are accepted for so long after their end
};

class Revoking {
 public:
  // The answer says whether each node has closed its connections: OrderAnswer::elsewhere.
  using Done = UniqueFunction<void(Result<hub::OrderAnswer, RevokeFault>)>;

  Revoking(RevokingOptions options, http::RouteDependencies& dependencies)
      : options_(options), dependencies_(dependencies) {}

  void set_options(RevokingOptions options) { options_ = options; }

  // Calls `done` once, inline or later, on this shard.
  void revoke(RevocationOrder order, Done done);

 private:
  void close(hub::DisconnectOrder order, Done done);

  RevokingOptions options_;
  http::RouteDependencies& dependencies_;
};

}  // namespace usher::api
