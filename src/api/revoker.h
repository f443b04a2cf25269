// Revoking beyond this process: tells other gateways, and closes the connections of the revoked.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "auth/revocations.h"
#include "base/unique_function.h"
#include "base/wall_clock.h"
#include "hub/order.h"

namespace usher::api {

enum class RevokedElsewhere : std::uint8_t {
  yes,    // every gateway that can be reached knows it, and the others will
  full,   // too many are in force
  later,  // the engine could not be asked, or did not answer: they will be told when it can
};

// Implemented where gateways share an engine. Threads: one for each shard.
class Revoker {
 public:
  using Handler = UniqueFunction<void(RevokedElsewhere)>;

  virtual ~Revoker() = default;

  // `done` is called on this shard, inline or later.
  virtual void revoke(auth::RevokedBy by, std::string_view name, WallTime revoked_at,
                      WallTime until, WallTime now, Handler done) = 0;
};

// Closes the connections that a revocation names with 3520; of a user, those whose token was issued
// no later than `issued_until` (Unix seconds).
hub::DisconnectOrder disconnect_revoked(auth::RevokedBy by, std::string_view name,
                                        std::int64_t issued_until);

}  // namespace usher::api
