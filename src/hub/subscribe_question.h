// A question about one subscription, for which its session must get the decision: the backend's
// hook decides, or a subscription token.
//
// The hub keeps no table of questions. A question says what it belongs to, and the session gives it
// back with the decision (Hub::decide()); a decision that comes too late finds nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "hub/client_id.h"
#include "hub/publication.h"
#include "hub/subscribe_error.h"
#include "hub/subscription_grant.h"

namespace usher::hub {

struct SubscribeQuestion {
  std::string channel;
  std::string data;   // that the client has sent with its wish: raw JSON on one line, or empty
  std::string token;  // the token to check; empty: the hook decides

  // For the hub alone: a subscription that is not live yet, or one that is, by another holder.
  std::uint64_t serial = 0;
  std::uint32_t attempt = 0;
  std::pair<ClientId, std::uint64_t> operation{};
  std::size_t outcome = 0;
  std::optional<Position> since{};
  bool refuse_gap = false;  // rather an error than a subscription with a gap
  std::string user{};
};

using SubscribeDecision = Result<SubscriptionGrant, SubscribeError>;

}  // namespace usher::hub
