#include "redis/broker/order_desk.h"

#include <algorithm>
#include <utility>

#include "redis/broker/stream_page.h"

namespace usher::redis {

using hub::Elsewhere;

OrderDesk::OrderDesk(OrderDeskOptions options, Dependencies dependencies)
    : options_(std::move(options)),
      dependencies_(std::move(dependencies)),
      writer_(dependencies_.commands, {.key_prefix = dependencies_.names.prefix()}) {}

// --- what is asked ---

bool OrderDesk::admit(std::size_t bytes, std::size_t& cost) {
  cost = 1 + bytes / 1024;
  if (cost_ + cost > options_.kept_max) {
    ++dropped_;
    return false;
  }
  cost_ += cost;
  return true;
}

void OrderDesk::take(std::size_t shard, std::uint64_t id, hub::Order order) {
  Ordered ordered{shard, id, std::move(order), {}};
  ordered.message = encode(OrderMessage{options_.node, shard, id, ordered.order});
  std::size_t cost = 0;
  if (!admit(ordered.message.size(), cost)) {
    do_here_until(waiting_.size());
    do_here(ordered);
    return answer(ordered, {.elsewhere = Elsewhere::dropped});
  }
  waiting_.push_back({std::move(ordered), cost});
  kept_ = waiting_.size();
  if (!dependencies_.is_ready() || is_blocked_) return put_off(waiting_.size() - 1);
  send();
}

void OrderDesk::revoke(Revocation revocation, WallTime now, RevokedHandler done) {
  std::size_t cost = 0;
  if (!admit(revocation.name.size(), cost)) return done(RevocationTold::full);
  waiting_.push_back({Revoked{std::move(revocation), now, std::move(done)}, cost});
  kept_ = waiting_.size();
  if (!dependencies_.is_ready() || is_blocked_) return put_off(waiting_.size() - 1);
  send();
}

// The other nodes are told later. The shard that has asked does not wait for that.
void OrderDesk::put_off(std::size_t i) {
  Kept& kept = waiting_[i];
  if (!std::exchange(kept.late, true)) ++late_;
  if (auto* order = std::get_if<Ordered>(&kept.what)) {
    if (!order->done_here) do_here_until(i + 1);
    return answer(*order, {.elsewhere = Elsewhere::later});
  }
  if (auto done = std::exchange(std::get<Revoked>(kept.what).done, nullptr)) {
    done(RevocationTold::unknown);
  }
}

void OrderDesk::do_here(Ordered& ordered) {
  if (std::exchange(ordered.done_here, true)) return;
  dependencies_.do_here({options_.node, ordered.shard, ordered.id, ordered.order});
}

// In the order of the calls: an order that was sent may not have come back yet, and is carried out
// before later ones.
void OrderDesk::do_here_until(std::size_t end) {
  for (std::size_t i = 0; i < end; ++i) {
    if (auto* order = std::get_if<Ordered>(&waiting_[i].what)) do_here(*order);
  }
}

void OrderDesk::answer(Ordered& order, Told told) {
  if (!std::exchange(order.answered, true)) dependencies_.tell(order.shard, order.id, told);
}

// --- the others ---

void OrderDesk::send() {
  if (is_sending_ || is_blocked_ || heard_by_all_ == waiting_.size() || !dependencies_.is_ready())
    return;
  is_sending_ = true;
  Kept& first = waiting_[heard_by_all_];
  if (auto* revoked = std::get_if<Revoked>(&first.what)) return send_revocation(*revoked);
  send_orders();
}

void OrderDesk::send_orders() {
  const std::uint64_t connection = dependencies_.commands.connection();
  std::size_t remembered = 0;
  for (std::size_t i = heard_by_all_; i < waiting_.size(); ++i, ++remembered) {
    const auto* order = std::get_if<Ordered>(&waiting_[i].what);
    if (order == nullptr || order->remembered_on != connection) break;
  }
  Commands::Words arguments{dependencies_.names.to_all_nodes(), milliseconds(options_.node_life),
                            std::to_string(remembered), std::to_string(options_.stream_max)};
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (; heard_by_all_ + count < waiting_.size() && count < options_.batch_max; ++count) {
    const auto* order = std::get_if<Ordered>(&waiting_[heard_by_all_ + count].what);
    if (order == nullptr || (count > 0 && bytes >= options_.batch_bytes_max)) break;
    bytes += order->message.size();
    arguments.push_back(order->message);
  }
  dependencies_.commands.run(
      dependencies_.scripts.order, {dependencies_.names.nodes(), dependencies_.names.orders()},
      std::move(arguments), [this, count, connection](const Result<Reply, LinkError>& reply) {
        on_sent(count, connection, reply);
      });
}

// A node that counts as dead only finds the order in Redis' stream. So an order waits for both.
void OrderDesk::on_sent(std::size_t count, std::uint64_t connection,
                        const Result<Reply, LinkError>& reply) {
  if (!reply || reply->items.size() != 3) return settle(count, false, 0);
  const std::int64_t heard = reply->items[0].integer;
  const std::int64_t alive = reply->items[1].integer;
  const auto remembered =
      static_cast<std::size_t>(std::max<std::int64_t>(0, reply->items[2].integer));
  for (std::size_t i = 0; i < std::min(count, remembered); ++i) {
    std::get<Ordered>(waiting_[heard_by_all_ + i].what).remembered_on = connection;
  }
  const bool all = heard > 0 && heard >= alive && remembered >= count;
  settle(count, all, all ? static_cast<std::size_t>(heard) : 0);
}

void OrderDesk::send_revocation(Revoked& revoked) {
  writer_.write(revoked.revocation, revoked.now, [this](RevocationTold told) {
    auto& kept = std::get<Revoked>(waiting_[heard_by_all_].what);
    if (told != RevocationTold::unknown) {
      if (auto done = std::exchange(kept.done, nullptr)) done(told);
    }
    settle(1, told != RevocationTold::unknown, 0);
  });
}

// The orders that were sent are the first `count` after those that all nodes have heard: nothing
// else removes any. A handler may give the next order, which is sent at the end.
void OrderDesk::settle(std::size_t count, bool all, std::size_t nodes) {
  if (!all) {
    is_blocked_ = true;
    for (std::size_t i = heard_by_all_; i < waiting_.size(); ++i) put_off(i);
    is_sending_ = false;
    return;
  }
  for (std::size_t i = 0; i < count; ++i, ++heard_by_all_) {
    Kept& kept = waiting_[heard_by_all_];
    if (auto* order = std::get_if<Ordered>(&kept.what)) answer(*order, {.nodes = nodes});
  }
  is_sending_ = false;
  drop_done();
  send();
}

// An order that every node has heard is kept until this node has carried it out too.
void OrderDesk::drop_done() {
  while (heard_by_all_ > 0) {
    const auto* order = std::get_if<Ordered>(&waiting_.front().what);
    if (order != nullptr && !order->done_here) break;
    cost_ -= waiting_.front().cost;
    if (waiting_.front().late) --late_;
    waiting_.pop_front();
    --heard_by_all_;
  }
  kept_ = waiting_.size();
}

bool OrderDesk::take_own(std::uint64_t id) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(), [id](const Kept& kept) {
    const auto* order = std::get_if<Ordered>(&kept.what);
    return order != nullptr && order->id == id;
  });
  if (found == waiting_.end()) return false;
  auto& order = std::get<Ordered>(found->what);
  const bool is_new = !std::exchange(order.done_here, true);
  drop_done();
  return is_new;
}

// --- the line comes and goes ---

void OrderDesk::on_lost() {
  do_here_until(waiting_.size());
  drop_done();
}

void OrderDesk::on_ready() { tick(); }

// If Redis is slow to answer, the shard that has asked is answered after two ticks.
void OrderDesk::tick() {
  for (std::size_t i = heard_by_all_; i < waiting_.size(); ++i) {
    if (waiting_[i].ticks++ > 0) put_off(i);
  }
  is_blocked_ = false;
  send();
}

bool OrdersDone::begin(const std::string& node, std::uint64_t id) {
  if ((id & OrderDesk::kKept) == 0) return true;
  const auto [found, is_new] = last_.try_emplace(node);
  if (is_new && last_.size() > nodes_max_) {
    const auto oldest =
        std::min_element(last_.begin(), last_.end(), [&](const auto& a, const auto& b) {
          return a.first != node && (b.first == node || a.second.used < b.second.used);
        });
    last_.erase(oldest);
  }
  Last& last = last_.find(node)->second;
  last.used = ++used_;
  if (id <= last.id) return false;
  if (!is_new) missed_ += id - last.id - 1;
  last.id = id;
  return true;
}

}  // namespace usher::redis
