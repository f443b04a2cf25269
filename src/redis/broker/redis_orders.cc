#include "redis/broker/redis_orders.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "redis/broker/message.h"
#include "redis/broker/stream_page.h"
#include "redis/link/distinct.h"

namespace usher::redis {

using hub::Error;

namespace {

// Returns those of `alive` that have no report, sorted.
std::vector<std::string> without_report(std::vector<std::string> alive,
                                        const std::vector<hub::NodeReport>& reports) {
  std::erase_if(alive, [&](const std::string& uid) {
    return std::ranges::find(reports, uid, &hub::NodeReport::uid) != reports.end();
  });
  std::ranges::sort(alive);
  return alive;
}

}  // namespace

RedisOrders::RedisOrders(const RedisBrokerDependencies& node, std::size_t shard, Commands& commands,
                         OrderDesk& desk, const ConnectionCounts& counts)
    : node_(node), shard_(shard), commands_(commands), desk_(desk), counts_(counts) {}

// --- sending ---

void RedisOrders::order(hub::Order order, Handler done) {
  const RedisBrokerOptions& options = node_.options;
  if (gatherings_.size() + on_the_way_ >= options.orders_max) return done(Error::internal);
  if (hub::takes_away(order)) return take_to_desk(std::move(order), std::move(done));
  const bool gives = !hub::is_query(order);
  if (!node_.ready() || (gives && desk_.late() > 0)) return done(Error::internal);
  if (const auto* query = std::get_if<hub::InfoQuery>(&order)) {
    return ask_each_node(*query, std::move(done));
  }
  const std::uint64_t id = ++last_id_;
  gather(id, false, std::move(done));
  gatherings_[id].live_max = hub::live_max(order);
  commands_.run(node_.scripts.order, {node_.names.nodes(), node_.names.orders()},
                {node_.names.to_all_nodes(), milliseconds(options.node_life), "1", "0",
                 encode(OrderMessage{options.node, shard_, id, std::move(order)})},
                [this, id](const Result<Reply, LinkError>& reply) { on_published(id, reply); });
}

void RedisOrders::ask_each_node(hub::InfoQuery query, Handler done) {
  const RedisBrokerOptions& options = node_.options;
  const std::uint64_t id = ++last_id_;
  gather(id, false, std::move(done));
  commands_.run(node_.scripts.ask, {node_.names.nodes()},
                {node_.names.to_all_nodes(), milliseconds(options.node_missed),
                 encode(OrderMessage{options.node, shard_, id, query})},
                [this, id](const Result<Reply, LinkError>& reply) { on_asked(id, reply); });
}

void RedisOrders::gather(std::uint64_t id, bool is_at_desk, Handler done) {
  Gathering& gathering = gatherings_[id];
  // Within two ticks the desk tells what it has done. Then the nodes' own time begins.
  constexpr int kAtDesk = 5;
  gathering.until = node_.clock.now() + node_.options.order_timeout * (is_at_desk ? kAtDesk : 1);
  gathering.is_at_desk = is_at_desk;
  gathering.done = std::move(done);
}

// The desk's answers come through the same mailbox as the gathering that they belong to, and so
// after it.
void RedisOrders::take_to_desk(hub::Order order, Handler done) {
  if (shard_ != 0) {
    ++on_the_way_;
    node_.post.post(0, [this, order = std::move(order), done = std::move(done)]() mutable {
      const std::uint64_t id = desk_.next_id();
      node_.post.post(shard_, [this, id, done = std::move(done)]() mutable {
        --on_the_way_;
        gather(id, true, std::move(done));
      });
      desk_.take(shard_, id, std::move(order));
    });
    return;
  }
  const std::uint64_t id = desk_.next_id();
  gather(id, true, std::move(done));
  desk_.take(0, id, std::move(order));
}

// --- answers ---

void RedisOrders::on_told(std::uint64_t id, OrderDesk::Told told) {
  const auto found = gatherings_.find(id);
  if (found == gatherings_.end()) return;
  Gathering& gathering = found->second;
  if (told.elsewhere != hub::Elsewhere::done) {
    gathering.total.answer.elsewhere = told.elsewhere;
    return finish(found);
  }
  gathering.expected = told.nodes;
  gathering.until = node_.clock.now() + node_.options.order_timeout;
  if (gathering.answered >= gathering.expected) finish(found);
}

void RedisOrders::on_published(std::uint64_t id, const Result<Reply, LinkError>& reply) {
  const auto found = gatherings_.find(id);
  if (found == gatherings_.end()) return;
  const bool told = reply && reply->items.size() == 3 && reply->items[0].integer > 0;
  const bool all = told && reply->items[0].integer >= reply->items[1].integer;
  if (!told || (!all && !may_be_partial(found->second))) return fail(found);
  if (!all) found->second.total.answer.partial = true;
  found->second.expected = static_cast<std::size_t>(reply->items[0].integer);
  if (found->second.answered >= found->second.expected) finish(found);
}

void RedisOrders::on_asked(std::uint64_t id, const Result<Reply, LinkError>& reply) {
  const auto found = gatherings_.find(id);
  if (found == gatherings_.end()) return;
  if (!reply || reply->items.size() != 2 || reply->items[0].integer <= 0) return fail(found);
  Gathering& gathering = found->second;
  gathering.expected = static_cast<std::size_t>(reply->items[0].integer);
  gathering.alive.emplace();
  for (const Reply& node : reply->items[1].items) gathering.alive->push_back(node.text);
  if (gathering.answered >= gathering.expected) finish(found);
}

void RedisOrders::on_answered(std::uint64_t id, const NodeAnswer& answer) {
  const auto found = gatherings_.find(id);
  if (found == gatherings_.end()) return;
  Gathering& gathering = found->second;
  add_answer(gathering.total, answer);
  ++gathering.answered;
  if (gathering.expected != 0 && gathering.answered >= gathering.expected) finish(found);
}

void RedisOrders::finish(Gatherings::iterator gathering) {
  NodeAnswer total = std::move(gathering->second.total);
  const std::size_t live_max = gathering->second.live_max;
  auto alive = std::move(gathering->second.alive);
  auto done = std::move(gathering->second.done);
  gatherings_.erase(gathering);
  hub::OrderAnswer& answer = total.answer;
  while (answer.channels.size() > node_.options.channels_listed_max) {
    answer.channels.erase(std::prev(answer.channels.end()));
    answer.truncated = true;
  }
  if (sort_and_cut(answer.live, live_max)) answer.truncated = true;
  answer.info.channels = distinct(answer.channel_hashes);
  answer.info.sessions = distinct(total.sessions);
  answer.info.users = distinct(total.users);
  answer.channel_hashes.clear();
  std::ranges::sort(answer.nodes, {}, &hub::NodeReport::uid);
  if (alive) answer.unreachable = without_report(*std::move(alive), answer.nodes);
  done(std::move(answer));
}

void RedisOrders::fail(Gatherings::iterator gathering) {
  auto done = std::move(gathering->second.done);
  gatherings_.erase(gathering);
  done(Error::internal);
}

// A handler may call order(), so each number is looked up again.
void RedisOrders::tick() {
  const TimePoint now = node_.clock.now();
  std::vector<std::uint64_t> due;
  for (const auto& [id, gathering] : gatherings_) {
    if (gathering.until <= now) due.push_back(id);
  }
  for (const std::uint64_t id : due) {
    const auto found = gatherings_.find(id);
    if (found == gatherings_.end()) continue;
    if (!found->second.is_at_desk) {
      const Gathering& late = found->second;
      if (!late.alive && (!may_be_partial(late) || late.answered == 0)) {
        fail(found);
        continue;
      }
      found->second.total.answer.partial = true;
      finish(found);
      continue;
    }
    found->second.total.answer.elsewhere = hub::Elsewhere::unconfirmed;
    finish(found);
  }
}

// --- carrying out ---

void RedisOrders::carry_out(const hub::Order& order, UniqueFunction<void(NodeAnswer)> done) {
  const bool is_info = std::holds_alternative<hub::InfoQuery>(order);
  sink_->carry_out(order,
                   [this, is_info, done = std::move(done)](hub::OrderAnswer carried) mutable {
                     NodeAnswer answer;
                     answer.answer = std::move(carried);
                     for (auto& live : answer.answer.live) live.node = node_.options.node;
                     make_sketch(answer.answer.channel_hashes);
                     if (is_info) counts_.describe(answer);
                     done(std::move(answer));
                   });
}

}  // namespace usher::redis
