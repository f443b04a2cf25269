#include <random>

#include "contract/broker_contract.h"
#include "redis/broker/redis_brokers.h"
#include "support/manual_clock.h"
#include "support/manual_shards.h"
#include "support/seeded_entropy.h"
#include "support/stepped_redis.h"

namespace usher::test {
namespace {

// One server for all tests of this process; each harness finds it empty.
SteppedRedis& redis_server() {
  static SteppedRedis server;
  return server;
}

class RedisBrokerHarness final : public BrokerHarness {
 public:
  RedisBrokerHarness(std::size_t shards, std::uint64_t seed)
      : mail_(shards, seed), entropy_(seed), random_(seed), sinks_(shards) {
    redis_server().forget_all();
    std::vector<redis::Commands*> links;
    for (std::size_t shard = 0; shard < shards; ++shard) {
      links_.push_back(std::make_unique<SteppedLink>(
          redis_server().server(), redis_server().run_id(), redis_server().turned()));
      links.push_back(links_.back().get());
    }
    engine_ = std::make_unique<redis::RedisBrokers>(
        redis::RedisBrokerOptions{.node = "n1",
                                  .connections_per_session_max = kContractSessionMax,
                                  .connections_per_user_max = kContractUserMax},
        rules_, clock_, entropy_, mail_, links);
    pub_sub_ = std::make_unique<SteppedPubSub>(redis_server().server(), engine_->listener());
    engine_->use(*pub_sub_);
    for (std::size_t shard = 0; shard < shards; ++shard) {
      engine_->broker(shard).attach(sinks_[shard]);
    }
    mail_.act_as(0);
    pub_sub_->connect();
    settle();
  }

  std::size_t shards() const override { return mail_.shards(); }
  hub::Broker& broker(std::size_t shard) override {
    mail_.act_as(shard);
    return engine_->broker(shard);
  }
  RecordingSink& sink(std::size_t shard) override { return sinks_[shard]; }
  void settle() override {
    for (int idle = 0; idle < 100;) idle = run_one() ? 0 : idle + 1;
  }
  void step() override { run_one(); }
  void advance(Duration by) override {
    redis_server().advance(by);
    clock_.advance(by);
    for (std::size_t shard = 0; shard < shards(); ++shard) broker(shard).tick();
    settle();
  }
  Duration resolution() const override { return std::chrono::seconds(5); }

 private:
  bool run_one() {
    const std::size_t lot = random_() % (shards() + 2);
    if (lot == shards()) return mail_.run_one();
    mail_.act_as(lot < shards() ? lot : 0);
    return lot < shards() ? links_[lot]->step() : pub_sub_->step();
  }

  ManualClock clock_;
  ManualShards mail_;
  SeededEntropy entropy_;
  std::mt19937_64 random_;
  const hub::ChannelRules rules_{broker_contract_rules()};
  std::vector<RecordingSink> sinks_;
  std::vector<std::unique_ptr<SteppedLink>> links_;
  std::unique_ptr<redis::RedisBrokers> engine_;
  std::unique_ptr<SteppedPubSub> pub_sub_;
};

BrokerCase on_shards(std::size_t shards) {
  return {"Redis" + std::to_string(shards), [shards](std::uint64_t seed) {
            return std::make_unique<RedisBrokerHarness>(shards, seed);
          }};
}

INSTANTIATE_TEST_SUITE_P(RedisBrokers, BrokerContract, testing::Values(on_shards(1), on_shards(3)),
                         [](const auto& engine) { return engine.param.name; });

}  // namespace
}  // namespace usher::test
