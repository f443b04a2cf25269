#include "redis/broker/redis_presence.h"

#include <gtest/gtest.h>

#include "redis/broker/broker_fixture.h"
#include "redis/broker/message.h"

namespace usher::redis {
namespace {

using namespace std::chrono_literals;
using hub::Error;
using Texts = std::vector<std::string>;

const hub::ClientInfo kAda{.client = "c1", .user = "ada"};

class RedisPresenceTest : public testing::Test, public BrokerFixture {
 protected:
  std::optional<Error> add(const std::string& channel, std::optional<Reply> reply) {
    Outcome<void> outcome;
    presence.add(channel, kAda, outcome.handler());
    if (reply) {
      commands.answer(*reply);
    } else if (!commands.calls.empty()) {
      commands.fail();
    }
    EXPECT_FALSE(outcome.is_open());
    return outcome.error();
  }
  std::size_t refreshed() {
    clock.advance(options.presence_refresh);
    presence.tick();
    return std::exchange(commands.calls, {}).size();
  }

  RedisPresence presence{node, commands};
};

TEST_F(RedisPresenceTest, AClientIsAddedAndRefreshedUntilItIsRemoved) {
  EXPECT_EQ(add("room:1", Reply::of(2)), std::nullopt);
  clock.advance(options.presence_refresh - 1ns);
  presence.tick();
  EXPECT_TRUE(commands.calls.empty());
  clock.advance(1ns);
  presence.tick();
  const auto refresh = commands.take();
  EXPECT_EQ(refresh.script, &scripts.refresh_presence);
  EXPECT_EQ(refresh.words, (Texts{names.messages("room:1"), "50000", "c1", encode_info(kAda)}));

  presence.remove("room:1", kAda);
  EXPECT_EQ(commands.take().script, &scripts.remove_presence);
  EXPECT_EQ(refreshed(), 0u);
}

TEST_F(RedisPresenceTest, JoiningAndLeavingAreToldOnlyWhereTheNamespaceSaysSo) {
  presence.add("room:1", kAda, [](Result<void, Error>) {});
  EXPECT_EQ(commands.take().words.front(), names.messages("room:1"));
  presence.add("hall:1", kAda, [](Result<void, Error>) {});
  EXPECT_EQ(commands.take().words.front(), "");
}

TEST_F(RedisPresenceTest, AClientThatIsOneTooManyIsNotRefreshed) {
  EXPECT_EQ(add("room:1", Reply::of(0)), Error::limit_exceeded);
  EXPECT_EQ(refreshed(), 0u);
}

TEST_F(RedisPresenceTest, AClientThatRedisMayNotHaveIsNotRefreshed) {
  EXPECT_EQ(add("room:1", std::nullopt), Error::internal);
  EXPECT_EQ(add("room:1", Reply::error("OOM no memory")), Error::internal);
  EXPECT_EQ(refreshed(), 0u);
}

TEST_F(RedisPresenceTest, AClientThatWasThereBeforeStaysWhenItsReplacementFails) {
  EXPECT_EQ(add("room:1", Reply::of(2)), std::nullopt);
  EXPECT_EQ(add("room:1", std::nullopt), Error::internal);
  EXPECT_EQ(refreshed(), 1u);
}

TEST_F(RedisPresenceTest, WithoutPresenceJoiningIsToldAndNothingIsKept) {
  presence.add("door:1", kAda, [](Result<void, Error>) {});
  EXPECT_EQ(commands.take().words,
            (Texts{"PUBLISH", names.messages("door:1"), "J" + encode_info(kAda)}));
  presence.remove("door:1", kAda);
  EXPECT_EQ(commands.take().words,
            (Texts{"PUBLISH", names.messages("door:1"), "L" + encode_info(kAda)}));
  EXPECT_EQ(refreshed(), 0u);
}

TEST_F(RedisPresenceTest, WhereNothingIsToldRedisIsNotAsked) {
  EXPECT_EQ(add("live:1", std::nullopt), std::nullopt);
  presence.remove("live:1", kAda);
  EXPECT_EQ(add("unknown:1", std::nullopt), Error::unknown_channel);
  presence.remove("unknown:1", kAda);
  EXPECT_TRUE(commands.calls.empty());
}

TEST_F(RedisPresenceTest, AScriptCallRefreshesAtMost256Clients) {
  for (int i = 0; i < 257; ++i) {
    presence.add("room:1", {.client = "c" + std::to_string(i)}, [](Result<void, Error>) {});
    commands.answer(Reply::of(2));
  }
  clock.advance(options.presence_refresh);
  presence.tick();
  ASSERT_EQ(commands.calls.size(), 2u);
  EXPECT_EQ(commands.take().words.size(), 2u + 2 * 256);
  EXPECT_EQ(commands.take().words.size(), 2u + 2);
}

TEST_F(RedisPresenceTest, StatsCountDistinctUsers) {
  Outcome<hub::PresenceStats> outcome;
  presence.stats("room:1", outcome.handler());
  std::vector<Reply> infos;
  for (const char* const client : {"c1", "c2"}) {
    infos.push_back(Reply::of(encode_info({.client = client, .user = "ada"})));
  }
  infos.push_back(Reply::of(encode_info({.client = "c3", .user = "bob"})));
  commands.answer(Reply::of(std::move(infos)));
  EXPECT_EQ(outcome.value(), (hub::PresenceStats{.clients = 3, .users = 2}));
}

TEST_F(RedisPresenceTest, AListNeedsPresenceAndALine) {
  const auto list = [this](const char* channel) {
    Outcome<std::vector<hub::ClientInfo>> outcome;
    presence.list(channel, outcome.handler());
    return outcome.error();
  };
  EXPECT_EQ(list("unknown:1"), Error::unknown_channel);
  EXPECT_EQ(list("door:1"), Error::not_available);
  ready = false;
  EXPECT_EQ(list("room:1"), Error::internal);
  EXPECT_TRUE(commands.calls.empty());
}

}  // namespace
}  // namespace usher::redis
