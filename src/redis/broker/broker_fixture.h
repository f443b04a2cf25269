// For tests of the broker's parts: a node "n1" of two shards, its rules, and a link whose commands
// wait for the test's answers.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "redis/broker/broker_dependencies.h"
#include "support/manual_clock.h"
#include "support/manual_commands.h"
#include "support/manual_shards.h"
#include "support/seeded_entropy.h"

namespace usher::redis {

inline hub::ChannelRules broker_rules() {
  using hub::Audience;
  return hub::ChannelRules(
      {.namespaces =
           {{.name = "live", .subscribe = Audience::anyone},
            {.name = "room", .subscribe = Audience::anyone, .presence = true, .join_leave = true},
            {.name = "hall", .subscribe = Audience::anyone, .presence = true},
            {.name = "door", .subscribe = Audience::anyone, .join_leave = true}},
       .unconfigured = std::nullopt});
}

struct BrokerFixture {
  using Texts = std::vector<std::string>;

  RedisBrokerOptions options{.node = "n1", .channels_listed_max = 2, .orders_max = 2};
  RedisBrokerLimits limits{options.connections_per_session_max, options.connections_per_user_max,
                           options.presence_per_channel_max};
  const Names names{"usher:"};
  const BrokerScripts scripts;
  const hub::ChannelRules rules = broker_rules();
  test::ManualClock clock;
  test::SeededEntropy entropy;
  test::ManualShards mail{2};
  bool ready = true;
  const RedisBrokerDependencies node{
      options, limits, names, scripts, rules, clock, entropy, mail, [this] { return ready; }};
  test::ManualCommands commands;
};

// A handler that keeps its argument.
template <class T>
struct Outcome {
  std::optional<Result<T, hub::Error>> got;

  hub::Handler<T> handler() {
    return [this](Result<T, hub::Error> answer) {
      EXPECT_FALSE(got) << "called twice";
      got = std::move(answer);
    };
  }
  bool is_open() const { return !got; }
  std::optional<hub::Error> error() const {
    return got && !*got ? std::optional(got->error()) : std::nullopt;
  }
  // Requires: the handler was given a value.
  const auto& value() const {
    USHER_CHECK(got && got->has_value());
    return **got;
  }
};

}  // namespace usher::redis
