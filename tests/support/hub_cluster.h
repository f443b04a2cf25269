// Several shards with their hubs on one memory engine, in virtual time; and subscribers that record
// the messages and calls they get.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hub/hub.h"
#include "hub/memory_broker.h"
#include "support/manual_clock.h"
#include "support/manual_shards.h"
#include "support/manual_wall_clock.h"
#include "support/publications.h"
#include "support/seeded_entropy.h"

namespace usher::test {

class TestSubscriber final : public hub::Subscriber {
 public:
  explicit TestSubscriber(std::string the_session, std::string the_user = "",
                          std::vector<std::string> the_grants = {})
      : session(std::move(the_session)),
        user(std::move(the_user)),
        channel_patterns(std::move(the_grants)) {}
  ~TestSubscriber() override {
    if (leave) leave();
  }

  hub::Identity identity() const override {
    return {.session = session,
            .user = user,
            .jti = jti,
            .sid = sid,
            .earlier_sids = earlier_sids,
            .conn_info = "",
            .channel_patterns = channel_patterns};
  }
  std::optional<hub::ConnectionFacts> facts() const override { return connected_by; }
  void deliver(const wire::SharedFrame& frame) override { told.push_back(payload_of(frame)); }
  void gather(const wire::SharedFrame& frame, const wire::Gathering& how) override {
    gathered.push_back(how);
    deliver(frame);
  }
  bool takes_messages() const override { return is_for_messages; }
  std::size_t room_bytes() const override { return room; }
  void close(const wire::CloseReason& reason) override {
    closed.emplace(reason.code, std::string(reason.reason));
  }
  void refresh(bool expired, std::optional<std::int64_t> expire_at) override {
    refreshed.emplace(expired, expire_at);
  }

  bool ask(hub::SubscribeQuestion question) override {
    if (can_ask) questions.push_back(std::move(question));
    return can_ask;
  }

  // Returns the messages delivered since the last call.
  std::vector<std::string> take() { return std::exchange(told, {}); }

  std::string session;
  std::string user;
  std::string jti;
  std::string sid;
  std::vector<std::string> earlier_sids;
  std::vector<std::string> channel_patterns;
  std::vector<std::string> told;
  std::vector<wire::Gathering> gathered;  // of the messages that came by gather()
  std::optional<std::pair<std::uint16_t, std::string>> closed;
  std::optional<std::pair<bool, std::optional<std::int64_t>>> refreshed;
  std::size_t room = std::numeric_limits<std::size_t>::max();
  bool is_for_messages = true;  // false: a tunnel
  std::vector<hub::SubscribeQuestion> questions;
  bool can_ask = true;
  std::optional<hub::ConnectionFacts> connected_by = hub::ConnectionFacts{};
  std::function<void()> leave;  // set by HubCluster::join()
};

class HubCluster {
 public:
  explicit HubCluster(hub::ChannelRulesOptions rule_options, std::size_t shards = 1,
                      std::uint64_t seed = 1, hub::HubOptions options = {},
                      hub::MemoryBrokerOptions broker_options = {})
      : mail(shards, seed),
        rules(std::move(rule_options)),
        entropy(seed),
        engine(broker_options, rules, clock, entropy, mail, shards) {
    for (std::size_t i = 0; i < shards; ++i) {
      hubs.push_back(
          std::make_unique<hub::Hub>(options, rules, engine.broker(i), clock, wall_clock, entropy));
    }
  }

  hub::Hub& hub(std::size_t shard = 0) {
    mail.act_as(shard);
    return *hubs[shard];
  }
  hub::Broker& broker(std::size_t shard = 0) {
    mail.act_as(shard);
    return engine.broker(shard);
  }

  hub::Joined join(TestSubscriber& subscriber, std::size_t shard = 0,
                   std::vector<hub::SubscribeWish> wishes = {}) {
    std::optional<hub::Joined> joined;
    subscriber.leave = [this, shard, &subscriber] { hub(shard).leave(subscriber); };
    hub(shard).join(subscriber, std::move(wishes),
                    [&](hub::Joined told) { joined = std::move(told); });
    mail.run_all();
    return joined.value();
  }

  hub::SubscribeOutcome subscribe(TestSubscriber& subscriber, std::string channel,
                                  std::size_t shard = 0,
                                  std::optional<hub::Position> since = std::nullopt) {
    return subscribe(
        subscriber,
        hub::SubscribeWish{.channel = std::move(channel), .recover_since = std::move(since)},
        shard);
  }
  hub::SubscribeOutcome subscribe(TestSubscriber& subscriber, hub::SubscribeWish wish,
                                  std::size_t shard = 0) {
    std::optional<hub::SubscribeOutcome> outcome;
    hub(shard).subscribe(subscriber, std::move(wish),
                         [&](hub::SubscribeOutcome told) { outcome = std::move(told); });
    mail.run_all();
    return outcome.value();
  }

  Result<hub::Position, hub::Error> publish(std::string channel, std::string data,
                                            std::size_t shard = 0) {
    hub::PublishRequest request{.channel = std::move(channel), .data = std::move(data)};
    std::optional<Result<hub::Position, hub::Error>> position;
    broker(shard).publish(std::move(request), [&](auto told) { position = std::move(told); });
    mail.run_all();
    return position.value();
  }

  Result<void, hub::Error> bind(std::string channel, hub::Owner owner,
                                Duration ttl = std::chrono::hours(1), std::size_t shard = 0) {
    std::optional<Result<void, hub::Error>> bound;
    broker(shard).bind(channel, std::move(owner), ttl, [&](auto told) { bound = told; });
    mail.run_all();
    return bound.value();
  }

  hub::OrderAnswer order(hub::Order order, std::size_t shard = 0) {
    std::optional<hub::OrderAnswer> answer;
    broker(shard).order(std::move(order), [&](auto told) { answer = std::move(*told); });
    mail.run_all();
    return answer.value();
  }

  // Both clocks go on, and every hub ticks.
  void pass(std::chrono::seconds time) {
    clock.advance(time);
    wall_clock.advance(time);
    tick();
  }

  void tick() {
    for (std::size_t i = 0; i < hubs.size(); ++i) hub(i).tick();
    mail.run_all();
  }

  ManualClock clock;
  ManualWallClock wall_clock;
  ManualShards mail;
  const hub::ChannelRules rules;
  SeededEntropy entropy;
  hub::MemoryBrokers engine;
  std::vector<std::unique_ptr<hub::Hub>> hubs;
};

}  // namespace usher::test
