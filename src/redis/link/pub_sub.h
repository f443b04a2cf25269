// The messages that Redis brings from gateway to gateway. Implemented by PubSubLink
// (pub_sub_link.h): one connection for each node, on its first shard.
//
// A subscription survives a lost connection, but messages published meanwhile are lost. The
// listener is told when such a gap begins and when it ends.
//
// Threads: the thread of the shard that it was made on.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/unique_function.h"
#include "redis/link/commands.h"

namespace usher::redis {

class PubSubListener {
 public:
  virtual ~PubSubListener() = default;

  virtual void on_message(std::string_view channel, std::string_view payload) = 0;
  // From now on messages are missed.
  virtual void on_link_lost() = 0;
  // All channels are subscribed (again), and no message is missed from now on. Called after the
  // first connection too.
  virtual void on_link_ready() = 0;
};

class PubSub {
 public:
  using Handler = UniqueFunction<void(Result<void, LinkError>)>;

  virtual ~PubSub() = default;

  // Calls `done` when messages reach the listener. The channels of one turn of the loop leave in
  // one SUBSCRIBE. Without a link it fails with not_sent, and the channel is not kept.
  virtual void subscribe(std::string_view channel, Handler done) = 0;
  virtual void unsubscribe(std::string_view channel) = 0;
};

}  // namespace usher::redis
