// What a backend, or another shard, orders for connections wherever they are; and what shards
// answer.
//
// A order goes to every shard (and, with Redis, to every node); the answers are added up. An
// order that takes something away is carried out sooner or later. One that gives something, and a
// query, is answered now or fails: what was taken away meanwhile must not come back late.
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
  // Unix seconds. Beside others: those whose token was issued no later, or does not say when.
  std::optional<std::int64_t> issued_until;
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

struct InfoQuery {
  bool each_node = true;  // false: asked by a gateway of before, which knows sums alone
};

using Order = std::variant<SubscribeOrder, UnsubscribeOrder, DisconnectOrder, RefreshOrder,
                           ChannelsQuery, InfoQuery>;

inline bool is_query(const Order& order) {
  return std::holds_alternative<ChannelsQuery>(order) || std::holds_alternative<InfoQuery>(order);
}

// An order that ends something, and gives nothing: late or twice it does no harm.
inline bool takes_away(const Order& order) {
  if (const auto* refresh = std::get_if<RefreshOrder>(&order)) return refresh->expired;
  return std::holds_alternative<UnsubscribeOrder>(order) ||
         std::holds_alternative<DisconnectOrder>(order);
}

struct NodeInfo {
  std::uint64_t clients = 0;
  std::uint64_t sessions = 0;       // distinct
  std::uint64_t users = 0;          // distinct
  std::uint64_t channels = 0;       // distinct, with subscribers; without the personal ones
  std::uint64_t subscriptions = 0;  // without the personal ones
};

// How far an order that takes something away has come beyond the node that was asked, which has
// carried it out in any case.
enum class Elsewhere : std::uint8_t {
  done,         // every node has answered
  later,        // not every node could be told yet: those that were not will be
  unconfirmed,  // told, but not every node has answered in time
  dropped,      // nodes could not be told, and too many orders wait already
};

// One node, as it describes itself.
struct NodeReport {
  std::string uid;
  std::string version;
  std::uint64_t uptime_s = 0;
  NodeInfo info;
};

struct OrderAnswer {
  Elsewhere elsewhere = Elsewhere::done;          // orders that take something away
  std::uint64_t connections = 0;                  // that the target named
  std::optional<wire::ProtocolError> refused{};   // SubscribeOrder: why one of them, or more, is
                                                  // not subscribed
  std::map<std::string, std::uint64_t> channels;  // ChannelsQuery: name → subscribers
  bool truncated = false;                         // there are more than channels_listed_max
  NodeInfo info;                                  // InfoQuery: of all nodes together
  std::vector<NodeReport> nodes;                  // InfoQuery, where there can be several
  std::vector<std::uint64_t>
      channel_hashes;  // InfoQuery, while it is being added up: empty in the final answer
};

}  // namespace usher::hub
