#include "redis/broker/node_line.h"

#include <algorithm>
#include <utility>

#include "redis/link/distinct.h"

namespace usher::redis {
namespace {

constexpr std::size_t kStreamMin = 1000;

}  // namespace

NodeLine::NodeLine(const RedisBrokerDependencies& node, NodeShards& shards, Commands& commands)
    : node_(node),
      shards_(shards),
      commands_(commands),
      started_at_(node.clock.now()),
      to_all_nodes_(node.names.to_all_nodes()),
      to_this_node_(node.names.to_node() + node.options.node),
      feed_(node.options.feed,
            {node.names, node.rules, node.scripts, commands, node.entropy, shards.count()},
            [&shards](std::size_t shard, ChannelFeed::Work work) {
              shards.at(shard, [work = std::move(work)](RedisOrders& there) mutable {
                work(there.sink());
              });
            }),
      desk_({.node = node.options.node,
             .kept_max = node.options.orders_kept_max,
             .stream_max = std::max(kStreamMin, node.options.orders_kept_max),
             .node_life = node.options.node_life},
            {node.names, node.scripts, commands, [this] { return ready(); },
             [this](OrderMessage message) { carry_out_here(std::move(message)); },
             [&shards](std::size_t shard, std::uint64_t id, OrderDesk::Told told) {
               shards.at(shard, [id, told](RedisOrders& there) { there.on_told(id, told); });
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

// Missed orders are carried out before anything is delivered. A node that has just started has no
// connections that they could concern.
void NodeLine::catch_up() {
  if (asked_ || !linked_ || !subscribed_ || ready()) return;
  asked_ = true;
  heard_more_ = false;
  std::string stream = node_.names.orders();
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
    auto* const missed = std::get_if<OrderMessage>(&*message);
    // A gateway of an older version also keeps orders that give something. Late, they would give
    // back what was taken away meanwhile.
    if (missed != nullptr && hub::takes_away(missed->order)) carry_out(std::move(*missed));
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
  for (std::size_t shard = shards_.count(); shard-- > 0;) {
    shards_.at(shard, [](RedisOrders& there) { there.sink().on_restored(); });
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
  commands_.call({"ZREM", node_.names.nodes(), node_.options.node},
                 [](const Result<Reply, LinkError>&) {});
}

void NodeLine::say_alive() {
  if (leaving_) return;
  commands_.run(node_.scripts.stay_alive, {node_.names.nodes(), node_.names.write_check()},
                {node_.options.node},
                [this](const Result<Reply, LinkError>& reply) { writes_.on_answer(reply); });
}

// --- what comes ---

void NodeLine::on_message(std::string_view channel, std::string_view payload) {
  if (const auto name = node_.names.channel_of_messages(channel)) {
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
    for (std::size_t shard = shards_.count(); shard-- > 0;) {
      shards_.at(shard, [bound](RedisOrders& there) {
        there.sink().on_bound(bound->channel, bound->owner);
      });
    }
    return;
  }
  if (channel != to_this_node_) return;
  auto message = decode_node_message(payload);
  if (!message) return;
  if (const auto* over = std::get_if<OverLimit>(&*message)) {
    if (over->shard >= shards_.count()) return;
    return shards_.at(over->shard, [client = over->client](RedisOrders& there) {
      there.sink().on_connection_limit(client);
    });
  }
  on_answered(std::move(std::get<Answered>(*message)));
}

void NodeLine::on_answered(Answered answered) {
  if (answered.shard >= shards_.count()) return;
  shards_.at(answered.shard,
             [id = answered.id, answer = std::move(answered.answer)](RedisOrders& there) mutable {
               there.on_answered(id, std::move(answer));
             });
}

// --- orders ---

// Used on the first shard only; the other shards just pass the pointer on.
struct NodeLine::CarryingOut {
  OrderMessage message;
  NodeAnswer total;
  std::size_t missing = 0;
};

void NodeLine::on_order(OrderMessage message) {
  if (catching_up_ && (message.id & OrderDesk::kKept) != 0) {
    heard_more_ = true;
    return;
  }
  carry_out(std::move(message));
}

// An order that was carried out before was answered then.
void NodeLine::carry_out(OrderMessage message) {
  if ((message.id & OrderDesk::kKept) != 0) {
    const bool is_new = is_ours(message) ? desk_.take_own(message.id)
                                         : orders_done_.begin(message.node, message.id);
    if (!is_new) return;
  }
  carry_out_here(std::move(message));
}

bool NodeLine::is_ours(const OrderMessage& message) const {
  return message.node == node_.options.node;
}

void NodeLine::carry_out_here(OrderMessage message) {
  auto carrying = std::make_shared<CarryingOut>();
  carrying->message = std::move(message);
  carrying->missing = shards_.count();
  for (std::size_t shard = shards_.count(); shard-- > 0;) {
    shards_.at(shard, [this, shard, carrying](RedisOrders& there) {
      there.carry_out(carrying->message.order, [this, shard, carrying](NodeAnswer answer) {
        auto add = [this, carrying, answer = std::move(answer)] {
          add_answer(carrying->total, answer);
          if (--carrying->missing == 0) this->answer(*carrying);
        };
        if (shard == 0) return add();
        node_.post.post(0, std::move(add));
      });
    });
  }
}

void NodeLine::describe(NodeAnswer& total) const {
  hub::OrderAnswer& answer = total.answer;
  hub::NodeReport report{.uid = node_.options.node,
                         .version = node_.options.version,
                         .uptime_s = 0,
                         .info = answer.info};
  const Duration up = node_.clock.now() - started_at_;
  report.uptime_s =
      static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(up).count());
  report.info.channels = distinct(answer.channel_hashes);
  report.info.sessions = distinct(total.sessions);
  report.info.users = distinct(total.users);
  answer.nodes.push_back(std::move(report));
}

void NodeLine::answer(CarryingOut carried) {
  const OrderMessage& message = carried.message;
  const auto* query = std::get_if<hub::InfoQuery>(&message.order);
  if (query != nullptr && query->each_node) describe(carried.total);
  Answered answered{message.shard, message.id, std::move(carried.total)};
  if (is_ours(message)) return on_answered(std::move(answered));
  commands_.call({"PUBLISH", node_.names.to_node() + message.node, encode(answered)},
                 [](const Result<Reply, LinkError>&) {});
}

}  // namespace usher::redis
