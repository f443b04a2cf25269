// What every Broker must do, whatever it is made of. A new engine writes a BrokerHarness and
// instantiates BrokerContract with it; it passes unchanged, or it is wrong.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "hub/broker.h"
#include "hub/channel_rules.h"
#include "support/print_result.h"
#include "support/publications.h"

namespace usher::test {

// What one shard's broker said to it, in order.
class RecordingSink final : public hub::BrokerSink {
 public:
  void on_delivery(std::string_view channel, const hub::Delivery& delivery) override {
    deliveries[std::string(channel)].push_back(delivery);
    events.push_back("delivery " + std::string(channel));
  }
  void on_bound(std::string_view channel, const hub::Owner& owner) override {
    bound.emplace_back(channel, owner);
    events.push_back("bound " + std::string(channel));
  }
  void on_deliveries_lost(std::string_view channel) override { lost.emplace_back(channel); }
  void on_connection_limit(hub::ClientId client) override { over_limit.push_back(client); }
  hub::OrderAnswer on_order(const hub::Order& command) override {
    commands.push_back(command);
    return answer;
  }

  std::map<std::string, std::vector<hub::Delivery>> deliveries;
  std::vector<std::pair<std::string, hub::Owner>> bound;
  std::vector<std::string> lost;
  std::vector<hub::ClientId> over_limit;
  std::vector<hub::Order> commands;
  std::vector<std::string> events;
  hub::OrderAnswer answer;
};

// The rules and limits that a harness makes its brokers with.
inline hub::ChannelRulesOptions broker_contract_rules() {
  using hub::Audience;
  using std::chrono_literals::operator""min;
  return {.namespaces = {{.name = "live", .subscribe = Audience::anyone},
                         {.name = "kept",
                          .subscribe = Audience::anyone,
                          .history_size = 5,
                          .history_ttl = 1min,
                          .recovery = true},
                         {.name = "room",
                          .subscribe = Audience::anyone,
                          .presence = true,
                          .join_leave = true},
                         {.name = "hall", .subscribe = Audience::anyone, .presence = true},
                         {.name = "door", .subscribe = Audience::anyone, .join_leave = true},
                         {.name = "task", .subscribe = Audience::owner},
                         {.name = "job",
                          .subscribe = Audience::owner,
                          .history_size = 5,
                          .history_ttl = 1min,
                          .recovery = true}},
          .unconfigured = std::nullopt};
}
inline constexpr std::size_t kContractSessionMax = 2;
inline constexpr std::size_t kContractUserMax = 3;
inline constexpr std::size_t kContractOrdersKept = 5;

// One engine with its shards, for the suite to drive.
class BrokerHarness {
 public:
  virtual ~BrokerHarness() = default;

  virtual std::size_t shards() const = 0;
  // The suite uses it at once, before it asks for another.
  virtual hub::Broker& broker(std::size_t shard) = 0;
  virtual RecordingSink& sink(std::size_t shard) = 0;

  // Runs until all handlers have been called and all that is delivered has arrived.
  virtual void settle() = 0;
  // Runs a little, so that calls in between meet each other in some order.
  virtual void step() = 0;

  // Lets time pass, as far as the engine can tell.
  virtual void advance(Duration by) = 0;
  // The smallest step of time that the engine tells apart.
  virtual Duration resolution() const = 0;
};

struct BrokerCase {
  std::string name;
  std::function<std::unique_ptr<BrokerHarness>(std::uint64_t seed)> make;
};

class BrokerContract : public testing::TestWithParam<BrokerCase> {
 protected:
  using Position = hub::Position;
  using Error = hub::Error;

  void SetUp() override { start(1); }
  void start(std::uint64_t seed) {
    harness = nullptr;
    harness = GetParam().make(seed);
  }

  std::size_t last_shard() const { return harness->shards() - 1; }
  hub::Broker& broker(std::size_t shard = 0) { return harness->broker(shard % harness->shards()); }
  RecordingSink& sink(std::size_t shard = 0) { return harness->sink(shard % harness->shards()); }

  // A handler that must be called exactly once; `settle` and look.
  template <class T>
  struct Waiting {
    std::shared_ptr<std::optional<Result<T, Error>>> answer =
        std::make_shared<std::optional<Result<T, Error>>>();
    hub::Handler<T> handler() {
      return [answer = answer](Result<T, Error> told) {
        EXPECT_FALSE(answer->has_value()) << "the handler was called twice";
        *answer = std::move(told);
      };
    }
    Result<T, Error> get() const { return answer->value(); }  // throws if it was not called
  };

  template <class T, class Ask>
  Result<T, Error> ask(Ask&& call) {
    Waiting<T> waiting;
    call(waiting.handler());
    harness->settle();
    return waiting.get();
  }

  Result<Position, Error> publish(hub::PublishRequest request, std::size_t shard = 0) {
    return ask<Position>(
        [&](auto done) { broker(shard).publish(std::move(request), std::move(done)); });
  }
  Result<Position, Error> publish(const std::string& channel, const std::string& data,
                                  std::size_t shard = 0) {
    return publish(hub::PublishRequest{.channel = channel, .data = data}, shard);
  }
  Result<void, Error> subscribe(const std::string& channel, std::size_t shard) {
    return ask<void>([&](auto done) { broker(shard).subscribe(channel, std::move(done)); });
  }
  void subscribe_everywhere(const std::string& channel) {
    for (std::size_t shard = 0; shard < harness->shards(); ++shard) {
      EXPECT_TRUE(subscribe(channel, shard));
    }
  }
  Result<hub::HistoryPage, Error> history(const std::string& channel, hub::HistoryQuery query = {},
                                          std::size_t shard = 0) {
    return ask<hub::HistoryPage>(
        [&](auto done) { broker(shard).history(channel, std::move(query), std::move(done)); });
  }
  Result<void, Error> enter(const std::string& channel, hub::ClientInfo who,
                            std::size_t shard = 0) {
    return ask<void>(
        [&](auto done) { broker(shard).add_presence(channel, std::move(who), std::move(done)); });
  }
  void leave(const std::string& channel, hub::ClientInfo who, std::size_t shard = 0) {
    broker(shard).remove_presence(channel, std::move(who));
    harness->settle();
  }
  Result<std::vector<hub::ClientInfo>, Error> presence(const std::string& channel,
                                                       std::size_t shard = 0) {
    return ask<std::vector<hub::ClientInfo>>(
        [&](auto done) { broker(shard).presence(channel, std::move(done)); });
  }
  Result<hub::PresenceStats, Error> presence_stats(const std::string& channel,
                                                   std::size_t shard = 0) {
    return ask<hub::PresenceStats>(
        [&](auto done) { broker(shard).presence_stats(channel, std::move(done)); });
  }
  Result<void, Error> bind(const std::string& channel, hub::Owner owner,
                           Duration ttl = std::chrono::hours(1), std::size_t shard = 0) {
    return ask<void>(
        [&](auto done) { broker(shard).bind(channel, std::move(owner), ttl, std::move(done)); });
  }
  Result<std::optional<hub::Owner>, Error> owner(const std::string& channel,
                                                 std::size_t shard = 0) {
    return ask<std::optional<hub::Owner>>(
        [&](auto done) { broker(shard).owner(channel, std::move(done)); });
  }

  // What has been delivered on `channel` to a shard since the last call.
  std::vector<std::uint64_t> take_offsets(const std::string& channel, std::size_t shard) {
    std::vector<std::uint64_t> offsets;
    for (const auto& delivery : std::exchange(sink(shard).deliveries[channel], {})) {
      offsets.push_back(delivery.offset);
    }
    return offsets;
  }
  std::vector<std::string> take_texts(const std::string& channel, std::size_t shard) {
    std::vector<std::string> texts;
    for (const auto& delivery : std::exchange(sink(shard).deliveries[channel], {})) {
      texts.push_back(payload_of(delivery.frame));
    }
    return texts;
  }

  std::unique_ptr<BrokerHarness> harness;
};

}  // namespace usher::test
