// The pushes by which the server tells a client that it has subscribed it, or that a subscription
// has ended.
//
// Pure: no state.
#pragma once

#include <cstdint>
#include <string_view>

#include "hub/subscribed.h"
#include "hub/subscriber.h"

namespace usher::hub {

// Codes of `unsubscribe` pushes. Below 2500 an SDK does not subscribe again by itself.
struct UnsubscribeReason {
  std::uint32_t code;
  std::string_view text;
};
inline constexpr UnsubscribeReason kServerUnsubscribe{2000, "server unsubscribe"};
inline constexpr UnsubscribeReason kRightsLost{2102, "permission lost"};
inline constexpr UnsubscribeReason kBoundToAnother{2100, "bound to another"};
inline constexpr UnsubscribeReason kNeverBound{2101, "not bound in time"};
inline constexpr UnsubscribeReason kTooManyPending{2103, "too many pending"};
inline constexpr UnsubscribeReason kInsufficientState{2500, "insufficient state"};
inline constexpr UnsubscribeReason kGrantExpired{2501, "subscription expired"};

// The server has subscribed the client. Missed publications follow as pushes of their own.
void push_subscribed(Subscriber& subscriber, std::string_view channel,
                     const Subscribed& subscribed);
void push_unsubscribe(Subscriber& subscriber, std::string_view channel, UnsubscribeReason reason);

}  // namespace usher::hub
