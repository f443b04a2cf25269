// Orders for all nodes, and their answers, packed and unpacked (message.h puts them into messages).
//
// Threads: none. Plain functions.
#pragma once

#include <optional>

#include "hub/order.h"
#include "redis/broker/message.h"
#include "redis/link/packing.h"

namespace usher::redis {

void put_order(Packer& packer, const hub::Order& command);
// Nothing: an order that this version does not know.
std::optional<hub::Order> take_order(Unpacker& unpacker);

void put_answer(Packer& packer, const NodeAnswer& answer);
// Look at unpacker.ok().
NodeAnswer take_answer(Unpacker& unpacker);

}  // namespace usher::redis
