// Orders to all nodes, and their answers (redis_broker.h).
//
// A query, and an order that gives something, is published to all nodes. Redis says how many heard
// it, and how many are alive: each of them has to answer, this one too, or the answer is an error,
// and the backend asks again. An order that takes something away goes the same way, by the node's
// desk, which keeps it until all nodes have heard it. While one is late nothing is given: it was
// asked for before, and would take that away again.
#include <algorithm>
#include <iterator>
#include <utility>

#include "redis/broker/redis_broker.h"
#include "redis/broker/stream_page.h"
#include "redis/link/distinct.h"

namespace usher::redis {

using hub::Error;

void RedisBroker::order_here(hub::Order command) {
  const auto shared = std::make_shared<const hub::Order>(std::move(command));
  for (std::size_t shard = 0; shard < engine_.shards(); ++shard) {
    if (shard == shard_) continue;
    RedisBroker& broker = *engine_.brokers_[shard];
    engine_.post_.post(shard, [&broker, shared] { broker.sink().on_order(*shared); });
  }
  sink_->on_order(*shared);
}

void RedisBroker::order(hub::Order command, Handler<hub::OrderAnswer> done) {
  const RedisBrokerOptions& options = engine_.options_;
  if (gatherings_.size() + orders_begun_ >= options.orders_max) return done(Error::internal);
  if (hub::takes_away(command)) return send_order(std::move(command), std::move(done));
  const bool gives = !hub::is_query(command);
  if (!engine_.ready() || (gives && engine_.desk().late() > 0)) return done(Error::internal);
  const std::uint64_t id = ++last_order_;
  gather(id, false, std::move(done));
  commands_.run(engine_.scripts_.order, {engine_.names_.nodes(), engine_.names_.orders()},
                {engine_.names_.to_all_nodes(), milliseconds(options.node_life), "1", "0",
                 encode(OrderMessage{options.node, shard_, id, std::move(command)})},
                [this, id](const Result<Reply, LinkError>& reply) { on_asked(id, reply); });
}

void RedisBroker::gather(std::uint64_t id, bool is_order, Handler<hub::OrderAnswer> done) {
  Gathering& gathering = gatherings_[id];
  // The desk says within two ticks what has become of an order: then its nodes' time begins.
  constexpr int kAtDesk = 5;
  gathering.until =
      engine_.clock_.now() + engine_.options_.order_timeout * (is_order ? kAtDesk : 1);
  gathering.is_order = is_order;
  gathering.done = std::move(done);
}

// The desk's answers come behind the gathering that they are for: by the same mailbox.
void RedisBroker::send_order(hub::Order command, Handler<hub::OrderAnswer> done) {
  if (shard_ != 0) {
    ++orders_begun_;
    engine_.post_.post(0, [this, command = std::move(command), done = std::move(done)]() mutable {
      OrderDesk& desk = engine_.line_.desk();
      const std::uint64_t id = desk.next_id();
      engine_.post_.post(shard_, [this, id, done = std::move(done)]() mutable {
        --orders_begun_;
        gather(id, true, std::move(done));
      });
      desk.take(shard_, id, std::move(command));
    });
    return;
  }
  const std::uint64_t id = engine_.line_.desk().next_id();
  gather(id, true, std::move(done));
  engine_.line_.desk().take(0, id, std::move(command));
}

void RedisBroker::on_order_told(std::uint64_t id, OrderDesk::Told told) {
  const auto found = gatherings_.find(id);
  if (found == gatherings_.end()) return;
  Gathering& gathering = found->second;
  if (told.elsewhere != hub::Elsewhere::done) {
    gathering.total.answer.elsewhere = told.elsewhere;
    return finish(found);
  }
  gathering.expected = told.nodes;
  gathering.until = engine_.clock_.now() + engine_.options_.order_timeout;
  if (gathering.answered >= gathering.expected) finish(found);
}

void RedisBroker::on_asked(std::uint64_t id, const Result<Reply, LinkError>& reply) {
  const auto found = gatherings_.find(id);
  if (found == gatherings_.end()) return;
  const bool told = reply && reply->items.size() == 3 && reply->items[0].integer > 0;
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
  hub::OrderAnswer& answer = total.answer;
  while (answer.channels.size() > engine_.options_.channels_listed_max) {
    answer.channels.erase(std::prev(answer.channels.end()));
    answer.truncated = true;
  }
  answer.info.channels = distinct(answer.channel_hashes);
  answer.info.sessions = distinct(total.sessions);
  answer.info.users = distinct(total.users);
  answer.channel_hashes.clear();
  std::ranges::sort(answer.nodes, {}, &hub::NodeReport::uid);
  done(std::move(answer));
}

void RedisBroker::give_up_orders() {
  const TimePoint now = engine_.clock_.now();
  std::vector<std::uint64_t> due;
  for (const auto& [id, gathering] : gatherings_) {
    if (gathering.until <= now) due.push_back(id);
  }
  for (const std::uint64_t id : due) {
    const auto found = gatherings_.find(id);
    if (found == gatherings_.end()) continue;
    if (found->second.is_order) {
      found->second.total.answer.elsewhere = hub::Elsewhere::unconfirmed;
      finish(found);
      continue;
    }
    auto done = std::move(found->second.done);
    gatherings_.erase(found);
    done(Error::internal);
  }
}

void RedisBroker::carry_out(const hub::Order& command, UniqueFunction<void(NodeAnswer)> done) {
  const bool is_info = std::holds_alternative<hub::InfoQuery>(command);
  sink_->carry_out(command,
                   [this, is_info, done = std::move(done)](hub::OrderAnswer carried) mutable {
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
