// What Redis passes on to this node, handed to its shards: messages of channels (channel_feed.h),
// bindings and orders for all nodes, answers and other mail for this one.
//
// It is ready while the pub/sub connection is up, the listener above has said so, and the node's
// own channels are subscribed. Until then what comes on channels is not passed on: it counts as
// missed. Orders that it missed are carried out first.
//
// Threads: the first shard's; what says so: any. Borrows: the engine, which owns it.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "redis/broker/channel_feed.h"
#include "redis/broker/message.h"
#include "redis/broker/order_desk.h"
#include "redis/link/pub_sub.h"
#include "redis/link/write_check.h"

namespace usher::redis {

class RedisBrokers;

class NodeLine final : public PubSubListener {
 public:
  NodeLine(RedisBrokers& engine, Commands& commands, std::size_t shards);

  void use(PubSub& pub_sub);

  // Any thread.
  bool ready() const { return ready_.load(std::memory_order_acquire); }

  // Another one whenever bindings may have been missed since it was looked at. Any thread.
  std::uint64_t stretch() const { return stretch_.load(std::memory_order_acquire); }

  ChannelFeed& feed() { return feed_; }
  const ChannelFeed& feed() const { return feed_; }
  const WriteCheck& writes() const { return writes_; }
  OrderDesk& desk() { return desk_; }
  const OrderDesk& desk() const { return desk_; }
  // What Redis says instead of the orders that were missed. Any thread.
  const WriteCheck& reading() const { return reading_; }
  // Orders of other nodes that never came. Any thread.
  std::uint64_t orders_missed() const { return orders_done_.missed(); }

  // Says that the node is alive. Once a second or so.
  void tick();
  // The node is about to go: nobody needs to wait for what it will not answer any more.
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
  void on_order(OrderMessage order);
  void on_answered(Answered answered);
  bool is_ours(const OrderMessage& order) const;
  void carry_out(OrderMessage order);
  void carry_out_here(OrderMessage order);
  void answer(CarryingOut carried);
  void describe(NodeAnswer& total) const;

  RedisBrokers& engine_;
  Commands& commands_;
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
  bool subscribed_ = false;  // to this node's channels: kept over a lost link
  std::size_t opening_ = 0;  // subscriptions that are on their way
  bool refused_ = false;     // one of them was
  // The last entry of the stream of orders that was read; empty: none yet. It is read when the link
  // is back, from there on: what has come by pub/sub since then comes again, and is not carried out
  // twice. Until then orders that come by pub/sub are taken from the stream, in their turn.
  std::string orders_read_;
  bool catching_up_ = false;
  bool asked_ = false;
  bool heard_more_ = false;  // since it was asked
  std::atomic<bool> ready_ = false;
  std::atomic<std::uint64_t> stretch_ = 0;
};

}  // namespace usher::redis
