// Channels that the backend binds to one session or user.
#include <memory>

#include <gtest/gtest.h>

#include "hub/hub.h"
#include "support/hub_cluster.h"
#include "support/print_result.h"

namespace usher::hub {
namespace {

using namespace std::chrono_literals;
using test::HubCluster;
using test::TestSubscriber;
using Told = std::vector<std::string>;

ChannelRulesOptions rules() {
  return {.namespaces = {{.name = "job",
                          .subscribe = Audience::owner,
                          .publish = Audience::owner,
                          .history_size = 5,
                          .history_ttl = 1h,
                          .recovery = true},
                         {.name = "brief", .subscribe = Audience::owner},
                         {.name = "open", .subscribe = Audience::anyone}}};
}

const std::string kEndedByAnother =
    R"({"push":{"channel":"job:1","unsubscribe":{"code":2100,"reason":"bound to another"}}})";
const std::string kEndedByTime =
    R"({"push":{"channel":"job:1","unsubscribe":{"code":2101,"reason":"not bound in time"}}})";

class OwnerLookupTest : public testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override { cluster.join(ada, near); }

  std::size_t near = 0;
  std::size_t far = GetParam() - 1;
  HubCluster cluster{rules(), GetParam(), 1, {.pending_max = 2}};
  TestSubscriber ada{"s1", "ada"};
};

INSTANTIATE_TEST_SUITE_P(Shards, OwnerLookupTest, testing::Values(1, 3));

TEST_P(OwnerLookupTest, SubscribedBeforeItIsBoundItGetsHistoryAndLiveAfterIt) {
  const auto outcome = cluster.subscribe(ada, "job:1", near);
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->pending);
  const auto first = cluster.publish("job:1", R"("early")");
  EXPECT_EQ(ada.take(), Told{});
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}));
  EXPECT_EQ(ada.take(),
            Told{R"({"push":{"channel":"job:1","subscribe":{"recoverable":true,"epoch":")" +
                 first->epoch + R"(","positioned":true}}})" + '\n' +
                 R"({"push":{"channel":"job:1","pub":{"data":"early","offset":1}}})"});
  ASSERT_TRUE(cluster.publish("job:1", "2", far));
  EXPECT_EQ(ada.take(), Told{R"({"push":{"channel":"job:1","pub":{"data":2,"offset":2}}})"});
}

TEST_P(OwnerLookupTest, BoundBeforeItSubscribesItGetsAllThatIsKept) {
  EXPECT_TRUE(cluster.bind("job:1", {.session = "", .user = "ada"}, 1h, far));
  ASSERT_TRUE(cluster.publish("job:1", "1"));
  ASSERT_TRUE(cluster.publish("job:1", "2"));
  const auto outcome = cluster.subscribe(ada, "job:1", near);
  EXPECT_FALSE(outcome->pending);
  EXPECT_EQ(outcome->publications.size(), 2u);
  EXPECT_EQ(outcome->position.offset, 2u);
}

TEST_P(OwnerLookupTest, BoundToAnotherEndsAPendingOne) {
  TestSubscriber bob("s2", "bob");
  cluster.join(bob, far);
  EXPECT_TRUE(cluster.subscribe(ada, "job:1", near)->pending);
  EXPECT_TRUE(cluster.subscribe(bob, "job:1", far)->pending);
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s2", .user = ""}));
  EXPECT_EQ(ada.take(), Told{kEndedByAnother});
  bob.take();
  ASSERT_TRUE(cluster.publish("job:1", "1"));
  EXPECT_EQ(ada.take(), Told{});
  EXPECT_EQ(bob.take().size(), 1u);
  EXPECT_EQ(cluster.subscribe(ada, "job:1", near).error(), Error::permission_denied);
}

TEST_P(OwnerLookupTest, NeverBoundEndsAfterNinetySeconds) {
  EXPECT_TRUE(cluster.subscribe(ada, "job:1", near)->pending);
  cluster.clock.advance(90s - 1ns);
  cluster.tick();
  EXPECT_EQ(ada.take(), Told{});
  cluster.clock.advance(1ns);
  cluster.tick();
  EXPECT_EQ(ada.take(), Told{kEndedByTime});
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}));
  ASSERT_TRUE(cluster.publish("job:1", "1"));
  EXPECT_EQ(ada.take(), Told{});
  EXPECT_TRUE(cluster.subscribe(ada, "job:1", near));
}

TEST_P(OwnerLookupTest, AnotherBindingTakesTheChannelAway) {
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}));
  EXPECT_TRUE(cluster.subscribe(ada, "job:1", near));
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s2", .user = ""}, 1h, far));
  EXPECT_EQ(ada.take(), Told{kEndedByAnother});
  ASSERT_TRUE(cluster.publish("job:1", "1"));
  EXPECT_EQ(ada.take(), Told{});
}

TEST_P(OwnerLookupTest, BindingAgainToTheSameOneChangesNothing) {
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}));
  EXPECT_TRUE(cluster.subscribe(ada, "job:1", near));
  EXPECT_TRUE(cluster.bind("job:1", {.session = "", .user = "ada"}, 1h, far));
  EXPECT_EQ(ada.take(), Told{});
  ASSERT_TRUE(cluster.publish("job:1", "1"));
  EXPECT_EQ(ada.take().size(), 1u);
}

TEST_P(OwnerLookupTest, AfterTheTtlItHasNoOwnerForNewcomers) {
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}, 10s));
  cluster.clock.advance(10s - 1ns);
  EXPECT_FALSE(cluster.subscribe(ada, "job:1", near)->pending);
  ASSERT_TRUE(cluster.hub(near).unsubscribe(ada, "job:1"));
  cluster.clock.advance(1ns);
  EXPECT_TRUE(cluster.subscribe(ada, "job:1", near)->pending);
}

TEST_P(OwnerLookupTest, NoGrantOpensAnOwnerChannel) {
  TestSubscriber bob("s2", "bob", {"*", "job:1"});
  const Joined joined = cluster.join(bob, far);
  EXPECT_TRUE(joined.back().outcome->pending);
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}));
  bob.take();
  ASSERT_TRUE(cluster.publish("job:1", "1"));
  EXPECT_EQ(bob.take(), Told{});
  EXPECT_EQ(cluster.subscribe(bob, "job:1", far).error(), Error::permission_denied);
  EXPECT_EQ(cluster.order(SubscribeOrder{{.user = "bob"}, "job:1", {}}).connections, 1u);
  ASSERT_TRUE(cluster.publish("job:1", "2"));
  EXPECT_EQ(bob.take(), Told{}) << "nor does the server API";
}

TEST_P(OwnerLookupTest, WhatTheServerSubscribedIsToldWhenItIsBound) {
  cluster.order(SubscribeOrder{{.session = "s1"}, "brief:1", {}});
  EXPECT_EQ(ada.take(), Told{});
  EXPECT_TRUE(cluster.bind("brief:1", {.session = "s1", .user = ""}));
  EXPECT_EQ(ada.take(), Told{R"({"push":{"channel":"brief:1","subscribe":{}}})"});
}

TEST_P(OwnerLookupTest, PendingOnesAreBounded) {
  for (const auto* channel : {"job:1", "job:2"}) {
    EXPECT_TRUE(cluster.subscribe(ada, channel, near)->pending);
  }
  EXPECT_EQ(cluster.subscribe(ada, "job:3", near).error(), Error::limit_exceeded);
  ASSERT_TRUE(cluster.hub(near).unsubscribe(ada, "job:1"));
  EXPECT_TRUE(cluster.subscribe(ada, "job:3", near)->pending);
  EXPECT_EQ(cluster.subscribe(ada, "job:1", near).error(), Error::limit_exceeded);
  cluster.clock.advance(90s);
  cluster.tick();
  EXPECT_TRUE(cluster.subscribe(ada, "job:1", near)->pending);
}

TEST(OwnerLookupShareTest, ASessionWaitsForAsManyChannelsAsItsShareAndNoMore) {
  HubCluster cluster(rules(), 1, 1, {.pending_max = 100, .pending_per_session_max = 3});
  TestSubscriber one("s1"), other_of_it("s1"), another("s2");
  for (TestSubscriber* each : {&one, &other_of_it, &another}) cluster.join(*each);
  EXPECT_TRUE(cluster.subscribe(one, "job:1")->pending);
  EXPECT_TRUE(cluster.subscribe(one, "job:2")->pending);
  EXPECT_TRUE(cluster.subscribe(other_of_it, "job:3")->pending);
  EXPECT_EQ(cluster.subscribe(one, "job:4").error(), Error::limit_exceeded);
  EXPECT_EQ(cluster.subscribe(other_of_it, "job:4").error(), Error::limit_exceeded);
  EXPECT_TRUE(cluster.subscribe(another, "job:4")->pending);
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}));
  EXPECT_TRUE(cluster.subscribe(one, "job:4")->pending) << "a bound one waits no more";
  other_of_it.leave();
  other_of_it.leave = nullptr;
  EXPECT_TRUE(cluster.subscribe(one, "job:5")->pending) << "nor do those of a client that has left";
}

TEST(OwnerLookupShareTest, AFullTableTakesFromTheSessionThatHoldsMost) {
  HubCluster cluster(rules(), 1, 1, {.pending_max = 6, .pending_per_session_max = 4});
  TestSubscriber greedy("s1"), modest("s2"), late("s3");
  for (TestSubscriber* each : {&greedy, &modest, &late}) cluster.join(*each);
  for (int i = 1; i <= 4; ++i) {
    EXPECT_TRUE(cluster.subscribe(greedy, "job:g" + std::to_string(i))->pending);
  }
  for (int i = 1; i <= 2; ++i) {
    EXPECT_TRUE(cluster.subscribe(modest, "job:m" + std::to_string(i))->pending);
  }
  EXPECT_TRUE(cluster.subscribe(late, "job:l1")->pending);
  EXPECT_EQ(greedy.take(), Told{R"({"push":{"channel":"job:g4","unsubscribe":{"code":2103,)"
                                R"("reason":"too many pending"}}})"});
  EXPECT_TRUE(cluster.subscribe(late, "job:l2")->pending);
  EXPECT_EQ(greedy.take().size(), 1u);
  EXPECT_EQ(modest.take(), Told{});
  // Two each: no session has to give one up for a third one.
  for (TestSubscriber* each : {&greedy, &modest, &late}) {
    EXPECT_EQ(cluster.subscribe(*each, "job:x").error(), Error::limit_exceeded);
    EXPECT_EQ(each->take(), Told{});
  }
  EXPECT_TRUE(cluster.bind("job:l1", {.session = "s3", .user = ""}));
  EXPECT_EQ(late.take().size(), 1u);
}

TEST(OwnerLookupShareTest, ManyGuestsThatFillTheirSharesKeepNoOtherOut) {
  HubCluster cluster(rules(), 1, 1, {.pending_max = 1000, .pending_per_session_max = 128});
  std::vector<std::unique_ptr<TestSubscriber>> guests;
  for (int guest = 0; guest < 12; ++guest) {
    guests.push_back(std::make_unique<TestSubscriber>("g" + std::to_string(guest)));
    std::vector<SubscribeWish> wishes;
    for (int i = 0; i < 128; ++i) {
      wishes.push_back({"job:" + std::to_string(guest) + "." + std::to_string(i)});
    }
    cluster.join(*guests.back(), 0, wishes);
  }
  for (int i = 0; i < 20; ++i) {
    TestSubscriber good("good" + std::to_string(i));
    cluster.join(good);
    EXPECT_TRUE(cluster.subscribe(good, "job:mine")->pending) << i;
  }
}

TEST_P(OwnerLookupTest, AGuestWhoLogsInGetsWhatIsBoundToTheUser) {
  TestSubscriber guest("s3");
  cluster.join(guest, far);
  EXPECT_TRUE(cluster.subscribe(guest, "job:1", far)->pending);
  guest.take();
  cluster.clock.advance(1s);
  // Bound before the login, to a user that the guest is not yet: that ends it.
  EXPECT_TRUE(cluster.subscribe(guest, "job:2", far)->pending);
  cluster.hub(far).change_identity(guest, [&] { guest.user = "eve"; });
  cluster.mail.run_all();
  guest.take();
  EXPECT_TRUE(cluster.bind("job:1", {.session = "", .user = "eve"}));
  EXPECT_EQ(guest.take().size(), 1u);
  ASSERT_TRUE(cluster.publish("job:1", "1"));
  EXPECT_EQ(guest.take().size(), 1u);
}

TEST_P(OwnerLookupTest, OnlyTheOwnerPublishes) {
  TestSubscriber bob("s2", "bob");
  cluster.join(bob, far);
  std::optional<Result<Position, Error>> answer;
  const auto publish = [&](TestSubscriber& who, std::size_t shard) {
    cluster.hub(shard).publish(who, "job:1", "1", [&](auto told) { answer = std::move(told); });
    cluster.mail.run_all();
    return answer->has_value();
  };
  EXPECT_FALSE(publish(ada, near)) << "not bound yet";
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}));
  EXPECT_TRUE(publish(ada, near));
  EXPECT_FALSE(publish(bob, far));
  EXPECT_EQ(answer->error(), Error::permission_denied);
}

TEST_P(OwnerLookupTest, WithoutHistoryItIsLiveFromTheBindingOn) {
  EXPECT_TRUE(cluster.subscribe(ada, "brief:1", near)->pending);
  ASSERT_TRUE(cluster.publish("brief:1", "1"));
  EXPECT_TRUE(cluster.bind("brief:1", {.session = "s1", .user = ""}, 1h, far));
  ASSERT_TRUE(cluster.publish("brief:1", "2"));
  EXPECT_EQ(ada.take(), (Told{R"({"push":{"channel":"brief:1","subscribe":{}}})",
                              R"({"push":{"channel":"brief:1","pub":{"data":2}}})"}));
}

TEST_P(OwnerLookupTest, AWishWithAPositionGetsOnlyWhatFollowed) {
  EXPECT_TRUE(cluster.bind("job:1", {.session = "s1", .user = ""}));
  ASSERT_TRUE(cluster.publish("job:1", "1"));
  const Position seen = *cluster.publish("job:1", "2");
  ASSERT_TRUE(cluster.publish("job:1", "3"));
  const auto outcome = cluster.subscribe(ada, "job:1", near, seen);
  EXPECT_TRUE(outcome->recovered);
  ASSERT_EQ(outcome->publications.size(), 1u);
  EXPECT_EQ(outcome->publications[0]->data, "3");
}

TEST_P(OwnerLookupTest, OnlyOwnerNamespacesAreBound) {
  EXPECT_EQ(cluster.bind("open:1", {.session = "s1", .user = ""}).error(), Error::not_available);
  EXPECT_EQ(cluster.bind("session:s2", {.session = "s1", .user = ""}).error(),
            Error::not_available);
  EXPECT_EQ(cluster.bind("job:\n", {.session = "s1", .user = ""}).error(), Error::unknown_channel);
}

// A binding meets a connection whose answer has not been told yet: it is told the outcome, not
// `pending`.
TEST(OwnerLookupRaceTest, WhateverTheOrderTheOwnerGetsEverythingAndOthersNothing) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    HubCluster cluster(rules(), 3, seed);
    std::mt19937_64 random(seed);
    TestSubscriber owner("s1"), other("s2");
    owner.leave = [&] { cluster.hub(0).leave(owner); };
    other.leave = [&] { cluster.hub(2).leave(other); };
    const std::string channel = "job:" + std::to_string(seed);
    std::optional<Joined> joined;
    const auto step = [&] {
      for (auto n = random() % 4; n > 0; --n) cluster.mail.run_one();
    };
    std::vector<int> order{0, 1, 2, 3};
    std::shuffle(order.begin(), order.end(), random);
    for (const int what : order) {
      switch (what) {
        case 0:
          cluster.hub(0).join(owner, {{channel}, {"open:1"}},
                              [&](Joined told) { joined = std::move(told); });
          break;
        case 1:
          cluster.hub(2).join(other, {{channel}}, [](auto) {});
          break;
        case 2:
          cluster.broker(1).bind(channel, {.session = "s1", .user = ""}, 1h,
                                 [](auto told) { EXPECT_TRUE(told); });
          break;
        case 3:
          cluster.broker(1).publish({.channel = channel, .data = R"("secret")"},
                                    [](auto told) { EXPECT_TRUE(told); });
          break;
      }
      step();
    }
    cluster.mail.run_all();
    ASSERT_TRUE(cluster.publish(channel, R"("secret")"));

    std::string told;
    for (const auto& text : owner.take()) told += text;
    std::size_t seen = (*joined)[1].outcome->publications.size();
    for (auto at = told.find("secret"); at != std::string::npos; at = told.find("secret", at + 1))
      ++seen;
    EXPECT_EQ(seen, 2u) << told;
    for (const auto& text : other.take()) EXPECT_EQ(text.find("secret"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace usher::hub
