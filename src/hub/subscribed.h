// A wish to subscribe, and its outcome.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "hub/publication.h"
#include "hub/subscribe_error.h"
#include "hub/subscription_grant.h"
#include "wire/protocol_reply.h"

namespace usher::hub {

// What a client shows for a decision about its wish.
struct Shown {
  std::string data{};   // for the backend's hook: raw JSON on one line, or empty
  std::string token{};  // a subscription token, or empty
};

struct SubscribeWish {
  std::string channel;
  std::optional<Position> recover_since{};  // the last position that the client has seen
  bool filtered = false;  // the client wants only some publications: refused with bad_request
  Shown shown{};
  std::optional<SubscriptionGrant> grant{};  // already decided, by a hook or a token
  bool refuse_unrecovered = false;           // rather an error than a subscription with a gap
};

// What a grant adds to the subscribe result.
struct GrantAnswer {
  std::string data{};  // raw JSON on one line, or empty
  bool expires = false;
  std::uint32_t ttl_s = 0;
};

// A subscription, as reported to its client (protocol_text.h writes it).
struct Subscribed {
  bool pending = false;  // waits for the backend to bind the channel; all else is empty then
  bool recoverable = false;
  bool positioned = false;
  Position position{};  // where live deliveries continue; epoch empty: no history
  bool was_recovering = false;
  bool recovered = false;
  wire::RecoveryGap gap = wire::RecoveryGap::none;
  Publications publications{};  // that come before `position`, oldest first; or the newest one
  GrantAnswer grant{};
};
using SubscribeOutcome = Result<Subscribed, SubscribeError>;

struct JoinedChannel {
  std::string channel;
  SubscribeOutcome outcome;
};
using Joined = std::vector<JoinedChannel>;

}  // namespace usher::hub
