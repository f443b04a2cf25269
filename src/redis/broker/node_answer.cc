#include "redis/broker/node_answer.h"

#include "redis/link/distinct.h"

namespace usher::redis {

void add_answer(NodeAnswer& total, const NodeAnswer& node) {
  hub::OrderAnswer& sum = total.answer;
  const hub::OrderAnswer& answer = node.answer;
  sum.connections += answer.connections;
  if (!sum.refused) sum.refused = answer.refused;
  for (const auto& [channel, subscribers] : answer.channels) sum.channels[channel] += subscribers;
  sum.truncated = sum.truncated || answer.truncated;
  sum.info.clients += answer.info.clients;
  sum.info.subscriptions += answer.info.subscriptions;
  sum.nodes.insert(sum.nodes.end(), answer.nodes.begin(), answer.nodes.end());
  sum.live.insert(sum.live.end(), answer.live.begin(), answer.live.end());
  merge_sketch(sum.channel_hashes, answer.channel_hashes);
  merge_sketch(total.sessions, node.sessions);
  merge_sketch(total.users, node.users);
}

}  // namespace usher::redis
