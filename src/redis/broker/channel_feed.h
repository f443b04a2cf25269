// The channels that have subscribers on this node: subscribed in Redis while some shard wants them,
// their messages encoded once and handed to those shards, in order.
//
// Redis' pub/sub may lose messages, so nothing is believed: each stream is tracked by offset, a
// hole is filled from history, and every stream is checked after a lost link and once a minute
// besides (which also keeps its position from expiring). What can't be filled is told to the
// shards. Where no history is kept, a lost link is told: slowly, so that resubscribing makes no
// storm.
//
// A lost link may have lost a binding, too. So a channel whose subscribers are decided by `owner`
// is silent from then on: its old owner must not hear what is the new one's. It speaks again when
// its owner is known (with history: what was kept back comes from there), or when its subscribers
// have been told to come again, which asks for the owner.
//
// Threads: the first shard's. Borrows: all that Parts names, and the PubSub.
// Limits: ChannelFeedOptions; as many channels as the hubs have.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/entropy.h"
#include "base/sip_hash.h"
#include "base/unique_function.h"
#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "redis/broker/broker_scripts.h"
#include "redis/broker/message.h"
#include "redis/broker/stream_page.h"
#include "redis/broker/stream_tracker.h"
#include "redis/link/commands.h"
#include "redis/link/names.h"
#include "redis/link/pub_sub.h"

namespace usher::redis {

struct ChannelFeedOptions {
  Duration position_ttl = std::chrono::hours(1);
  std::size_t checks_max = 64;           // streams that history is being asked for at a time
  std::size_t page_max = 1000;           // publications in one answer
  std::size_t checked_in_rounds = 60;    // every stream is checked once in so many ticks
  std::size_t told_per_tick_max = 1000;  // channels without history, after a lost link
};

// Since the start. Written by the first shard's thread, read by any.
struct FeedStats {
  std::atomic<std::uint64_t> filled = 0;  // publications that came from history instead of live
  std::atomic<std::uint64_t> lost =
      0;  // times that a channel's subscribers had to be told of a gap
  std::atomic<std::uint64_t> unreadable = 0;  // messages that are not ours, or of another version
};

class ChannelFeed {
 public:
  // Runs the work with that shard's sink, on its thread; in order.
  using Work = UniqueFunction<void(hub::BrokerSink&)>;
  using AtShard = UniqueFunction<void(std::size_t shard, Work work)>;

  struct Parts {
    const Names& names;
    const hub::ChannelRules& rules;
    const BrokerScripts& scripts;
    Commands& commands;
    Entropy& entropy;
    std::size_t shards;
  };

  ChannelFeed(ChannelFeedOptions options, Parts parts, AtShard at_shard);

  // Once, before anything else.
  void use(PubSub& pub_sub) { pub_sub_ = &pub_sub; }

  // `done` when the shard hears whatever is published from now on: that, and the history that it
  // then asks for, have no gap between. Requires a channel that the rules know. Internal if Redis
  // can't be asked.
  void subscribe(std::size_t shard, const std::string& channel, hub::Handler<void> done);
  void unsubscribe(std::size_t shard, const std::string& channel);

  // `done` when the shards have all that was published up to `position`, which history has told: so
  // who goes on from there gets nothing twice.
  void when_delivered(const std::string& channel, hub::Position position, hub::Handler<void> done);

  void on_message(std::string_view channel, std::string_view message);
  // A binding was told: what history answered before it names another owner, perhaps.
  void on_bound(std::string_view channel);
  // Messages are missed from now on.
  void on_lost();
  // Messages flow again: some have been missed.
  void on_restored();
  void tick();

  std::size_t channels() const { return channels_.size(); }
  const FeedStats& stats() const { return stats_; }

 private:
  struct Delivered {
    hub::Position position;
    hub::Handler<void> done;
  };
  struct Channel {
    std::shared_ptr<const std::string> name;
    const hub::NamespaceOptions* options = nullptr;
    std::uint64_t serial = 0;
    std::vector<bool> wanted;  // by shard
    std::size_t shards_wanting = 0;
    bool reached = false;                     // messages flow, and the position is known
    std::vector<hub::Handler<void>> waiting;  // until then
    StreamTracker tracker;                    // if it has history
    std::vector<Delivered> delivered;         // who waits for it to come so far
    enum class Check : std::uint8_t { none, queued, running } check = Check::none;
    bool untold = false;   // waits in untold_
    bool suspect = false;  // messages may have been missed before it was reached

    // Only where subscribers are decided by `owner`.
    bool silent = false;       // until the owner is known
    bool kept_back = false;    // something that history does not have, while it was silent
    bool bound_since = false;  // since history was asked
    bool is_owners() const { return options->subscribe == hub::Audience::owner; }
  };
  struct NameHash {
    using is_transparent = void;
    SipKey key;
    std::size_t operator()(std::string_view name) const { return sip_hash(key, name); }
  };
  // Answers that come late name their channel by its serial too.
  struct Ref {
    std::shared_ptr<const std::string> name;
    std::uint64_t serial = 0;
  };

  Channel* find(const Ref& ref);
  void reach(Channel& channel);
  void on_flowing(const Ref& ref, bool ok);
  void on_position(const Ref& ref, const Result<Reply, LinkError>& reply);
  void reached(Channel& channel);
  void fail(Channel& channel);
  void erase(Channel& channel);

  void ask_page(const Channel& channel, const hub::HistoryQuery& query, Commands::Handler done);
  void check(Channel& channel);
  void run_checks();
  void on_checked(const Ref& ref, const Result<Reply, LinkError>& reply);
  void take_page(Channel& channel, StreamPage page);
  bool take_owner(Channel& channel, const std::optional<hub::Owner>& owner);
  void keep_back(Channel& channel, const ChannelMessage& message);

  void release(Channel& channel, bool is_checked);

  void publish(Channel& channel, Published published);
  void deliver(const Channel& channel, const hub::Delivery& delivery);
  void deliver(const Channel& channel, const hub::Publication& publication);
  void tell_lost(const Channel& channel);
  void at_wanting(const Channel& channel, const std::function<Work()>& work);

  const ChannelFeedOptions options_;
  const Parts parts_;
  AtShard at_shard_;
  PubSub* pub_sub_ = nullptr;
  std::unordered_map<std::string, Channel, NameHash, std::equal_to<>> channels_;
  std::uint64_t last_serial_ = 0;
  std::deque<Ref> checks_;  // queued
  std::size_t checks_running_ = 0;
  bool lost_ = true;            // messages are missed
  bool checks_paused_ = false;  // Redis can't be asked: until the next tick
  std::deque<Ref> rounds_;      // all with history, the one that was checked longest ago first
  std::deque<Ref> awaited_;     // somebody waits for what has not come
  std::deque<Ref> untold_;      // without history, after a lost link
  FeedStats stats_;
};

}  // namespace usher::redis
