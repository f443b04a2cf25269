// Lets a JWT in where a ticket is expected (client.accept_jwt): the first `connect` on
// /connection/websocket, and in-band refreshes.
//
// It costs its session one ticket, so that this way in is no wider than the other. And it costs its
// address one request for a ticket before it is looked at: a forged ES512 signature takes a
// millisecond to refuse.
//
// Threads: one per shard. Borrows: everything; must outlive it.
#pragma once

#include "auth/jwt_verifier.h"
#include "base/snapshot.h"
#include "base/wall_clock.h"
#include "issuer/token_check.h"
#include "limits/rate_limiter.h"
#include "session/dependencies.h"

namespace usher::gateway {

struct JwtDoorDependencies {
  const Snapshot<auth::JwtVerifier>& jwt;
  const Clock& clock;
  const WallClock& wall_clock;
  // Limits, those of /auth/ticket. Null: none.
  limits::RateLimiter* tickets_per_address = nullptr;
  limits::RateLimiter* tickets_per_session = nullptr;
  issuer::NewerKeys* newer_keys = nullptr;  // null: all keys are from files
};

class JwtDoor final : public session::TokenDoor {
 public:
  explicit JwtDoor(JwtDoorDependencies dependencies) : dependencies_(dependencies) {}

  void admit(std::string_view token, std::string_view address_key, Done done) override;

 private:
  void go_on(issuer::CheckedToken claims, Done& done);

  JwtDoorDependencies dependencies_;
};

}  // namespace usher::gateway
