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

  // When to give it up if nothing comes; nothing: never.
  std::optional<Instant> ping_due(Instant now) const;

  // Up for so long that what failed before it is forgiven.
  bool is_stable(Instant now) const;

  // Whether the server's `{}` is to be answered.
  bool wants_pong() const { return pong_; }

  // The window over which the clients of a dead node come back; zero: none.
  double spread_ms() const { return spread_ms_; }

  // What the server said about the delay after the next close.
  GivenDelay given;

 private:
  Instant since_;
  Millis ping_interval_;  // zero: no pings come
  bool pong_;
  double spread_ms_;
};

}  // namespace usher::client
