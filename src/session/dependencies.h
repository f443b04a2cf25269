// What the sessions of one shard share: options, the hub, the ticket store, who to tell.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/claims.h"
#include "auth/origin_policy.h"
#include "auth/revocations.h"
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
#include "ticket/ticket_store.h"
#include "wire/protocol_command.h"

namespace usher::session {

struct SessionOptions {
  Duration ping_interval = std::chrono::seconds(25);
  Duration pong_timeout = std::chrono::seconds(10);
  Duration store_timeout = std::chrono::milliseconds(500);
  Duration ticket_known_for = std::chrono::seconds(90);  // after it was redeemed, at most
  Duration connect_timeout =
      std::chrono::seconds(10);               // /connection/websocket: for the first command
  std::size_t connect_bytes_max = 16 * 1024;  // and its size
  std::size_t held_bytes_max = 65536;         // commands that wait: what one message can bring
  std::chrono::milliseconds reconnect_spread{0};
  limits::RateLimit commands = limits::kNoLimit;  // of one connection
  std::size_t channels_per_connection = 128;      // wishes in a `connect`
  std::chrono::seconds leeway{30};                // for which a token is good after its end
  std::size_t earlier_tokens_max = 64;            // whose `jti` a refreshed connection is known by
  std::uint8_t hook_calls_max = 16;               // of one connection, under way
  Identities identities = Identities::hash;       // log.identities
  std::string version = "usher";
  std::string node;
};

// Takes JWTs in place of tickets (client.accept_jwt). Implemented in gateway/.
class TokenDoor {
 public:
  enum class Refusal : std::uint8_t {
    invalid,
    expired,
    too_many_requests,
    key_unknown,  // a newer key of its issuer might verify it, and can't be had right now
  };
  using Done = UniqueFunction<void(Result<auth::Claims, Refusal>)>;

  virtual ~TokenDoor() = default;

  // Calls `done` once, inline or later, or never when the node stops, with the claims of a good
  // token, which has then used up one of its session's tickets. Looking at a token costs its
  // address (limits::address_key) a turn, whatever comes of it. Revocations are asked by the
  // caller.
  virtual void admit(std::string_view token, std::string_view address_key, Done done) = 0;
};

// Who counts. Implemented in gateway/.
class SessionObserver {
 public:
  virtual ~SessionObserver() = default;
  virtual void on_redeemed(ticket::RedeemOutcome outcome) = 0;
  // In place of on_redeemed(): a ticket that is spent, by an SDK whose connection has ended.
  virtual void on_reused() {}
  virtual void on_replay() = 0;
  // The ticket that came with an upgrade opens nothing: it is unknown, or spent.
  virtual void on_forged(std::string_view peer_address, TimePoint now) = 0;
  virtual void on_connected() = 0;
  virtual void on_rejected(Rejection why) = 0;
  virtual void on_abandoned() = 0;  // left before it was connected or rejected
  virtual void on_closed(std::uint16_t code, bool was_connected) = 0;
  virtual void on_message() = 0;
  virtual void on_command_refused() = 0;
  virtual void on_published() = 0;  // a client, and the engine has accepted it
};

struct SessionDependencies {
  const SessionOptions& options;
  hub::Hub& hub;
  ticket::TicketStore& tickets;
  const Snapshot<auth::OriginPolicy>& origins;
  const auth::Revocations& revocations;
  TokenDoor* tokens;       // null: only tickets
  Hooks* hooks = nullptr;  // null: none
  const WallClock& wall_clock;
  Log& log;
  Log& reject_log;  // rate-limited: a flood must not fill the disk
  SessionObserver& observer;
  wire::JsonReader& json;
  wire::CommandReader& commands;
};

}  // namespace usher::session
