#include "redis/broker/node_line.h"

#include <algorithm>
#include <utility>

#include "redis/broker/redis_broker.h"
#include "redis/link/distinct.h"

namespace usher::redis {
namespace {

constexpr std::size_t kStreamMin = 1000;

}  // namespace

NodeLine::NodeLine(RedisBrokers& engine, Commands& commands, std::size_t shards)
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
            }),
      desk_({.node = engine.options_.node,
             .kept_max = engine.options_.orders_kept_max,
             .stream_max = std::max(kStreamMin, engine.options_.orders_kept_max),
             .node_life = engine.options_.node_life},
            {engine.names_, engine.scripts_, commands, [this] { return ready(); },
             [this](OrderMessage order) { carry_out_here(std::move(order)); },
             [&engine](std::size_t shard, std::uint64_t id, OrderDesk::Told told) {
               engine.at_shard(shard,
                               [id, told](RedisBroker& broker) { broker.on_order_told(id, told); });
             }}) {}

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
  catching_up_ = true;
  ready_.store(false, std::memory_order_release);
  ++stretch_;
  feed_.on_lost();
  desk_.on_lost();
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
  catch_up();
}

// Orders that were missed come before anything else that is delivered. A node that has just started
// has nobody inside whom they could be about.
void NodeLine::catch_up() {
  if (asked_ || !linked_ || !subscribed_ || ready()) return;
  asked_ = true;
  heard_more_ = false;
  std::string stream = engine_.names_.orders();
  auto done = [this](const Result<Reply, LinkError>& page) { on_caught(page); };
  if (orders_read_.empty()) {
    return commands_.call({"XREVRANGE", std::move(stream), "+", "-", "COUNT", "1"},
                          std::move(done));
  }
  commands_.call({"XRANGE", std::move(stream), "(" + orders_read_, "+", "COUNT", "500"},
                 std::move(done));
}

void NodeLine::on_caught(const Result<Reply, LinkError>& page) {
  asked_ = false;
  reading_.on_answer(page);
  if (!page || page->kind != Reply::Kind::array) return;  // again at the next tick
  const bool is_first = orders_read_.empty();
  if (is_first) orders_read_ = "0-0";
  for (const Reply& entry : page->items) {
    if (entry.items.size() != 2 || entry.items[1].items.size() < 2) continue;
    orders_read_ = entry.items[0].text;
    if (is_first) continue;
    auto message = decode_nodes_message(entry.items[1].items[1].text);
    if (!message) continue;
    auto* const order = std::get_if<OrderMessage>(&*message);
    // A gateway of before keeps what gives, too: it would reopen what was taken away meanwhile.
    if (order != nullptr && hub::takes_away(order->command)) carry_out(std::move(*order));
  }
  if (!is_first && (!page->items.empty() || heard_more_)) return catch_up();
  become_ready();
}

void NodeLine::become_ready() {
  if (!linked_ || !subscribed_) return;
  catching_up_ = false;
  ++stretch_;
  ready_.store(true, std::memory_order_release);
  feed_.on_restored();
  // Bindings may have been missed too.
  for (std::size_t shard = engine_.shards(); shard-- > 0;) {
    engine_.at_shard(shard, [](RedisBroker& broker) { broker.sink().on_restored(); });
  }
  desk_.on_ready();
}

void NodeLine::tick() {
  if (linked_ && !subscribed_) open();
  catch_up();
  say_alive();
  feed_.tick();
  desk_.tick();
}

void NodeLine::say_goodbye() {
  leaving_ = true;
  commands_.call({"ZREM", engine_.names_.nodes(), engine_.options_.node},
                 [](const Result<Reply, LinkError>&) {});
}

void NodeLine::say_alive() {
  if (leaving_) return;
  commands_.run(engine_.scripts_.stay_alive, {engine_.names_.nodes(), engine_.names_.write_check()},
                {engine_.options_.node},
                [this](const Result<Reply, LinkError>& reply) { writes_.on_answer(reply); });
}

// --- what comes ---

void NodeLine::on_message(std::string_view channel, std::string_view payload) {
  if (const auto name = engine_.names_.channel_of_messages(channel)) {
    if (ready()) feed_.on_message(*name, payload);
    return;
  }
  if (channel == to_all_nodes_) {
    auto message = decode_nodes_message(payload);
    if (!message) return;
    if (auto* order = std::get_if<OrderMessage>(&*message)) return on_order(std::move(*order));
    if (!ready()) return;
    feed_.on_bound(std::get<Bound>(*message).channel);
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
  on_answered(std::move(std::get<Answered>(*message)));
}

void NodeLine::on_answered(Answered answered) {
  if (answered.shard >= engine_.shards()) return;
  engine_.at_shard(answered.shard,
                   [id = answered.id, answer = std::move(answered.answer)](
                       RedisBroker& broker) mutable { broker.on_answered(id, std::move(answer)); });
}

// --- orders ---

// Touched on the first shard only; the others carry the pointer there and back.
struct NodeLine::CarryingOut {
  OrderMessage order;
  NodeAnswer total;
  std::size_t missing = 0;
};

void NodeLine::on_order(OrderMessage order) {
  if (catching_up_ && (order.id & OrderDesk::kKept) != 0) {
    heard_more_ = true;
    return;
  }
  carry_out(std::move(order));
}

// One that has been carried out was answered then.
void NodeLine::carry_out(OrderMessage order) {
  if ((order.id & OrderDesk::kKept) != 0) {
    const bool is_new =
        is_ours(order) ? desk_.take_own(order.id) : orders_done_.begin(order.node, order.id);
    if (!is_new) return;
  }
  carry_out_here(std::move(order));
}

bool NodeLine::is_ours(const OrderMessage& order) const {
  return order.node == engine_.options_.node;
}

void NodeLine::carry_out_here(OrderMessage order) {
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

void NodeLine::describe(NodeAnswer& total) const {
  hub::OrderAnswer& answer = total.answer;
  hub::NodeReport report{.uid = engine_.options_.node,
                         .version = engine_.options_.version,
                         .uptime_s = 0,
                         .info = answer.info};
  const Duration up = engine_.clock_.now() - engine_.started_at_;
  report.uptime_s =
      static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(up).count());
  report.info.channels = distinct(answer.channel_hashes);
  report.info.sessions = distinct(total.sessions);
  report.info.users = distinct(total.users);
  answer.nodes.push_back(std::move(report));
}

void NodeLine::answer(CarryingOut carried) {
  const OrderMessage& order = carried.order;
  const auto* query = std::get_if<hub::InfoQuery>(&order.command);
  if (query != nullptr && query->each_node) describe(carried.total);
  Answered answered{order.shard, order.id, std::move(carried.total)};
  if (is_ours(order)) return on_answered(std::move(answered));
  commands_.call({"PUBLISH", engine_.names_.to_node() + order.node, encode(answered)},
                 [](const Result<Reply, LinkError>&) {});
}

}  // namespace usher::redis
