// Brings this node's shards the messages of the channels that they want: subscribes in Redis while
// a shard wants the channel, encodes each message once, and hands it to those shards, in order.
//
// Redis' pub/sub may lose messages. So each stream is tracked by its offsets (stream_tracker.h),
// and compared with Redis (stream_checks.h). When messages are gone for good, the shards are told.
// After a lost link, channels without history are told too: slowly, so that resubscribing makes no
// storm.
//
// A lost link may also have lost a binding. So a channel whose subscribers are decided by `owner`
// is silent from then on: its former owner must not receive the new owner's messages. It is silent
// until its owner is known (history, if it has one, holds the messages that came meanwhile), or
// until its subscribers have been told to subscribe again, which asks for the owner.
//
// Threads: the first shard's. Borrows: the objects in Dependencies, and the PubSub.
// Limits: ChannelFeedOptions; as many channels as the hubs have.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/entropy.h"
#include "base/unique_function.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "redis/broker/broker_scripts.h"
#include "redis/broker/feed_channels.h"
#include "redis/broker/message.h"
#include "redis/broker/stream_checks.h"
#include "redis/link/commands.h"
#include "redis/link/names.h"
#include "redis/link/pub_sub.h"

namespace usher::redis {

struct ChannelFeedOptions {
  StreamChecksOptions checks{};
  std::size_t told_per_tick_max = 1000;  // channels without history, after a lost link
};

struct ChannelFeedDependencies {
  const Names& names;
  const hub::ChannelRules& rules;
  const BrokerScripts& scripts;
  Commands& commands;
  Entropy& entropy;
  std::size_t shards;
};

// Counts since the start. Written by the first shard's thread, read by any.
struct FeedStats {
  std::atomic<std::uint64_t> filled = 0;      // publications that came from history instead of live
  std::atomic<std::uint64_t> lost = 0;        // gaps of which a channel's subscribers were told
  std::atomic<std::uint64_t> unreadable = 0;  // messages that are not ours, or of another version
};

class ChannelFeed final : private StreamChecks::Listener {
 public:
  // Runs the work with that shard's sink, on its thread; in order.
  using Work = UniqueFunction<void(hub::BrokerSink&)>;
  using AtShard = UniqueFunction<void(std::size_t shard, Work work)>;

  ChannelFeed(ChannelFeedOptions options, ChannelFeedDependencies dependencies, AtShard at_shard);

  // Must be called once, before anything else.
  void use(PubSub& pub_sub) { pub_sub_ = &pub_sub; }

  // Calls `done` when the shard gets all later publications. There is no gap between those and the
  // history that the shard asks for afterwards. Fails with `internal` if Redis can't be asked.
  // Requires: the rules know the channel.
  void subscribe(std::size_t shard, const std::string& channel, hub::Handler<void> done);
  void unsubscribe(std::size_t shard, const std::string& channel);

  // Calls `done` when the shards have every publication up to `position`, which is from an answer
  // of history. So a subscriber that continues from there gets nothing twice.
  void when_delivered(const std::string& channel, hub::Position position, hub::Handler<void> done);

  void on_message(std::string_view channel, std::string_view message);
  // A binding has come: an answer of history that was requested earlier may name another owner.
  void on_bound(std::string_view channel);
  // Messages are missed from now on.
  void on_lost();
  // Messages flow again: some have been missed.
  void on_restored();
  void tick();

  std::size_t channels() const { return channels_.size(); }
  const FeedStats& stats() const { return stats_; }

 private:
  using Channel = FeedChannel;
  using Ref = FeedChannel::Ref;

  void on_begun(Channel& channel, bool ok) override;
  void on_compared(Channel& channel, StreamTracker::Caught caught,
                   const std::optional<hub::Owner>& owner) override;

  void reach(const Channel& channel);
  void on_flowing(const Ref& ref, bool ok);
  void reached(Channel& channel);
  void fail(Channel& channel);
  void erase(Channel& channel);

  bool take_owner(Channel& channel, const std::optional<hub::Owner>& owner);
  void keep_back(Channel& channel, const ChannelMessage& message);
  void release(Channel& channel, bool is_compared);
  void queue_awaited();
  void tell_untold();

  void publish(Channel& channel, Published published);
  void deliver(const Channel& channel, const hub::Delivery& delivery);
  void deliver(const Channel& channel, const hub::Publication& publication);
  void tell_lost(const Channel& channel);
  void at_wanting(const Channel& channel, const std::function<Work()>& work);

  const ChannelFeedOptions options_;
  const ChannelFeedDependencies dependencies_;
  AtShard at_shard_;
  PubSub* pub_sub_ = nullptr;
  FeedChannels channels_;
  StreamChecks checks_;
  bool lost_ = true;         // messages are missed
  std::deque<Ref> awaited_;  // channels with entries in `delivered`
  std::deque<Ref> untold_;   // channels without history, after a lost link
  FeedStats stats_;
};

}  // namespace usher::redis
