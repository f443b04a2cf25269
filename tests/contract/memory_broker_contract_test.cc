#include "contract/broker_contract.h"
#include "hub/memory_broker.h"
#include "support/manual_clock.h"
#include "support/manual_shards.h"
#include "support/seeded_entropy.h"

namespace usher::test {
namespace {

class MemoryBrokerHarness final : public BrokerHarness {
 public:
  MemoryBrokerHarness(std::size_t shards, std::uint64_t seed)
      : mail_(shards, seed),
        entropy_(seed),
        sinks_(shards),
        engine_({.connections_per_session_max = kContractSessionMax,
                 .connections_per_user_max = kContractUserMax},
                rules_, clock_, entropy_, mail_, shards) {
    for (std::size_t shard = 0; shard < shards; ++shard)
      engine_.broker(shard).attach(sinks_[shard]);
  }

  std::size_t shards() const override { return mail_.shards(); }
  hub::Broker& broker(std::size_t shard) override {
    mail_.act_as(shard);
    return engine_.broker(shard);
  }
  RecordingSink& sink(std::size_t shard) override { return sinks_[shard]; }
  void settle() override { mail_.run_all(); }
  void step() override { mail_.run_one(); }
  void advance(Duration by) override {
    clock_.advance(by);
    for (std::size_t shard = 0; shard < shards(); ++shard) broker(shard).tick();
  }
  Duration resolution() const override { return std::chrono::nanoseconds(1); }

 private:
  ManualClock clock_;
  ManualShards mail_;
  SeededEntropy entropy_;
  const hub::ChannelRules rules_{broker_contract_rules()};
  std::vector<RecordingSink> sinks_;
  hub::MemoryBrokers engine_;
};

BrokerCase on_shards(std::size_t shards) {
  return {"Memory" + std::to_string(shards), [shards](std::uint64_t seed) {
            return std::make_unique<MemoryBrokerHarness>(shards, seed);
          }};
}

INSTANTIATE_TEST_SUITE_P(Engines, BrokerContract, testing::Values(on_shards(1), on_shards(3)),
                         [](const auto& engine) { return engine.param.name; });

}  // namespace
}  // namespace usher::test
