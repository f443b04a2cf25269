// Verifies subscription tokens, with the keys of access tokens or with keys of their own.
//
// A good token costs the commands' rate alone. A forged one costs its address one request for a
// ticket, too: to refuse an ES512 signature takes a millisecond. An address that has used that up is
// refused before anything is verified.
//
// A token is refused if its `jti` is revoked, or if its user was revoked after the token was issued:
// who logs in again needs a new one.
//
// Threads: one per shard. Borrows: everything; must outlive it.
#pragma once

#include "auth/jwt_verifier.h"
#include "auth/revocations.h"
#include "base/clock.h"
#include "base/snapshot.h"
#include "base/wall_clock.h"
#include "issuer/newer_keys.h"
#include "limits/rate_limiter.h"
#include "session/dependencies.h"

namespace usher::gateway {

struct SubscriptionDoorDependencies {
  const Snapshot<auth::JwtVerifier>& jwt;
  const Clock& clock;
  const WallClock& wall_clock;
  const auth::Revocations& revocations;
  limits::RateLimiter* tickets_per_address = nullptr;  // that of /auth/ticket. Null: none
  issuer::NewerKeys* newer_keys = nullptr;             // null: all keys are from files
};

class SubscriptionDoor final : public session::SubscriptionTokens {
 public:
  explicit SubscriptionDoor(SubscriptionDoorDependencies dependencies)
      : dependencies_(dependencies) {}

  void check(std::string_view token, std::string_view address_key, Done done) override;

 private:
  SubscriptionDoorDependencies dependencies_;
};

}  // namespace usher::gateway
