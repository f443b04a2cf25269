#include "redis/broker/redis_brokers.h"

#include <utility>

#include "base/check.h"
#include "base/sip_hash.h"
#include "redis/broker/redis_broker.h"

namespace usher::redis {

RedisBrokers::RedisBrokers(RedisBrokerOptions options, const hub::ChannelRules& rules,
                           const Clock& clock, Entropy& entropy, hub::ShardPost& post,
                           const std::vector<Commands*>& links)
    : options_(std::move(options)),
      started_at_(clock.now()),
      names_(options_.key_prefix),
      rules_(rules),
      clock_(clock),
      entropy_(entropy),
      post_(post),
      line_(*this, *links.at(0), links.size()) {
  USHER_CHECK(!options_.node.empty() && options_.node.find(':') == std::string::npos);
  for (std::size_t shard = 0; shard < links.size(); ++shard) {
    brokers_.push_back(std::make_unique<RedisBroker>(*this, shard, *links[shard]));
  }
}

RedisBrokers::~RedisBrokers() = default;

hub::Broker& RedisBrokers::broker(std::size_t shard) { return *brokers_.at(shard); }

void RedisBrokers::revoke(std::size_t shard, Revocation revocation, WallTime now,
                          OrderDesk::RevokedHandler done) {
  if (shard == 0) return line_.desk().revoke(std::move(revocation), now, std::move(done));
  post_.post(
      0, [this, shard, revocation = std::move(revocation), now, done = std::move(done)]() mutable {
        line_.desk().revoke(std::move(revocation), now,
                            [this, shard, done = std::move(done)](RevocationTold told) mutable {
                              post_.post(shard,
                                         [done = std::move(done), told]() mutable { done(told); });
                            });
      });
}

// Not secret: who steers it makes a count wrong, nothing else.
std::uint64_t RedisBrokers::hash_of(std::string_view name) { return sip_hash(SipKey{}, name); }

void RedisBrokers::at_shard(std::size_t shard, UniqueFunction<void(RedisBroker&)> work) {
  RedisBroker& broker = *brokers_[shard];
  if (shard == 0) return work(broker);
  post_.post(shard, [&broker, work = std::move(work)]() mutable { work(broker); });
}

}  // namespace usher::redis
