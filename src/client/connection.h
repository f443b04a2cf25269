// A live connection, as its connect push described it.
#pragma once

#include <optional>

#include "client/protocol.h"
#include "client/reconnect_policy.h"

namespace usher::client {

class Connection {
 public:
  // `push` is the `connect` member of the connect push.
  Connection(const json::object& push, Instant now);

  // The moment at which the connection counts as lost if nothing arrives before; nullopt: never.
  std::optional<Instant> ping_due(Instant now) const;

  // Whether it has been up long enough for the failures before it to be forgiven.
  bool is_stable(Instant now) const;

  // Whether the server's `{}` must be answered.
  bool wants_pong() const { return pong_; }

  // The window over which the clients of a lost node come back, in milliseconds; 0: none.
  double spread_ms() const { return spread_ms_; }

  // A disconnect push (its `disconnect` member) says how long to stay away after the close.
  void announce_end(const json::object& disconnect, Instant now);

  // The delay after the close, as the last disconnect push gave it.
  GivenDelay given() const { return given_; }

 private:
  Instant since_;
  Millis ping_interval_;  // zero: the server sends no pings
  bool pong_;
  double spread_ms_;
  GivenDelay given_;
};

}  // namespace usher::client
