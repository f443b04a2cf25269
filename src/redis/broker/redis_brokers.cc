#include "redis/broker/redis_brokers.h"

#include <utility>

#include "base/check.h"

namespace usher::redis {

RedisBrokers::RedisBrokers(RedisBrokerOptions options, const hub::ChannelRules& rules,
                           const Clock& clock, Entropy& entropy, hub::ShardPost& post,
                           const std::vector<Commands*>& links)
    : options_(std::move(options)),
      limits_{options_.connections_per_session_max, options_.connections_per_user_max,
              options_.presence_per_channel_max},
      names_(options_.key_prefix),
      node_{options_, limits_, names_,
            scripts_, rules,   clock,
            entropy,  post,    [this] { return ready(); }},
      shards_(post, links.size()),
      line_(node_, shards_, *links.at(0)) {
  USHER_CHECK(!options_.node.empty() && options_.node.find(':') == std::string::npos);
  for (std::size_t shard = 0; shard < links.size(); ++shard) {
    brokers_.push_back(std::make_unique<RedisBroker>(node_, line_, shards_, shard, *links[shard]));
  }
}

RedisBrokers::~RedisBrokers() = default;

void RedisBrokers::set_limits(std::size_t connections_per_session_max,
                              std::size_t connections_per_user_max,
                              std::size_t presence_per_channel_max) {
  limits_.connections_per_session_max = connections_per_session_max;
  limits_.connections_per_user_max = connections_per_user_max;
  limits_.presence_per_channel_max = presence_per_channel_max;
}

hub::Broker& RedisBrokers::broker(std::size_t shard) { return *brokers_.at(shard); }

void RedisBrokers::revoke(std::size_t shard, Revocation revocation, WallTime now,
                          OrderDesk::RevokedHandler done) {
  if (shard == 0) return line_.desk().revoke(std::move(revocation), now, std::move(done));
  node_.post.post(
      0, [this, shard, revocation = std::move(revocation), now, done = std::move(done)]() mutable {
        line_.desk().revoke(std::move(revocation), now,
                            [this, shard, done = std::move(done)](RevocationTold told) mutable {
                              node_.post.post(
                                  shard, [done = std::move(done), told]() mutable { done(told); });
                            });
      });
}

}  // namespace usher::redis
