#include "redis/link/pub_sub_link.h"

#include <gtest/gtest.h>

#include "support/print_result.h"
#include "support/redis_loop.h"

namespace usher::redis {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using test::RedisServer;

struct Listener final : PubSubListener {
  void on_message(std::string_view channel, std::string_view payload) override {
    events.push_back(std::string(channel) + "=" + std::string(payload));
  }
  void on_link_lost() override { events.push_back("lost"); }
  void on_link_ready() override { events.push_back("ready"); }
  std::vector<std::string> events;
};

class PubSubLinkTest : public testing::Test {
 protected:
  void SetUp() override { server.emplace(); }
  PubSubLink& up(PubSubOptions options = {}) {
    link_.emplace(options, test::destination(server->url()), loop.dependencies(), listener);
    link_->start();
    EXPECT_TRUE(loop.run_until([&] { return link_->is_ready(); }));
    return *link_;
  }
  Result<void, LinkError> subscribe(std::string_view channel) {
    std::optional<Result<void, LinkError>> answer;
    link_->subscribe(channel, [&](auto told) { answer = told; });
    EXPECT_FALSE(answer) << "inline";
    EXPECT_TRUE(loop.run_until([&] { return answer.has_value(); }));
    return answer.value();
  }
  void publish(const std::string& channel, const std::string& payload) {
    server->call({"PUBLISH", channel, payload});
  }
  bool wait_for(const std::string& event) {
    return loop.run_until(
        [&] { return !listener.events.empty() && listener.events.back() == event; });
  }
  std::vector<std::string> subscribed() {
    std::vector<std::string> names;
    for (const Reply& name : server->call({"PUBSUB", "CHANNELS"}).items) names.push_back(name.text);
    std::ranges::sort(names);
    return names;
  }

  test::RedisLoop loop;
  Listener listener;
  std::optional<RedisServer> server;
  std::optional<PubSubLink> link_;
};

TEST_F(PubSubLinkTest, MessagesOfSubscribedChannelsReachTheListener) {
  up();
  EXPECT_TRUE(subscribe("a"));
  publish("b", "no");
  publish("a", "1");
  ASSERT_TRUE(wait_for("a=1"));
  EXPECT_EQ(listener.events, (std::vector<std::string>{"ready", "a=1"}));
}

TEST_F(PubSubLinkTest, WhileItIsHeldUpNothingMoreIsReadAndNothingIsLost) {
  bool held_up = false;
  Dependencies dependencies = loop.dependencies();
  dependencies.held_up = [&] { return held_up; };
  link_.emplace(PubSubOptions{}, test::destination(server->url()), dependencies, listener);
  link_->start();
  ASSERT_TRUE(loop.run_until([&] { return link_->is_ready(); }));
  EXPECT_TRUE(subscribe("a"));
  held_up = true;
  publish("a", "1");
  ASSERT_TRUE(wait_for("a=1")) << "that read was under way";
  publish("a", "2");
  publish("a", "3");
  int turns = 0;
  ASSERT_TRUE(loop.run_until([&] { return ++turns == 20; }));
  EXPECT_EQ(listener.events.back(), "a=1");
  held_up = false;
  ASSERT_TRUE(wait_for("a=3"));
  EXPECT_EQ(listener.events, (std::vector<std::string>{"ready", "a=1", "a=2", "a=3"}));
}

TEST_F(PubSubLinkTest, ChannelsOfOneTurnLeaveInOneCommand) {
  PubSubLink& link = up({.channels_per_command = 60});
  int confirmed = 0;
  for (int i = 0; i < 100; ++i) {
    link.subscribe("c" + std::to_string(i), [&](auto told) { confirmed += told ? 1 : 0; });
  }
  ASSERT_TRUE(loop.run_until([&] { return confirmed == 100; }));
  const std::string info = server->call({"INFO", "commandstats"}).text;
  EXPECT_NE(info.find("cmdstat_subscribe:calls=2,"), std::string::npos) << info;
}

TEST_F(PubSubLinkTest, TheLastWordAboutAChannelCounts) {
  PubSubLink& link = up();
  int told = 0;
  link.subscribe("a", [&](auto) { ++told; });
  link.unsubscribe("a");
  link.subscribe("a", [&](auto) { ++told; });
  link.subscribe("b", [&](auto) { ++told; });
  link.unsubscribe("b");
  EXPECT_TRUE(subscribe("c"));
  EXPECT_EQ(told, 3);
  EXPECT_TRUE(loop.run_until([&] { return subscribed() == std::vector<std::string>{"a", "c"}; }));
}

TEST_F(PubSubLinkTest, EverythingIsSubscribedAgainBeforeTheListenerIsToldThatItIs) {
  PubSubLink& link = up({.channels_per_command = 2});
  for (const char* name : {"a", "b", "c", "d"}) EXPECT_TRUE(subscribe(name));
  link.unsubscribe("d");
  server->kill();
  ASSERT_TRUE(wait_for("lost"));
  EXPECT_FALSE(link.is_ready());
  EXPECT_EQ(subscribe("e").error(), LinkError::not_sent);
  link.unsubscribe("c");
  server->start();
  EXPECT_LT(loop.time_until([&] { return link.is_ready(); }), 1s);
  EXPECT_EQ(subscribed(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(listener.events, (std::vector<std::string>{"ready", "lost", "ready"}));
}

TEST_F(PubSubLinkTest, AnUnconfirmedChannelIsNotKept) {
  PubSubLink& link = up();
  server->pause();
  std::optional<LinkError> error;
  link.subscribe("a", [&](auto told) { error = told.error(); });
  loop.io.poll();
  loop.io.restart();
  server->kill();
  ASSERT_TRUE(loop.run_until([&] { return error.has_value(); }));
  EXPECT_EQ(error, LinkError::no_answer);
  server->start();
  ASSERT_TRUE(loop.run_until([&] { return link.is_ready(); }));
  EXPECT_EQ(subscribed(), std::vector<std::string>{});
}

TEST_F(PubSubLinkTest, ASilentPeerIsFoundAndATalkingOneIsLeftAlone) {
  PubSubLink& link = up({.ping_interval = 50ms, .answer_timeout = 200ms});
  const TimePoint calm_until = loop.clock.now() + 400ms;  // PONG without any channel
  loop.run_until([&] { return loop.clock.now() > calm_until; });
  EXPECT_TRUE(subscribe("a"));
  const TimePoint later = loop.clock.now() + 400ms;  // and with one
  loop.run_until([&] { return loop.clock.now() > later; });
  EXPECT_EQ(listener.events, std::vector<std::string>{"ready"});
  server->pause();
  EXPECT_LT(loop.time_until([&] { return !link.is_ready(); }), 500ms);
  server->resume();
  ASSERT_TRUE(wait_for("ready"));
  publish("a", "2");
  EXPECT_TRUE(wait_for("a=2"));
}

TEST_F(PubSubLinkTest, ASubscriptionThatIsNotConfirmedEndsTheLinkSoon) {
  PubSubLink& link = up({.ping_interval = 60s, .answer_timeout = 200ms});
  server->pause();
  std::optional<LinkError> error;
  link.subscribe("a", [&](auto told) { error = told.error(); });
  const Duration took = loop.time_until([&] { return error.has_value(); });
  EXPECT_EQ(error, LinkError::no_answer);
  EXPECT_GE(took, 200ms);
  EXPECT_LT(took, 500ms);
  server->resume();
}

TEST_F(PubSubLinkTest, AChannelThatRedisForbidsIsRefusedAlone) {
  server->call({"ACL", "SETUSER", "gate", "on", ">pw", "~*", "+@all", "resetchannels", "&ok*"});
  link_.emplace(PubSubOptions{}, test::destination("unix://gate:pw@" + server->socket_path()),
                loop.dependencies(), listener);
  link_->start();
  ASSERT_TRUE(loop.run_until([&] { return link_->is_ready(); }));
  EXPECT_EQ(subscribe("no").error(), LinkError::not_sent);
  EXPECT_TRUE(subscribe("ok1"));
}

}  // namespace
}  // namespace usher::redis
