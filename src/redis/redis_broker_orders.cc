// Orders to all nodes, and their answers (redis_broker.h).
//
// An order is published to all nodes. Redis says how many heard it, and how many are alive: each of
// them has to answer, this one too, or the order's answer is an error, and the backend asks again
// (carrying an order out twice does no harm).
#include <iterator>
#include <utility>

#include "redis/distinct.h"
#include "redis/redis_broker.h"
#include "redis/stream_page.h"

namespace usher::redis {

using hub::Error;

void RedisBroker::command(hub::Command command, Handler<hub::CommandAnswer> done) {
  const RedisBrokerOptions& options = engine_.options_;
  if (!engine_.ready() || gatherings_.size() >= options.orders_max) return done(Error::internal);
  const std::uint64_t id = ++last_order_;
  Gathering& gathering = gatherings_[id];
  gathering.until = engine_.clock_.now() + options.order_timeout;
  gathering.done = std::move(done);
  commands_.run(
      engine_.scripts_.order, {engine_.names_.nodes()},
      {engine_.names_.to_all_nodes(), encode(Order{options.node, shard_, id, std::move(command)}),
       milliseconds(options.node_life)},
      [this, id](const Result<Reply, LinkError>& reply) { on_ordered(id, reply); });
}

void RedisBroker::on_ordered(std::uint64_t id, const Result<Reply, LinkError>& reply) {
  const auto found = gatherings_.find(id);
  if (found == gatherings_.end()) return;
  const bool told = reply && reply->items.size() == 2 && reply->items[0].integer > 0;
  const bool all = told && reply->items[0].integer >= reply->items[1].integer;
  if (!all) {
    auto done = std::move(found->second.done);
    gatherings_.erase(found);
    return done(Error::internal);
  }
  found->second.expected = static_cast<std::size_t>(reply->items[0].integer);
  if (found->second.answered >= found->second.expected) finish(found);
}

void RedisBroker::on_answered(std::uint64_t id, NodeAnswer answer) {
  const auto found = gatherings_.find(id);
  if (found == gatherings_.end()) return;
  Gathering& gathering = found->second;
  add_answer(gathering.total, answer);
  ++gathering.answered;
  if (gathering.expected != 0 && gathering.answered >= gathering.expected) finish(found);
}

void RedisBroker::finish(Gatherings::iterator gathering) {
  NodeAnswer total = std::move(gathering->second.total);
  auto done = std::move(gathering->second.done);
  gatherings_.erase(gathering);
  hub::CommandAnswer& answer = total.answer;
  while (answer.channels.size() > engine_.options_.channels_listed_max) {
    answer.channels.erase(std::prev(answer.channels.end()));
    answer.truncated = true;
  }
  answer.info.channels = distinct(answer.channel_hashes);
  answer.info.sessions = distinct(total.sessions);
  answer.info.users = distinct(total.users);
  answer.channel_hashes.clear();
  done(std::move(answer));
}

void RedisBroker::give_up_orders() {
  const TimePoint now = engine_.clock_.now();
  while (!gatherings_.empty() && gatherings_.begin()->second.until <= now) {
    auto done = std::move(gatherings_.begin()->second.done);
    gatherings_.erase(gatherings_.begin());
    done(Error::internal);
  }
}

void RedisBroker::carry_out(const hub::Command& command, UniqueFunction<void(NodeAnswer)> done) {
  const bool is_info = std::holds_alternative<hub::InfoQuery>(command);
  sink_->carry_out(command,
                   [this, is_info, done = std::move(done)](hub::CommandAnswer carried) mutable {
                     NodeAnswer answer;
                     answer.answer = std::move(carried);
                     make_sketch(answer.answer.channel_hashes);
                     if (!is_info) return done(std::move(answer));
                     for (const auto& [hash, connections] : sessions_)
                       answer.sessions.push_back(hash);
                     for (const auto& [hash, connections] : users_) answer.users.push_back(hash);
                     make_sketch(answer.sessions);
                     make_sketch(answer.users);
                     done(std::move(answer));
                   });
}

}  // namespace usher::redis
