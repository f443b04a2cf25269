// Publishing, and presence and history for clients that are on the channel.
#include "hub/requests.h"

#include "hub/parts_fixture.h"
#include "hub/subscribing_fixture.h"

namespace usher::hub {
namespace {

class RequestsTest : public SubscribingTest {};

INSTANTIATE_TEST_SUITE_P(Shards, RequestsTest, testing::Values(1, 3));

TEST_P(RequestsTest, PresenceListsTheClientsAndTellsTheOthers) {
  TestSubscriber one("s1", "ada"), two("s2");
  cluster.join(one, 0, {{"room:1"}});
  one.take();  // its own coming
  const std::size_t shard = GetParam() - 1;
  cluster.join(two, shard);
  ASSERT_TRUE(cluster.subscribe(two, "room:1", shard));
  EXPECT_EQ(one.take(), Told{R"({"push":{"channel":"room:1","join":{"info":{"user":"","client":")" +
                             two.client().text() + R"("}}}})"});

  std::vector<ClientInfo> present;
  PresenceStats stats;
  cluster.hub().presence(one, "room:1", [&](auto told) { present = *told; });
  cluster.hub().presence_stats(one, "room:1", [&](auto told) { stats = *told; });
  cluster.mail.run_all();
  EXPECT_EQ(present.size(), 2u);
  EXPECT_EQ(stats, (PresenceStats{2, 2}));

  const std::string gone = two.client().text();
  two.leave();
  cluster.mail.run_all();
  EXPECT_EQ(one.take(),
            Told{R"({"push":{"channel":"room:1","leave":{"info":{"user":"","client":")" + gone +
                 R"("}}}})"});
  cluster.hub().presence_stats(one, "room:1", [&](auto told) { stats = *told; });
  cluster.mail.run_all();
  EXPECT_EQ(stats, (PresenceStats{1, 1}));
}

TEST_P(RequestsTest, PresenceAndHistoryAreForSubscribers) {
  TestSubscriber one("s1");
  cluster.join(one, 0, {{"plain:1"}});
  std::optional<Error> refused;
  cluster.hub().presence(one, "room:1", [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::permission_denied);
  cluster.hub().history(one, "news:1", {}, [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::permission_denied);
  cluster.hub().presence(one, "plain:1", [&](auto told) { refused = told.error(); });
  cluster.mail.run_all();
  EXPECT_EQ(refused, Error::not_available);
  refused.reset();
  cluster.hub().history(one, "plain:1", {}, [&](auto told) { refused = told.error(); });
  cluster.mail.run_all();
  EXPECT_EQ(refused, Error::not_available);
  cluster.hub().presence_stats(one, "session:s1", [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::not_available);
  // As in Centrifugo, not_available comes before a question of rights.
  refused.reset();
  cluster.hub().presence_stats(one, "session:s2", [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::not_available);
  cluster.hub().history(one, "room:1", {}, [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::not_available) << "presence alone, and not subscribed";
  cluster.hub().presence(one, "news:1", [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::not_available) << "history alone, and not subscribed";
  cluster.hub().history(one, "user:", {}, [&](auto told) { refused = told.error(); });
  EXPECT_EQ(refused, Error::bad_request);
}

TEST_P(RequestsTest, HistoryForAClientTakesPartsAndRefusesAnotherEpoch) {
  TestSubscriber one("s1");
  cluster.join(one, 0, {{"news:1"}});
  publish(4);
  std::optional<Result<HistoryPage, Error>> page;
  const auto keep = [&](Result<HistoryPage, Error> told) { page = std::move(told); };
  cluster.hub().history(one, "news:1", {.limit = 2, .since = Position{1, epoch}}, keep);
  cluster.mail.run_all();
  EXPECT_EQ(offsets_of((*page)->publications), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ((*page)->position, (Position{4, epoch}));
  cluster.hub().history(one, "news:1", {.limit = 2, .since = Position{1, "x"}}, keep);
  cluster.mail.run_all();
  EXPECT_EQ(page->error(), Error::unrecoverable_position);
}

TEST_P(RequestsTest, HistoryForAClientIsBoundedInBytes) {
  TestSubscriber one("s1");
  cluster.join(one, 0, {{"news:1"}});
  const std::string big = '"' + std::string(130, 'x') + '"';  // two of them fit recovery_bytes_max
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(cluster.publish("news:1", big));
  std::optional<HistoryPage> page;
  const auto keep = [&](Result<HistoryPage, Error> told) { page = std::move(*told); };
  cluster.hub().history(one, "news:1", {}, keep);
  cluster.mail.run_all();
  EXPECT_EQ(offsets_of(page->publications), (std::vector<std::uint64_t>{1, 2}));
  EXPECT_TRUE(page->more);
  cluster.hub().history(one, "news:1", {.limit = 2}, keep);
  cluster.mail.run_all();
  EXPECT_EQ(page->publications.size(), 2u);
  ASSERT_TRUE(cluster.publish("news:1", '"' + std::string(1000, 'x') + '"'));
  cluster.hub().history(one, "news:1", {.limit = 1, .reverse = true}, keep);
  cluster.mail.run_all();
  EXPECT_EQ(page->publications.size(), 1u);
}

class RequestsAloneTest : public PartsTest {
 protected:
  void SetUp() override { join(one); }
  std::optional<Error> publish(std::string_view channel) {
    std::optional<Error> refused;
    requests.publish(one, channel, "1", [&](Result<Position, Error> answer) {
      if (!answer) refused = answer.error();
    });
    return refused;
  }
  std::optional<Error> may_publish(std::string_view channel) {
    std::optional<Error> refused;
    requests.may_publish(one, channel, [&](Result<void, Error> answer) {
      if (!answer) refused = answer.error();
    });
    return refused;
  }

  TestSubscriber one{"s1", "ada"};
};

TEST_F(RequestsAloneTest, ARefusedPublicationNeverReachesTheBroker) {
  EXPECT_EQ(publish("open:1"), Error::permission_denied);
  EXPECT_EQ(publish("bad name"), Error::bad_request);
  EXPECT_EQ(broker.take(), Calls{});
}

TEST_F(RequestsAloneTest, TheRateOfANamespaceIsSharedByItsChannelsAndFillsUpEvenly) {
  EXPECT_EQ(publish("rated:1"), std::nullopt);
  EXPECT_EQ(may_publish("rated:2"), std::nullopt) << "asking counts too";
  EXPECT_EQ(publish("rated:1"), Error::too_many_requests);
  EXPECT_EQ(may_publish("rated:1"), Error::too_many_requests);
  clock.advance(std::chrono::milliseconds(999));
  EXPECT_EQ(publish("rated:1"), Error::too_many_requests);
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_EQ(publish("rated:1"), std::nullopt);
  EXPECT_EQ(publish("rated:1"), Error::too_many_requests);
  clock.advance(std::chrono::hours(1));
  EXPECT_EQ(publish("rated:1"), std::nullopt);
  EXPECT_EQ(publish("rated:1"), std::nullopt);
  EXPECT_EQ(publish("rated:1"), Error::too_many_requests) << "no more than `count` are saved up";
}

TEST_F(RequestsAloneTest, APublicationThatIsCountedAlreadyIsNotCountedAgain) {
  EXPECT_EQ(may_publish("rated:1"), std::nullopt);
  EXPECT_EQ(may_publish("rated:1"), std::nullopt);
  std::optional<Result<Position, Error>> answer;
  requests.publish_counted(one, "rated:1", "1", [&](auto told) { answer = std::move(told); });
  ASSERT_TRUE(answer);
  EXPECT_TRUE(*answer);
  ASSERT_EQ(broker.published.size(), 1u);
  EXPECT_EQ(broker.published[0].publisher, "user:ada");
  EXPECT_EQ(broker.published[0].info->client, one.client().text());
}

TEST_F(RequestsAloneTest, OnlyTheOwnerPublishesWhereTheOwnerDecides) {
  EXPECT_EQ(publish("job:1"), Error::permission_denied) << "it has no owner";
  broker.bound_to = Owner{.session = "", .user = "bob"};
  EXPECT_EQ(publish("job:1"), Error::permission_denied);
  EXPECT_EQ(broker.published.size(), 0u);
  broker.bound_to = Owner{.session = "", .user = "ada"};
  EXPECT_EQ(publish("job:1"), std::nullopt);
  EXPECT_EQ(broker.published.size(), 1u);
}

}  // namespace
}  // namespace usher::hub
