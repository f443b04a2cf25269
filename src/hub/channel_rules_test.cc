#include "hub/channel_rules.h"

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

using namespace std::chrono_literals;

class ChannelRulesTest : public testing::Test {
 protected:
  Identity guest(const std::vector<std::string>& channel_patterns = none) const {
    return {.session = "s1",
            .user = "",
            .jti = "",
            .conn_info = "",
            .channel_patterns = channel_patterns};
  }
  Identity ada(const std::vector<std::string>& channel_patterns = none) const {
    return {.session = "s1",
            .user = "ada",
            .jti = "",
            .conn_info = "",
            .channel_patterns = channel_patterns};
  }

  static inline const std::vector<std::string> none;
  ChannelRules rules{
      {.namespaces = {{.name = "open", .subscribe = Audience::anyone, .publish = Audience::users},
                      {.name = "members", .subscribe = Audience::users},
                      {.name = "orders", .publish = Audience::granted},
                      {.name = "jobs", .subscribe = Audience::owner},
                      {.name = "closed", .subscribe = Audience::nobody},
                      {.name = "asked", .subscribe = Audience::hook},
                      {.name = "shown", .subscribe = Audience::token},
                      {.name = "user", .history_size = 5, .history_ttl = 1s}}}};
};

TEST_F(ChannelRulesTest, AnyoneUsersGrantedOwnerNobody) {
  EXPECT_EQ(rules.may_subscribe(guest(), "open:1"), Verdict::allowed);
  EXPECT_EQ(rules.may_subscribe(guest(), "members:1"), Verdict::denied);
  EXPECT_EQ(rules.may_subscribe(ada(), "members:1"), Verdict::allowed);
  EXPECT_EQ(rules.may_subscribe(ada(), "orders:42"), Verdict::token_decides);
  EXPECT_EQ(error_of(Verdict::token_decides), Error::permission_denied);
  EXPECT_EQ(rules.may_subscribe(ada({"orders:42"}), "orders:42"), Verdict::allowed);
  EXPECT_EQ(rules.may_subscribe(ada(), "jobs:1"), Verdict::owner_decides);
  EXPECT_EQ(rules.may_subscribe(ada({"*"}), "closed:1"), Verdict::denied);
}

TEST_F(ChannelRulesTest, NoPatternOpensWhatAHookOrASubscriptionTokenDecides) {
  EXPECT_EQ(rules.may_subscribe(ada({"asked:1", "*"}), "asked:1"), Verdict::hook_decides);
  EXPECT_EQ(rules.may_subscribe(ada({"shown:1", "*"}), "shown:1"), Verdict::token_decides);
  EXPECT_EQ(rules.may_subscribe(guest(), "asked:"), Verdict::malformed);
  EXPECT_EQ(error_of(Verdict::hook_decides), std::nullopt);
}

TEST_F(ChannelRulesTest, OnlookersAreSubscribersOrWhoeverTheNamespaceNames) {
  using enum Onlookers;
  const std::vector<std::string> names{"closed:*"};
  EXPECT_TRUE(rules.may_look(guest(), "open:1", subscribers, true));
  EXPECT_FALSE(rules.may_look(guest(), "open:1", subscribers, false));
  EXPECT_TRUE(rules.may_look(guest(), "closed:1", anyone, false));
  EXPECT_FALSE(rules.may_look(guest(), "closed:1", users, true));
  EXPECT_TRUE(rules.may_look(ada(), "closed:1", users, false));
  EXPECT_FALSE(rules.may_look(ada(), "closed:1", granted, false));
  EXPECT_TRUE(rules.may_look(guest(names), "closed:1", granted, false));
  EXPECT_FALSE(rules.may_look(ada(names), "closed:1", nobody, true));
}

TEST_F(ChannelRulesTest, ChannelsOfOneOwnerAreNeverShownToMoreThanTheirSubscribers) {
  using enum Onlookers;
  for (const Onlookers allowed : {subscribers, anyone, users, granted}) {
    for (const std::string_view channel : {"jobs:1", "user:ada"}) {
      EXPECT_TRUE(rules.may_look(ada(), channel, allowed, true));
      EXPECT_FALSE(rules.may_look(ada({"jobs:1"}), channel, allowed, false));
    }
  }
  EXPECT_FALSE(rules.may_look(ada(), "user:ada", nobody, true));
}

TEST_F(ChannelRulesTest, AGrantDoesNotOverruleTheOwner) {
  EXPECT_EQ(rules.may_subscribe(ada({"jobs:1", "*"}), "jobs:1"), Verdict::owner_decides);
}

TEST_F(ChannelRulesTest, PublishingIsClosedUnlessOpened) {
  EXPECT_EQ(rules.may_publish(ada({"*"}), "members:1"), Verdict::denied);
  EXPECT_EQ(rules.may_publish(guest(), "open:1"), Verdict::denied);
  EXPECT_EQ(rules.may_publish(ada(), "open:1"), Verdict::allowed);
  EXPECT_EQ(rules.may_publish(guest({"orders:*"}), "orders:42"), Verdict::allowed);
  EXPECT_EQ(rules.may_publish(ada(), "orders:42"), Verdict::denied);
  EXPECT_EQ(rules.may_publish(ada(), "user:ada"), Verdict::denied);
  EXPECT_EQ(rules.may_publish(ada(), "session:s1"), Verdict::denied);
}

TEST_F(ChannelRulesTest, PersonalChannelsAreOpenToTheirOwnerAndToNoGrant) {
  EXPECT_EQ(rules.may_subscribe(ada(), "session:s1"), Verdict::allowed);
  EXPECT_EQ(rules.may_subscribe(ada(), "user:ada"), Verdict::allowed);
  for (const auto* channel :
       {"session:s2", "session:s1x", "session:", "user:bob", "user:", "user:ADA"}) {
    EXPECT_NE(rules.may_subscribe(ada({"*", "session:*", "user:*", "user:bob", "session:s2",
                                       "session:s1x", "s*", "u*"}),
                                  channel),
              Verdict::allowed)
        << channel;
  }
  EXPECT_NE(rules.may_subscribe(guest({"user:*"}), "user:"), Verdict::allowed);
  EXPECT_FALSE(patterns_match(std::vector<std::string>{"*", "user:ada"}, "user:ada"));
}

TEST_F(ChannelRulesTest, GrantsMatchExactlyOrByAPrefixWithAStarAtItsEnd) {
  const auto match = [](const char* grant, const char* channel) {
    return patterns_match(std::vector<std::string>{grant}, channel);
  };
  EXPECT_TRUE(match("orders:42", "orders:42"));
  EXPECT_FALSE(match("orders:42", "orders:421"));
  EXPECT_FALSE(match("orders:42", "orders:4"));
  EXPECT_TRUE(match("orders:*", "orders:42"));
  EXPECT_TRUE(match("orders:4*", "orders:4"));
  EXPECT_FALSE(match("orders:*", "order:42"));
  EXPECT_TRUE(match("*", "orders:42"));
  EXPECT_FALSE(match("*:42", "orders:42"));
  EXPECT_FALSE(match("orders:**", "orders:42"));
  EXPECT_FALSE(match("", "orders:42"));
}

TEST_F(ChannelRulesTest, WhatIsNotConfiguredIsForThoseWithAGrantUnlessItIsRefused) {
  EXPECT_EQ(rules.may_subscribe(ada(), "nosuch:1"), Verdict::token_decides);
  EXPECT_EQ(rules.may_subscribe(ada(), "nosuch"), Verdict::token_decides);
  EXPECT_EQ(rules.may_subscribe(ada({"nosuch:1"}), "nosuch:1"), Verdict::allowed);
  EXPECT_EQ(rules.may_publish(ada({"nosuch:1"}), "nosuch:1"), Verdict::denied);

  const ChannelRules strict{{.namespaces = {{.name = "open"}}, .unconfigured = std::nullopt}};
  EXPECT_EQ(strict.may_subscribe(ada({"nosuch:1"}), "nosuch:1"), Verdict::unknown);
  EXPECT_EQ(strict.options("nosuch:1"), nullptr);
  EXPECT_EQ(strict.may_subscribe(ada(), "user:ada"), Verdict::allowed);
  EXPECT_NE(strict.options("user:ada"), nullptr);
}

TEST_F(ChannelRulesTest, WhatIsNotConfiguredMayBeOpen) {
  const ChannelRules open{{.unconfigured = NamespaceOptions{.subscribe = Audience::anyone}}};
  EXPECT_EQ(open.may_subscribe(guest(), "any:1"), Verdict::allowed);
  EXPECT_EQ(open.may_publish(guest(), "any:1"), Verdict::denied);
  EXPECT_EQ(open.may_subscribe(guest(), "user:ada"), Verdict::denied);
}

TEST_F(ChannelRulesTest, ChannelsWithoutANamespaceHaveTheNamelessOnesOptions) {
  const ChannelRules some{{.namespaces = {{.name = "", .subscribe = Audience::anyone}}}};
  EXPECT_EQ(some.may_subscribe(guest(), "lobby"), Verdict::allowed);
  EXPECT_EQ(some.may_subscribe(guest(), "lobby:1"), Verdict::token_decides);
}

TEST_F(ChannelRulesTest, NamesHaveAnAlphabetAndALength) {
  for (const auto* good : {"a", "a:b", "a:b:c", "a::", "news:2024/05-x_y.z#1$&@!~",
                           "session:auth0|1 2", "user:Zo\xc3\xab"}) {
    EXPECT_TRUE(rules.well_formed(good)) << good;
  }
  for (const auto* bad : {"", ":", ":a", "a:", "a b", "a:\"", "a:\\", "a:*", "a:\n", "a:\x7f",
                          "a:\xc3\xab", "session:", "user:", "user:a\n", "user:\x01"}) {
    EXPECT_FALSE(rules.well_formed(bad)) << bad;
    EXPECT_EQ(rules.options(bad), nullptr) << bad;
    EXPECT_NE(rules.may_subscribe(ada({"*"}), bad), Verdict::allowed) << bad;
    EXPECT_NE(rules.may_publish(ada({"*"}), bad), Verdict::allowed) << bad;
  }
  EXPECT_TRUE(rules.well_formed(std::string(255, 'x')));
  EXPECT_FALSE(rules.well_formed(std::string(256, 'x')));
  EXPECT_EQ(rules.may_subscribe(ada({"*"}), std::string(256, 'x')), Verdict::malformed);
  EXPECT_TRUE(rules.well_formed(user_channel(std::string(1024 - 5, 'x'))));
  EXPECT_FALSE(rules.well_formed(user_channel(std::string(1024 - 4, 'x'))));
}

TEST_F(ChannelRulesTest, PersonalNamespacesMayHaveHistory) {
  EXPECT_TRUE(rules.options("user:ada")->has_history());
  EXPECT_TRUE(rules.options("session:s1")->is_plain());
}

TEST_F(ChannelRulesTest, HistoryNeedsBothSizeAndTtl) {
  EXPECT_FALSE((NamespaceOptions{.history_size = 5}).has_history());
  EXPECT_FALSE((NamespaceOptions{.history_ttl = 1s}).has_history());
  EXPECT_FALSE((NamespaceOptions{.presence = true}).is_plain());
  EXPECT_FALSE((NamespaceOptions{.join_leave = true}).is_plain());
}

TEST(HistoryPartsTest, HistoriesShareWhatNoNamespaceHasBeenGiven) {
  const std::chrono::minutes ttl(1);
  const ChannelRules rules{
      {.namespaces = {{.name = "a", .history_size = 1, .history_ttl = ttl, .history_bytes = 400},
                      {.name = "b", .history_size = 1, .history_ttl = ttl},
                      {.name = "c", .history_size = 1, .history_ttl = ttl},
                      {.name = "d"}},
       .unconfigured = std::nullopt,
       .history_bytes_max = 1000}};
  EXPECT_EQ(rules.options("a:1")->history_bytes, 400u);
  EXPECT_EQ(rules.options("b:1")->history_bytes, 300u);
  EXPECT_EQ(rules.options("c:1")->history_bytes, 300u);
  EXPECT_EQ(rules.options("d:1")->history_bytes, 0u);
}

}  // namespace
}  // namespace usher::hub
