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
#include "api/api_method.h"
#include "api/channel_pattern.h"
#include "auth/revocations.h"
#include "base/result.h"
#include "hub/broker.h"
#include "hub/order.h"
#include "ticket/ticket.h"
#include "wire/json.h"

namespace usher::hub {
class ChannelRules;
}

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

struct ApiLimits {
  std::size_t message_bytes_max = 65536;  // of `data`
  std::size_t broadcast_channels_max = 10'000;
  std::size_t channels_per_connection = 128;  // of a ticket's `subs`
  std::size_t channels_per_token = 128;       // of a ticket's `channels`: limits.channels_per_token
  std::size_t info_bytes_max = 1024;          // of a ticket's `info`: limits.info_bytes
  std::vector<std::string> claims = {};       // names that a ticket's `claims` may have
  std::size_t claims_bytes_max = 4096;        // of them: ticket.claims_bytes
  const hub::ChannelRules* channel_rules = nullptr;  // null: every text is a name
};

// Of every name and key in a call.
inline constexpr std::size_t kApiTextBytesMax = 1024;
inline constexpr Duration kDefaultBindTtl = std::chrono::hours(24);

// How deep a call's body must be opened for read_api_call(): `{"since":{…}}`, `{"subs":{"a":{…}}}`.
inline constexpr int kApiCallLevels = 3;

// `body` is the object that the call takes. Requires a method other than batch.
Result<ApiCall, ApiError> read_api_call(ApiMethod method, wire::JsonNode body,
                                        const ApiLimits& limits);

}  // namespace usher::api
