// What a backend, or another shard, orders for connections wherever they are; and what shards
// answer.
//
// A command goes to every shard (and, with Redis, to every node); the answers are added up.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hub/publication.h"
#include "wire/protocol_error.h"

namespace usher::hub {

// The connections of which everything that is not empty holds. All empty: none.
struct Target {
  std::string session;
  std::string user;
  std::string client;  // ClientId::text()
  std::string jti;
  std::vector<std::string> spared_clients;
};

struct SubscribeOrder {
  Target target;
  std::string channel;
  std::optional<Position> recover_since;
};

struct UnsubscribeOrder {
  Target target;
  std::string channel;  // empty: all but the personal ones
  std::uint32_t code = 2000;
  std::string reason = "server unsubscribe";
};

struct DisconnectOrder {
  Target target;
  std::uint16_t code = 3503;  // 3503 too if this one may not be sent
  std::string reason = "FORCE_DISCONNECT";
};

struct RefreshOrder {
  Target target;
  bool expired = false;
  std::optional<std::int64_t> expire_at;  // Unix seconds
};

// Which channels have subscribers, and how many.
struct ChannelsQuery {
  std::string prefix;  // empty: all. Personal channels are not listed.
};

struct InfoQuery {};

using Command = std::variant<SubscribeOrder, UnsubscribeOrder, DisconnectOrder, RefreshOrder,
                             ChannelsQuery, InfoQuery>;

struct NodeInfo {
  std::uint64_t clients = 0;
  std::uint64_t sessions = 0;       // distinct
  std::uint64_t users = 0;          // distinct
  std::uint64_t channels = 0;       // distinct, with subscribers; without the personal ones
  std::uint64_t subscriptions = 0;  // without the personal ones
};

struct CommandAnswer {
  std::uint64_t connections = 0;                  // that the target named
  std::optional<wire::ProtocolError> refused{};   // SubscribeOrder: why one of them, or more, is
                                                  // not subscribed
  std::map<std::string, std::uint64_t> channels;  // ChannelsQuery: name → subscribers
  bool truncated = false;                         // there are more than channels_listed_max
  NodeInfo info;                                  // InfoQuery
  std::vector<std::uint64_t>
      channel_hashes;  // InfoQuery, while it is being added up: empty in the final answer
};

}  // namespace usher::hub
