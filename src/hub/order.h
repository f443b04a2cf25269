// Orders of a backend, or of another shard, for connections wherever they are; and the answers of
// the shards.
//
// An order goes to every shard (and, with Redis, to every node); the answers are added up. An order
// that takes something away is carried out sooner or later. One that gives something, and a query,
// is answered now or fails: a late gift could undo an order that came after it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "hub/error.h"
#include "hub/live_connection.h"
#include "hub/publication.h"
#include "hub/subscription_grant.h"

namespace usher::hub {

// Names the connections for which every member that is not empty matches. All empty: none.
struct Target {
  std::string session;
  std::string user;
  std::string client;  // ClientId::text()
  std::string jti;
  std::vector<std::string> spared_clients;
  // Unix seconds. Narrows the other members down to connections whose token was issued no later, or
  // does not say when.
  std::optional<std::int64_t> issued_until;
  std::string sid{};  // as Identity::sid. For orders to disconnect, without issued_until
};

struct SubscribeOrder {
  Target target;
  std::string channel;
  std::optional<Position> recover_since;
  std::optional<SubscriptionGrant> grant{};  // by the backend
};

struct UnsubscribeOrder {
  Target target;
  std::string channel;  // empty: all but the personal ones
  std::uint32_t code = 2000;
  std::string reason = "server unsubscribe";
};

struct DisconnectOrder {
  Target target;
  std::uint16_t code = 3503;  // a code that may not be sent becomes 3503
  std::string reason = "FORCE_DISCONNECT";
};

struct RefreshOrder {
  Target target;
  bool expired = false;
  std::optional<std::int64_t> expire_at;  // Unix seconds
};

// Asks which channels have subscribers, and how many.
struct ChannelsQuery {
  std::string prefix;  // empty: all. Personal channels are not listed.
};

struct InfoQuery {
  bool each_node = true;  // false: an older gateway asks; it knows sums only
};

// Asks which connections are live, joined and let in.
struct SessionsQuery {
  Target target;
  std::size_t limit = 100;  // connections in the answer
};

using Order = std::variant<SubscribeOrder, UnsubscribeOrder, DisconnectOrder, RefreshOrder,
                           ChannelsQuery, InfoQuery, SessionsQuery>;

inline bool is_query(const Order& order) {
  return std::holds_alternative<ChannelsQuery>(order) || std::holds_alternative<InfoQuery>(order) ||
         std::holds_alternative<SessionsQuery>(order);
}

// Returns how many connections the answer may list.
inline std::size_t live_max(const Order& order) {
  const auto* query = std::get_if<SessionsQuery>(&order);
  return query == nullptr ? 0 : query->limit;
}

// Returns whether the order ends something and gives nothing. Such an order does no harm when it
// comes late or twice.
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

// How far an order that takes something away has come on other nodes. The node that was asked has
// carried it out in any case.
enum class Elsewhere : std::uint8_t {
  done,         // every node has answered
  later,        // not every node could be told yet: the others will be told
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
  std::optional<Error> refused{};                 // SubscribeOrder: error of a refused connection
  std::map<std::string, std::uint64_t> channels;  // ChannelsQuery: name → subscribers
  // There are more than channels_listed_max, or than SessionsQuery::limit.
  bool truncated = false;
  std::vector<LiveConnection> live;  // SessionsQuery: the oldest first
  // SessionsQuery, InfoQuery: not every node has answered. (Other queries then have no answer.)
  bool partial = false;
  NodeInfo info;                  // InfoQuery: of all nodes together
  std::vector<NodeReport> nodes;  // InfoQuery, where there can be several
  // InfoQuery: uids of nodes that were alive a moment ago, did not say goodbye, and do not answer.
  std::vector<std::string> unreachable{};
  std::vector<std::uint64_t> channel_hashes;  // InfoQuery, for adding up; empty in the final answer
};

}  // namespace usher::hub
