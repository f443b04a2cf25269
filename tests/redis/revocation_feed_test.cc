#include "redis/revocations/revocation_feed.h"

#include <gtest/gtest.h>

#include <set>

#include "redis/link/pub_sub_link.h"
#include "support/manual_wall_clock.h"
#include "support/redis_loop.h"

namespace usher::redis {
namespace {

using std::chrono_literals::operator""s;
using test::RedisServer;

// One gateway, with its writer and its feed.
struct Node final : PubSubListener {
  Node(test::RedisLoop& loop, const RedisServer& server, const WallClock& clock,
       RevocationOptions options)
      : link({.command_timeout = 5s}, test::destination(server.url()), loop.dependencies()),
        pub_sub({}, test::destination(server.url()), loop.dependencies(), *this),
        writer(link, options),
        feed(
            link, pub_sub, clock, options,
            [this](const Revocation& r) { heard.insert(message_of(r)); }, [this] { ++loads; }) {
    link.start();
    pub_sub.start();
  }
  void on_message(std::string_view channel, std::string_view payload) override {
    EXPECT_TRUE(feed.on_message(channel, payload));
  }
  void on_link_lost() override { feed.on_link_lost(); }
  void on_link_ready() override { feed.on_link_ready(); }

  std::set<std::string> heard;
  int loads = 0;
  Link link;
  PubSubLink pub_sub;
  RevocationWriter writer;
  RevocationFeed feed;
};

class RevocationFeedTest : public testing::Test {
 protected:
  void SetUp() override { server.emplace(); }
  std::unique_ptr<Node> node(RevocationOptions options = {}) {
    auto made = std::make_unique<Node>(loop, *server, clock, options);
    settle(*made);
    return made;
  }
  void settle(Node& node) {
    ASSERT_TRUE(loop.run_until([&] {
      node.feed.tick();
      return node.feed.is_loaded() && node.pub_sub.is_ready();
    }));
  }
  Revocation revocation(const std::string& name, std::chrono::seconds ttl = 60s) const {
    const WallTime now = clock.now();
    return {Revocation::By::session, name, WallTime(now + ttl).time_since_epoch().count(),
            unix_seconds(now)};
  }
  RevocationTold write(Node& node, const Revocation& revocation) {
    std::optional<RevocationTold> told;
    node.writer.write(revocation, clock.now(), [&](RevocationTold t) { told = t; });
    EXPECT_TRUE(loop.run_until([&] { return told.has_value(); }));
    return told.value();
  }
  bool hears(Node& node, const Revocation& revocation) {
    return loop.run_until([&] {
      node.feed.tick();
      return node.heard.contains(message_of(revocation));
    });
  }

  test::RedisLoop loop;
  test::ManualWallClock clock;
  std::optional<RedisServer> server;
};

TEST_F(RevocationFeedTest, WhatOneRevokesTheOtherHearsAtOnceAndAThirdWhenItStarts) {
  const auto first = node();
  const auto second = node();
  const Revocation one = revocation("one");
  EXPECT_EQ(write(*first, one), RevocationTold::yes);
  EXPECT_TRUE(hears(*second, one));
  const auto third = node();
  EXPECT_TRUE(third->heard.contains(message_of(one))) << "before it calls itself loaded";
}

TEST_F(RevocationFeedTest, ThousandsAreLoadedPageByPage) {
  const auto first = node();
  int told = 0;
  for (int i = 0; i < 3000; ++i) {
    first->writer.write(revocation("name " + std::to_string(i)), clock.now(),
                        [&](RevocationTold) { ++told; });
  }
  ASSERT_TRUE(loop.run_until([&] { return told == 3000; }));
  EXPECT_EQ(node()->heard.size(), 3000u);
}

TEST_F(RevocationFeedTest, WhatWasMissedIsLoadedWhenTheLinkIsBack) {
  const auto first = node();
  const auto second = node();
  server->call({"CLIENT", "KILL", "TYPE", "pubsub"});
  ASSERT_TRUE(loop.run_until([&] { return !second->pub_sub.is_ready(); }));
  const Revocation missed = revocation("missed");
  server->call({"HSET", "usher:revocations", field_of(missed), value_of(missed)});
  EXPECT_TRUE(hears(*second, missed));
  EXPECT_TRUE(loop.run_until([&] { return second->loads == 2; }));
}

TEST_F(RevocationFeedTest, ALaterOneNeverShortensAnEarlierOne) {
  const auto first = node();
  const Revocation longer = revocation("one", 100s);
  Revocation shorter = revocation("one", 10s);
  shorter.revoked_at_s += 5;
  write(*first, longer);
  write(*first, shorter);
  Revocation both = longer;
  both.revoked_at_s = shorter.revoked_at_s;
  EXPECT_TRUE(node()->heard.contains(message_of(both)));
}

TEST_F(RevocationFeedTest, WhatHasRunOutIsNotAppliedAndMakesRoom) {
  const auto first = node({.entries_max = 2});
  EXPECT_EQ(write(*first, revocation("a", 10s)), RevocationTold::yes);
  EXPECT_EQ(write(*first, revocation("b", 10s)), RevocationTold::yes);
  EXPECT_EQ(write(*first, revocation("c", 10s)), RevocationTold::full);
  EXPECT_EQ(write(*first, revocation("a", 20s)), RevocationTold::yes) << "it is there already";
  clock.advance(15s);
  const auto second = node();
  EXPECT_EQ(second->heard.size(), 1u);
  while (server->call({"HLEN", "usher:revocations"}).integer == 2) {
    write(*first, revocation("a", 20s));  // each call looks at a few others
  }
  EXPECT_EQ(write(*first, revocation("c", 10s)), RevocationTold::yes);
}

TEST_F(RevocationFeedTest, WithoutRedisItIsNotSaidToBeTold) {
  const auto first = node();
  server->kill();
  ASSERT_TRUE(loop.run_until([&] { return !first->link.is_up(); }));
  EXPECT_EQ(write(*first, revocation("one")), RevocationTold::unknown);
}

TEST_F(RevocationFeedTest, AHashOfTheWrongTypeIsNeverLoaded) {
  server->call({"SET", "usher:revocations", "x"});
  Node broken(loop, *server, clock, {});
  ASSERT_TRUE(loop.run_until([&] { return broken.pub_sub.is_ready() && broken.link.is_up(); }));
  loop.call(broken.link, {"PING"});
  broken.feed.tick();
  loop.call(broken.link, {"PING"});
  EXPECT_FALSE(broken.feed.is_loaded());
  server->call({"DEL", "usher:revocations"});
  settle(broken);
}

}  // namespace
}  // namespace usher::redis
