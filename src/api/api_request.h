// The server API's calls, read from their JSON bodies (contract section 4; the shapes are
// Centrifugo's).
//
// A body becomes one ApiCall that owns all it needs, or an ApiError. Names and types are checked
// here, and bounds; whether a channel exists is checked later. A member that usher does not know or
// does not support is refused by its name (JsonFields): a result means that all of the call was
// done. `null` means absent.
//
// Threads: none of their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "api/api_error.h"
#include "api/api_limits.h"
#include "api/api_method.h"
#include "api/channel_pattern.h"
#include "auth/revocations.h"
#include "base/result.h"
#include "hub/broker.h"
#include "hub/order.h"
#include "ticket/ticket.h"
#include "wire/json.h"

namespace usher::api {

struct BroadcastCall {
  std::vector<std::string> channels;  // one that is no name costs itself
  hub::PublishRequest publication;    // for each of them
};
struct PresenceCall {
  std::string channel;
};
struct PresenceStatsCall {
  std::string channel;
};
struct HistoryCall {
  std::string channel;
  hub::HistoryQuery query;
};
struct HistoryRemoveCall {
  std::string channel;
};
struct ChannelsCall {
  std::optional<ChannelPattern> pattern;  // nothing: all
};
struct InfoCall {};
struct BindCall {
  std::string channel;
  hub::Owner owner;
  Duration ttl;
};
struct RevokeCall {
  auth::RevokedBy by;
  std::string name;
  std::chrono::seconds ttl{0};  // 0: the longest life of a token
};
struct TicketCall {
  ticket::Grant grant;  // `iat` and a missing `token_exp` are still to be filled in
};
struct RedeemCall {
  std::string ticket;
  std::optional<std::string> origin;  // of the client's request; nullopt: it had none
};

using ApiCall =
    std::variant<hub::PublishRequest, BroadcastCall, hub::SubscribeOrder, hub::UnsubscribeOrder,
                 hub::DisconnectOrder, hub::RefreshOrder, PresenceCall, PresenceStatsCall,
                 HistoryCall, HistoryRemoveCall, ChannelsCall, InfoCall, BindCall, RevokeCall,
                 TicketCall, RedeemCall, hub::SessionsQuery>;

inline constexpr Duration kDefaultBindTtl = std::chrono::hours(24);

// `body` is the object that the call takes. Requires a method other than batch.
Result<ApiCall, ApiError> read_api_call(ApiMethod method, wire::JsonNode body,
                                        const ApiLimits& limits);

}  // namespace usher::api
