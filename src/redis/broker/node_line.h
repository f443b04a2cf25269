// Hands incoming messages from Redis to this node's shards: messages of channels (channel_feed.h),
// bindings and orders for all nodes, answers and other messages for this node.
//
// It is ready while the pub/sub connection is up, on_link_ready() was called, and the node's own
// channels are subscribed. Until then messages of channels are not handed on: they count as missed.
// Orders that were missed are carried out first.
//
// Threads: the first shard's; some functions any. Owns: the feed and the desk.
// Borrows: the objects in Dependencies, the shards, the first shard's link; the PubSub, from use()
// on.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "redis/broker/broker_dependencies.h"
#include "redis/broker/channel_feed.h"
#include "redis/broker/message.h"
#include "redis/broker/node_shards.h"
#include "redis/broker/order_desk.h"
#include "redis/link/pub_sub.h"
#include "redis/link/write_check.h"

namespace usher::redis {

class NodeLine final : public PubSubListener {
 public:
  NodeLine(const RedisBrokerDependencies& node, NodeShards& shards, Commands& commands);

  void use(PubSub& pub_sub);

  // Any thread.
  bool ready() const { return ready_.load(std::memory_order_acquire); }

  // Returns a number that changes whenever bindings may have been missed. Any thread.
  std::uint64_t stretch() const { return stretch_.load(std::memory_order_acquire); }

  ChannelFeed& feed() { return feed_; }
  const ChannelFeed& feed() const { return feed_; }
  const WriteCheck& writes() const { return writes_; }
  OrderDesk& desk() { return desk_; }
  const OrderDesk& desk() const { return desk_; }
  // Whether Redis lets this node read the orders that it missed. Any thread.
  const WriteCheck& reading() const { return reading_; }
  // Returns the number of orders of other nodes that never came. Any thread.
  std::uint64_t orders_missed() const { return orders_done_.missed(); }

  // Tells Redis that the node is alive. The caller must call it about once a second.
  void tick();
  // The node ends soon: other nodes need not wait for its answers any more.
  void say_goodbye();

  void on_message(std::string_view channel, std::string_view payload) override;
  void on_link_lost() override;
  void on_link_ready() override;

 private:
  struct CarryingOut;

  void open();
  void opened(bool ok);
  void catch_up();
  void on_caught(const Result<Reply, LinkError>& page);
  void become_ready();
  void say_alive();
  void on_order(OrderMessage message);
  void on_answered(Answered answered);
  bool is_ours(const OrderMessage& message) const;
  void carry_out(OrderMessage message);
  void carry_out_here(OrderMessage message);
  void answer(CarryingOut carried);
  void describe(NodeAnswer& total) const;

  const RedisBrokerDependencies& node_;
  NodeShards& shards_;
  Commands& commands_;
  const TimePoint started_at_;
  const std::string to_all_nodes_;
  const std::string to_this_node_;
  PubSub* pub_sub_ = nullptr;
  ChannelFeed feed_;
  OrderDesk desk_;
  OrdersDone orders_done_;
  WriteCheck writes_;
  WriteCheck reading_;
  bool leaving_ = false;
  bool linked_ = false;
  bool subscribed_ = false;  // to this node's channels; stays over a lost link
  std::size_t opening_ = 0;  // subscriptions that are not answered yet
  bool refused_ = false;     // at least one of them was refused
  // The last entry of the stream of orders that was read; empty: none yet. When the link is back,
  // the stream is read from there on. Orders that came by pub/sub since then come again, and are
  // not carried out twice. While catching up, orders that come by pub/sub are left to the stream,
  // so that they keep their order.
  std::string orders_read_;
  bool catching_up_ = false;
  bool asked_ = false;       // the stream is being read
  bool heard_more_ = false;  // an order came by pub/sub since then
  std::atomic<bool> ready_ = false;
  std::atomic<std::uint64_t> stretch_ = 0;
};

}  // namespace usher::redis
