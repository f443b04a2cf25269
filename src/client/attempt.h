// One attempt to connect: its number, and what it has in hand.
#pragma once

#include <optional>
#include <string>

#include "client/protocol.h"

namespace usher::client {

struct CurrentAttempt {
  Attempt number = 0;
  Instant began_at{};
  bool cached = false;  // the token was taken from storage, or may be: a refusal is not final yet
  bool refreshed = false;  // the one 401 refresh has been spent
  std::string token{};     // never log it
  Instant ticket_asked_at{};
  std::optional<Millis> ticket_life{};  // nothing: the answer did not say

  // Counted from when it was asked for: a client may have slept since.
  bool ticket_is_old(Instant now) const {
    return ticket_life && now - ticket_asked_at > *ticket_life;
  }
};

}  // namespace usher::client
