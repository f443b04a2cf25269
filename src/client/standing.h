// What attempts have in common: the failures in a row, the secrets that must not be shown, whether
// the next token must be a fresh one. A client has one of its own; the attempts of a TicketDesk
// share one.
//
// Threads: none of its own; belongs to its ClientSession or TicketDesk.
#pragma once

#include <memory>

#include "client/reconnect_policy.h"
#include "client/secrets.h"

namespace usher::client {

struct Standing {
  std::unique_ptr<ReconnectPolicy> policy;
  Secrets secrets{};
  bool fresh = false;  // the last token was refused: the next one must not come from storage
};

}  // namespace usher::client
