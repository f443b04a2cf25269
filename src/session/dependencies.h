// The dependencies of one shard's sessions: options, hub, ticket store, logs, and the observer that
// counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/claims.h"
#include "auth/origin_policy.h"
#include "auth/revocations.h"
#include "auth/subscription_token.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/log_identity.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "base/unique_function.h"
#include "base/wall_clock.h"
#include "hub/hub.h"
#include "limits/token_bucket.h"
#include "session/hooks.h"
#include "session/rejection.h"
#include "ticket/judgement.h"
#include "ticket/ticket_store.h"
#include "wire/protocol_command.h"

namespace usher::session {

struct SessionOptions {
  Duration ping_interval = std::chrono::seconds(25);  // as clients are told
  // The shortest interval that a connection of this process has been told: none is pinged less
  // often, because its client would take the connection for dead.
  Duration ping_interval_told_min = Duration::max();
  Duration pong_timeout = std::chrono::seconds(10);
  Duration store_timeout = std::chrono::milliseconds(500);
  Duration ticket_known_for = std::chrono::seconds(90);  // at most, after it was redeemed
  // On /connection/websocket, for the first command.
  Duration connect_timeout = std::chrono::seconds(10);
  std::size_t connect_bytes_max = 16 * 1024;  // of that command
  std::size_t held_bytes_max = 65536;         // commands that wait: as many as one message can hold
  std::chrono::milliseconds reconnect_spread{0};
  limits::RateLimit commands = limits::kNoLimit;  // of one connection
  std::size_t channels_per_connection = 128;      // subscriptions in one `connect`
  std::chrono::seconds leeway{30};                // a token is accepted for so long after its end
  std::size_t earlier_tokens_max = 64;            // a refreshed connection is known by their `jti`
  std::uint8_t hook_calls_max = 16;               // of one connection, under way
  Identities identities = Identities::hash;       // log.identities
  std::string version = "usher";
  std::string node;
};

// Accepts JWTs in place of tickets (client.accept_jwt). Implemented in gateway/.
class TokenDoor {
 public:
  enum class Refusal : std::uint8_t {
    invalid,
    expired,
    too_many_requests,
    key_unknown,  // a newer key of the issuer might verify it, but cannot be fetched now
  };
  using Done = UniqueFunction<void(Result<auth::Claims, Refusal>)>;

  virtual ~TokenDoor() = default;

  // Calls `done` once, inline or later, or never when the node stops, with the claims of a good
  // token. The token then counts against the rate of its session's tickets. Each token counts
  // against the rate of its address (limits::address_key), a bad one too. The caller must look up
  // revocations.
  virtual void admit(std::string_view token, std::string_view address_key, Done done) = 0;
};

// Verifies subscription tokens. Implemented in gateway/.
class SubscriptionTokens {
 public:
  enum class Refusal : std::uint8_t {
    invalid,
    expired,
    too_many_requests,
    key_unknown,  // as TokenDoor::Refusal
  };
  using Done = UniqueFunction<void(Result<auth::SubscriptionToken, Refusal>)>;

  virtual ~SubscriptionTokens() = default;

  // Calls `done` once, inline or later, or never when the node stops. A forged token counts against
  // the rate of its address. The caller must compare user, channel and client.
  virtual void check(std::string_view token, std::string_view address_key, Done done) = 0;
};

// Counts what happens to sessions. Implemented in gateway/.
class SessionObserver : public ticket::RedeemObserver {
 public:
  // Called instead of on_redeemed(): an SDK shows a spent ticket whose connection has ended.
  virtual void on_reused() {}
  // The ticket of an upgrade is unknown, or spent.
  virtual void on_forged(std::string_view peer_address, TimePoint now) = 0;
  virtual void on_connected() = 0;
  virtual void on_rejected(Rejection why) = 0;
  virtual void on_abandoned() = 0;  // ended before it was connected or rejected
  virtual void on_closed(std::uint16_t code, bool was_connected) = 0;
  virtual void on_message() = 0;
  virtual void on_command_refused() = 0;
  virtual void on_published() = 0;  // the engine has accepted a client's publication
};

struct SessionDependencies {
  const SessionOptions& options;
  hub::Hub& hub;
  ticket::TicketStore& tickets;
  const Snapshot<auth::OriginPolicy>& origins;
  const auth::Revocations& revocations;
  TokenDoor* tokens;                                  // null: only tickets
  Hooks* hooks = nullptr;                             // null: none
  SubscriptionTokens* subscription_tokens = nullptr;  // null: none is good
  const WallClock& wall_clock;
  Log& log;
  Log& reject_log;  // rate-limited: a flood must not fill the disk
  SessionObserver& observer;
  wire::JsonReader& json;
  wire::CommandReader& commands;
};

}  // namespace usher::session
