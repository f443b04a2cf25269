// The messages that nodes send each other through Redis: one encoder and one decoder for each kind.
// A decoder returns `nullopt` if the text is no message of usher's, or of an unknown version.
//
// On a channel: `P<offset> <epoch> <publication>` (a script puts the position before it; without
// history "0" and an empty epoch), `J<info>`, `L<info>`. To all nodes: `B<binding>`, `O<order>`. To
// one node: `A<answer>`, `X<client>:<shard>` (written by a script). Publication, info, binding,
// order and answer are packed (packing.h).
//
// Threads: none. Plain functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "hub/broker.h"
#include "redis/broker/node_answer.h"

namespace usher::redis {

// An entry of a channel's stream. It does not contain the offset, which is in the entry's id.
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
struct Joined {
  hub::ClientInfo info;
};
struct Left {
  hub::ClientInfo info;
};
using ChannelMessage = std::variant<Published, Joined, Left>;

inline constexpr std::string_view kLiveOnly = "P0  ";  // before a publication's body
std::optional<ChannelMessage> decode_channel_message(std::string_view message);

// --- to all nodes ---

struct Bound {
  std::string channel;
  hub::Owner owner;
};

struct OrderMessage {
  std::string node;         // that asks
  std::uint64_t shard = 0;  // of that node
  std::uint64_t id = 0;
  hub::Order order;
};

std::string encode(const Bound& bound);
std::string encode(const OrderMessage& message);
using NodesMessage = std::variant<Bound, OrderMessage>;
std::optional<NodesMessage> decode_nodes_message(std::string_view message);

// --- to one node ---

struct Answered {
  std::uint64_t shard = 0;  // that asked
  std::uint64_t id = 0;
  NodeAnswer answer;
};

// A session or user has too many connections, and the oldest is on that shard.
struct OverLimit {
  hub::ClientId client;
  std::uint64_t shard = 0;
};

std::string encode(const Answered& answered);
using NodeMessage = std::variant<Answered, OverLimit>;
std::optional<NodeMessage> decode_node_message(std::string_view message);

}  // namespace usher::redis
