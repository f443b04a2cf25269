// The answers of one node's shards to an order or a query, added up.
//
// Threads: none. A plain value.
#pragma once

#include <cstdint>
#include <vector>

#include "hub/order.h"

namespace usher::redis {

struct NodeAnswer {
  hub::OrderAnswer answer;
  // InfoQuery: sketches (distinct.h) of the connected sessions and users. `answer.channel_hashes`
  // is a sketch too.
  std::vector<std::uint64_t> sessions;
  std::vector<std::uint64_t> users;
};

// Adds `answer` to `total`: counts are summed, sketches are merged.
void add_answer(NodeAnswer& total, const NodeAnswer& answer);

}  // namespace usher::redis
