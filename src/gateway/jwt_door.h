// Lets a JWT in where a ticket is expected (client.accept_jwt): the first `connect` on
// /connection/websocket, and in-band refreshes.
//
// It costs its session one ticket, so that this way in is no wider than the other.
//
// Threads: one per shard. Borrows: everything; must outlive it.
#pragma once

#include "auth/jwt_verifier.h"
#include "auth/rate_limiter.h"
#include "base/snapshot.h"
#include "base/wall_clock.h"
#include "session/services.h"

namespace usher::gateway {

class NewerKeys;

class JwtDoor final : public session::TokenDoor {
 public:
  // `tickets_per_session` may be null: no limit; `newer_keys` too: all keys are from files.
  JwtDoor(const Snapshot<auth::JwtVerifier>& jwt, auth::RateLimiter* tickets_per_session,
          const WallClock& wall_clock, NewerKeys* newer_keys = nullptr)
      : jwt_(jwt),
        tickets_per_session_(tickets_per_session),
        wall_clock_(wall_clock),
        newer_keys_(newer_keys) {}

  Result<auth::Claims, Refusal> admit(std::string_view token, TimePoint now) override;

 private:
  const Snapshot<auth::JwtVerifier>& jwt_;
  auth::RateLimiter* tickets_per_session_;
  const WallClock& wall_clock_;
  NewerKeys* newer_keys_;
};

}  // namespace usher::gateway
