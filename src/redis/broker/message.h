// What nodes tell each other through Redis, written and read: one encoder and one decoder for each
// kind. Nothing: not a message of ours, or of a version that we don't know.
//
// On a channel: `P<offset> <epoch> <publication>` (a script puts the position before it; without
// history "0" and nothing), `J<info>`, `L<info>`. To all nodes: `B<binding>`, `O<order>`. To one
// node: `A<answer>`, `X<client>:<shard>` (written by a script). What stands behind the letter is
// packed (packing.h).
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "hub/broker.h"

namespace usher::redis {

// As it lies in a channel's stream, where its id says the offset: no Publication::offset in here.
std::string encode_publication(const hub::PublishRequest& request);
std::optional<hub::Publication> decode_publication(std::string_view body);

std::string encode_info(const hub::ClientInfo& info);
std::optional<hub::ClientInfo> decode_info(std::string_view packed);

std::string encode_owner(const hub::Owner& owner);
std::optional<hub::Owner> decode_owner(std::string_view text);

// --- on a channel ---

struct Published {
  hub::Publication publication;  // with its offset
  std::string epoch;             // empty: not part of the stream
};
struct Entered {
  hub::ClientInfo info;
};
struct Left {
  hub::ClientInfo info;
};
using ChannelMessage = std::variant<Published, Entered, Left>;

inline constexpr std::string_view kLiveOnly = "P0  ";  // before a publication's body
std::optional<ChannelMessage> decode_channel_message(std::string_view message);

// --- to all nodes ---

struct Bound {
  std::string channel;
  hub::Owner owner;
};

struct OrderMessage {
  std::string node;  // that asks, and its shard
  std::uint64_t shard = 0;
  std::uint64_t id = 0;
  hub::Order command;
};

std::string encode(const Bound& bound);
std::string encode(const OrderMessage& order);
using NodesMessage = std::variant<Bound, OrderMessage>;
std::optional<NodesMessage> decode_nodes_message(std::string_view message);

// --- to one node ---

// What one node's shards answer to an order, added up.
struct NodeAnswer {
  hub::OrderAnswer answer;
  std::vector<std::uint64_t> sessions;  // InfoQuery: sketches (distinct.h) of who is connected;
  std::vector<std::uint64_t> users;     // channel_hashes is one too
};

// Hashes into sketches, sums into `total`.
void add_answer(NodeAnswer& total, const NodeAnswer& answer);

struct Answered {
  std::uint64_t shard = 0;  // that asked
  std::uint64_t id = 0;
  NodeAnswer answer;
};

// The oldest of too many connections is on that shard.
struct OverLimit {
  hub::ClientId client;
  std::uint64_t shard = 0;
};

std::string encode(const Answered& answered);
using NodeMessage = std::variant<Answered, OverLimit>;
std::optional<NodeMessage> decode_node_message(std::string_view message);

}  // namespace usher::redis
