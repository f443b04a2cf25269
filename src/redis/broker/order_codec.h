// Orders for all nodes, and their answers, packed and unpacked (message.h puts them into messages).
//
// Threads: none. Plain functions.
#pragma once

#include <optional>

#include "hub/order.h"
#include "redis/broker/node_answer.h"
#include "redis/link/packing.h"

namespace usher::redis {

void put_order(Packer& packer, const hub::Order& order);
// Returns `nullopt` if this version does not know the order.
std::optional<hub::Order> take_order(Unpacker& unpacker);

void put_answer(Packer& packer, const NodeAnswer& answer);
// The caller must check unpacker.ok().
NodeAnswer take_answer(Unpacker& unpacker);

}  // namespace usher::redis
