// The messages that Redis passes on between gateways. Implemented by PubSubLink (pub_sub_link.h):
// one connection for each node, on its first shard.
//
// What was subscribed stays subscribed over a lost connection, but what was published meanwhile is
// lost: the listener is told of both ends of the gap.
//
// Threads: those of the shard that it is made on.
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
  // Everything is subscribed (again), and nothing is missed from now on. Called after the first
  // connection too.
  virtual void on_link_ready() = 0;
};

class PubSub {
 public:
  using Handler = UniqueFunction<void(Result<void, LinkError>)>;

  virtual ~PubSub() = default;

  // Messages reach the listener from `done` on. The channels of one turn of the loop leave in one
  // SUBSCRIBE. Without a link: not_sent, and the channel is not kept.
  virtual void subscribe(std::string_view channel, Handler done) = 0;
  virtual void unsubscribe(std::string_view channel) = 0;
};

}  // namespace usher::redis
