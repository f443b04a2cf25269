// Compares the streams that this node follows with Redis, and fetches the publications that pub/sub
// has lost.
//
// A stream is compared when its channel is queued: after a gap, after a lost link, or in its turn.
// Each stream gets a turn once in `checked_in_rounds` ticks, which also keeps its position in Redis
// from expiring. While Redis gives no answer, all checks wait for the next tick.
//
// Threads: the first shard's. Borrows: the channels, the listener, and the objects in Dependencies.
// Limits: StreamChecksOptions; one place in the queue for each channel.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>

#include "base/entropy.h"
#include "redis/broker/broker_scripts.h"
#include "redis/broker/feed_channels.h"
#include "redis/broker/stream_page.h"
#include "redis/link/commands.h"
#include "redis/link/names.h"

namespace usher::redis {

struct StreamChecksOptions {
  Duration position_ttl = std::chrono::hours(1);
  std::size_t checks_max = 64;         // streams that Redis is asked for at the same time
  std::size_t page_max = 1000;         // publications in one answer
  std::size_t checked_in_rounds = 60;  // ticks until each stream has been compared once
};

struct StreamChecksDependencies {
  const Names& names;
  const BrokerScripts& scripts;
  Commands& commands;
  Entropy& entropy;
};

class StreamChecks {
 public:
  // Either call may erase the channel.
  class Listener {
   public:
    virtual ~Listener() = default;
    // After begin(). `ok`: the tracker has the stream's position.
    virtual void on_begun(FeedChannel& channel, bool ok) = 0;
    // A comparison has ended. `owner`: of the channel, as Redis says.
    virtual void on_compared(FeedChannel& channel, StreamTracker::Caught caught,
                             const std::optional<hub::Owner>& owner) = 0;
  };

  StreamChecks(StreamChecksOptions options, StreamChecksDependencies dependencies,
               FeedChannels& channels, Listener& listener);

  // Asks for the position of the channel's stream, then calls on_begun(), unless the channel has
  // been erased. From then on the stream is compared in its turn. Requires: the channel has
  // history, and its messages flow.
  void begin(const FeedChannel& channel);

  // Queues a comparison, unless one is queued or running. It starts with the next run().
  void queue(FeedChannel& channel);
  void run();

  // Redis can be asked again. Starts nothing.
  void resume() { is_paused_ = false; }
  // Resumes, and queues the streams whose turn it is. Starts nothing.
  void tick();

 private:
  void ask_page(const FeedChannel& channel, const hub::HistoryQuery& query, Commands::Handler done);
  void on_position(const FeedChannel::Ref& ref, const Result<Reply, LinkError>& reply);
  void on_answer(const FeedChannel::Ref& ref, const Result<Reply, LinkError>& reply);
  void take_page(FeedChannel& channel, StreamPage page);

  const StreamChecksOptions options_;
  const StreamChecksDependencies dependencies_;
  FeedChannels& channels_;
  Listener& listener_;
  std::deque<FeedChannel::Ref> queue_;
  std::deque<FeedChannel::Ref> rounds_;  // the stream that was compared longest ago is first
  std::size_t running_ = 0;
  bool is_paused_ = false;
};

}  // namespace usher::redis
