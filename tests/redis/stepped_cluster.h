// Several nodes of two shards each on one stepped Redis, and what their brokers have delivered.
#pragma once

#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "contract/broker_contract.h"
#include "redis/broker/redis_brokers.h"
#include "support/manual_clock.h"
#include "support/manual_shards.h"
#include "support/seeded_entropy.h"
#include "support/stepped_redis.h"

namespace usher::test {

class OnRedis : public testing::Test {};

class SteppedNode {
 public:
  static constexpr std::size_t kShards = 2;

  SteppedNode(SteppedRedis& redis, const std::string& name, std::uint64_t seed,
              const ManualClock& clock, const hub::ChannelRules& rules, std::size_t orders_kept)
      : mail(kShards, seed), entropy(seed) {
    std::vector<redis::Commands*> commands;
    for (std::size_t shard = 0; shard < kShards; ++shard) {
      links.push_back(
          std::make_unique<SteppedLink>(redis.server(), redis.run_id(), redis.turned()));
      commands.push_back(links.back().get());
    }
    engine = std::make_unique<redis::RedisBrokers>(
        redis::RedisBrokerOptions{.node = name,
                                  .connections_per_session_max = kContractSessionMax,
                                  .connections_per_user_max = kContractUserMax,
                                  .presence_per_channel_max = 3,
                                  .orders_kept_max = orders_kept},
        rules, clock, entropy, mail, commands);
    pub_sub = std::make_unique<SteppedPubSub>(redis.server(), engine->listener());
    engine->use(*pub_sub);
    for (std::size_t shard = 0; shard < kShards; ++shard)
      engine->broker(shard).attach(sinks[shard]);
    pub_sub->connect();
  }

  hub::Broker& broker(std::size_t shard = 1) {
    mail.act_as(shard);
    return engine->broker(shard);
  }
  RecordingSink& sink(std::size_t shard = 1) { return sinks[shard]; }

  void set_links_up(bool up) {
    for (auto& link : links) {
      if (up && !link->is_up) ++link->connections;
      link->is_up = up;
    }
  }
  void lose_pub_sub() {
    mail.act_as(0);
    pub_sub->disconnect();
  }
  void restore_pub_sub() {
    mail.act_as(0);
    pub_sub->connect();
  }
  void tick() {
    for (std::size_t shard = 0; shard < kShards; ++shard) broker(shard).tick();
  }
  bool run_one(std::mt19937_64& random) {
    const std::size_t lot = random() % (kShards + 2);
    if (lot == kShards) return mail.run_one();
    mail.act_as(lot < kShards ? lot : 0);
    return lot < kShards ? links[lot]->step() : pub_sub->step();
  }

  ManualShards mail;
  SeededEntropy entropy;
  RecordingSink sinks[kShards];
  std::vector<std::unique_ptr<SteppedLink>> links;
  std::unique_ptr<redis::RedisBrokers> engine;
  std::unique_ptr<SteppedPubSub> pub_sub;
};

class SteppedCluster {
 public:
  explicit SteppedCluster(std::uint64_t seed = 1, std::size_t count = 2,
                          std::size_t orders_kept = kContractOrdersKept)
      : random_(seed), orders_kept_(orders_kept) {
    redis().forget_all();
    for (std::size_t i = 0; i < count; ++i) add_node(seed * 10 + i);
    settle();
  }

  // One server for all tests of this process.
  static SteppedRedis& redis() {
    static SteppedRedis server;
    return server;
  }

  SteppedNode& node(std::size_t i) { return *nodes_[i]; }
  void add_node(std::uint64_t seed) {
    nodes_.push_back(std::make_unique<SteppedNode>(redis(), "n" + std::to_string(++named_), seed,
                                                   clock_, rules_, orders_kept_));
  }
  // Ends the node without a word, as a power cut does.
  void kill_node(std::size_t i) { nodes_.erase(nodes_.begin() + static_cast<std::ptrdiff_t>(i)); }

  bool run_one() { return nodes_[random_() % nodes_.size()]->run_one(random_); }
  void settle() {
    for (int idle = 0; idle < 200;) idle = run_one() ? 0 : idle + 1;
  }
  void advance(Duration by) {
    redis().advance(by);
    clock_.advance(by);
    for (const auto& node : nodes_) node->tick();
    settle();
  }

  template <class T, class Ask>
  Result<T, hub::Error> ask(Ask&& call) {
    auto answer = std::make_shared<std::optional<Result<T, hub::Error>>>();
    call([answer](Result<T, hub::Error> told) { *answer = std::move(told); });
    settle();
    return answer->value();
  }
  Result<hub::Position, hub::Error> publish(std::size_t i, const std::string& channel,
                                            const std::string& data = "1") {
    return ask<hub::Position>([&](auto done) {
      node(i).broker().publish({.channel = channel, .data = data}, std::move(done));
    });
  }
  Result<void, hub::Error> subscribe(std::size_t i, const std::string& channel,
                                     std::size_t shard = 1) {
    return ask<void>([&](auto done) { node(i).broker(shard).subscribe(channel, std::move(done)); });
  }
  Result<hub::OrderAnswer, hub::Error> order(std::size_t i, hub::Order order) {
    return ask<hub::OrderAnswer>(
        [&](auto done) { node(i).broker().order(std::move(order), std::move(done)); });
  }
  std::vector<std::uint64_t> take_offsets(std::size_t i, const std::string& channel,
                                          std::size_t shard = 1) {
    std::vector<std::uint64_t> offsets;
    for (const auto& delivery : std::exchange(node(i).sink(shard).deliveries[channel], {})) {
      offsets.push_back(delivery.offset);
    }
    return offsets;
  }

 private:
  std::mt19937_64 random_;
  const std::size_t orders_kept_;
  ManualClock clock_;
  const hub::ChannelRules rules_{broker_contract_rules()};
  std::size_t named_ = 0;
  std::vector<std::unique_ptr<SteppedNode>> nodes_;
};

}  // namespace usher::test
