#include "redis/node_line.h"

#include <utility>

#include "redis/distinct.h"
#include "redis/redis_broker.h"

namespace usher::redis {

NodeLine::NodeLine(RedisEngine& engine, Commands& commands, std::size_t shards)
    : engine_(engine),
      commands_(commands),
      to_all_nodes_(engine.names_.to_all_nodes()),
      to_this_node_(engine.names_.to_node() + engine.options_.node),
      feed_(engine.options_.feed,
            {engine.names_, engine.rules_, engine.scripts_, commands, engine.entropy_, shards},
            [&engine](std::size_t shard, ChannelFeed::Work work) {
              engine.at_shard(shard, [work = std::move(work)](RedisBroker& broker) mutable {
                work(broker.sink());
              });
            }) {}

void NodeLine::use(PubSub& pub_sub) {
  pub_sub_ = &pub_sub;
  feed_.use(pub_sub);
}

// --- the connection comes and goes ---

void NodeLine::on_link_ready() {
  linked_ = true;
  open();
}

void NodeLine::on_link_lost() {
  linked_ = false;
  ready_.store(false, std::memory_order_release);
  feed_.on_lost();
}

void NodeLine::open() {
  if (subscribed_) return opened(true);
  if (opening_ > 0) return;
  opening_ = 2;
  refused_ = false;
  for (const std::string& channel : {to_all_nodes_, to_this_node_}) {
    pub_sub_->subscribe(channel,
                        [this](Result<void, LinkError> answer) { opened(answer.has_value()); });
  }
}

void NodeLine::opened(bool ok) {
  refused_ = refused_ || !ok;
  if (opening_ > 0 && --opening_ > 0) return;
  subscribed_ = !refused_;
  if (!subscribed_ || !linked_) return;
  say_alive();
  ready_.store(true, std::memory_order_release);
  feed_.on_restored();
  // Bindings may have been missed too.
  for (std::size_t shard = engine_.shards(); shard-- > 0;) {
    engine_.at_shard(shard, [](RedisBroker& broker) { broker.sink().on_restored(); });
  }
}

void NodeLine::tick() {
  if (linked_ && !subscribed_) open();
  say_alive();
  feed_.tick();
}

void NodeLine::leave() {
  leaving_ = true;
  commands_.call({"ZREM", engine_.names_.nodes(), engine_.options_.node},
                 [](const Result<Reply, LinkError>&) {});
}

void NodeLine::say_alive() {
  if (leaving_) return;
  commands_.run(engine_.scripts_.stay_alive, {engine_.names_.nodes()}, {engine_.options_.node},
                [](const Result<Reply, LinkError>&) {});
}

// --- what comes ---

void NodeLine::on_message(std::string_view channel, std::string_view payload) {
  if (const auto name = engine_.names_.channel_of_messages(channel)) {
    return feed_.on_message(*name, payload);
  }
  if (channel == to_all_nodes_) {
    auto message = decode_nodes_message(payload);
    if (!message) return;
    if (auto* order = std::get_if<Order>(&*message)) return on_order(std::move(*order));
    const auto bound = std::make_shared<const Bound>(std::move(std::get<Bound>(*message)));
    for (std::size_t shard = engine_.shards(); shard-- > 0;) {
      engine_.at_shard(shard, [bound](RedisBroker& broker) {
        broker.sink().on_bound(bound->channel, bound->owner);
      });
    }
    return;
  }
  if (channel != to_this_node_) return;
  auto message = decode_node_message(payload);
  if (!message) return;
  if (const auto* over = std::get_if<OverLimit>(&*message)) {
    if (over->shard >= engine_.shards()) return;
    return engine_.at_shard(over->shard, [client = over->client](RedisBroker& broker) {
      broker.sink().on_connection_limit(client);
    });
  }
  auto& answered = std::get<Answered>(*message);
  if (answered.shard >= engine_.shards()) return;
  engine_.at_shard(answered.shard,
                   [id = answered.id, answer = std::move(answered.answer)](
                       RedisBroker& broker) mutable { broker.on_answered(id, std::move(answer)); });
}

// --- orders ---

// Touched on the first shard only; the others carry the pointer there and back.
struct NodeLine::CarryingOut {
  Order order;
  NodeAnswer total;
  std::size_t missing = 0;
};

void NodeLine::on_order(Order order) {
  auto carrying = std::make_shared<CarryingOut>();
  carrying->order = std::move(order);
  carrying->missing = engine_.shards();
  for (std::size_t shard = engine_.shards(); shard-- > 0;) {
    engine_.at_shard(shard, [this, shard, carrying](RedisBroker& broker) {
      broker.carry_out(carrying->order.command, [this, shard, carrying](NodeAnswer answer) {
        auto add = [this, carrying, answer = std::move(answer)] {
          add_answer(carrying->total, answer);
          if (--carrying->missing == 0) this->answer(*carrying);
        };
        if (shard == 0) return add();
        engine_.post_.post(0, std::move(add));
      });
    });
  }
}

void NodeLine::answer(const CarryingOut& carried) {
  const Order& order = carried.order;
  commands_.call({"PUBLISH", engine_.names_.to_node() + order.node,
                  encode(Answered{order.shard, order.id, carried.total})},
                 [](const Result<Reply, LinkError>&) {});
}

}  // namespace usher::redis
