// One attempt to connect: its number, its token and its ticket.
#pragma once

#include <optional>
#include <string>

#include "client/protocol.h"

namespace usher::client {

struct CurrentAttempt {
  Attempt number = 0;
  Instant began_at{};
  bool cached = false;     // the token comes from storage, or may do so: a refusal is not final yet
  bool refreshed = false;  // the one 401 refresh has been spent
  std::string token{};     // never log it
  Instant ticket_asked_at{};
  std::optional<Millis> ticket_life{};  // nullopt: the answer did not say

  // Counted from the moment of the request: the machine may have slept since.
  bool ticket_is_old(Instant now) const {
    return ticket_life && now - ticket_asked_at > *ticket_life;
  }
};

}  // namespace usher::client
