#include "hub/grant_table.h"

#include <limits>

#include "hub/parts_fixture.h"

namespace usher::hub {
namespace {

using By = SubscriptionGrant::By;

class GrantTableTest : public PartsTest {
 protected:
  std::int64_t in(std::int64_t seconds) { return unix_seconds(wall_clock.now()) + seconds; }
  std::unique_ptr<HeldGrants> held() {
    return std::make_unique<HeldGrants>(grant_table, one, channel);
  }
  TimePoint after(std::int64_t seconds) { return clock.now() + std::chrono::seconds(seconds); }

  test::TestSubscriber one{"s1"};
  LocalChannel channel;
};

TEST_F(GrantTableTest, OnlyTheEndOfATokenIsTold) {
  const auto token = grant_table.answer_of({.by = By::token, .data = "[1]", .expire_at = in(60)});
  ASSERT_TRUE(token);
  EXPECT_EQ(token->data, "[1]");
  EXPECT_TRUE(token->expires);
  EXPECT_EQ(token->ttl_s, 60u);
  for (const By by : {By::hook, By::backend}) {
    const auto answer = grant_table.answer_of({.by = by, .data = "[1]", .expire_at = in(60)});
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->expires);
    EXPECT_EQ(answer->ttl_s, 0u);
  }
  EXPECT_FALSE(grant_table.answer_of({.by = By::token})->expires);
}

TEST_F(GrantTableTest, AGrantWhoseEndIsReachedIsRefused) {
  for (const std::int64_t end :
       {in(0), in(-1), std::int64_t{0}, std::numeric_limits<std::int64_t>::min()}) {
    const auto answer = grant_table.answer_of({.by = By::hook, .expire_at = end});
    ASSERT_FALSE(answer) << end;
    EXPECT_EQ(answer.error(), Error::expired);
  }
  EXPECT_TRUE(grant_table.answer_of({.by = By::hook, .expire_at = in(1)}));
}

TEST_F(GrantTableTest, AnEndOutOfReachIsTheLastInReach) {
  const auto answer = grant_table.answer_of(
      {.by = By::token, .expire_at = std::numeric_limits<std::int64_t>::max()});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->ttl_s, 2147483647u);
}

TEST_F(GrantTableTest, TheEarliestEndComesFirstWithItsGrace) {
  const auto late = held();
  const auto early = held();
  const auto lasting = held();
  late->add({.by = By::token, .expire_at = in(60)});
  early->add({.by = By::hook, .expire_at = in(10)});
  lasting->add({.by = By::hook});
  EXPECT_EQ(grant_table.ending(), 2u);
  EXPECT_EQ(grant_table.first_due(after(15) - std::chrono::milliseconds(1)), nullptr);
  EXPECT_EQ(grant_table.first_due(after(15)), early.get());
  early->add({.by = By::hook, .expire_at = in(100)});
  EXPECT_EQ(grant_table.first_due(after(15)), nullptr);
  EXPECT_EQ(grant_table.first_due(after(65)), late.get());
}

TEST_F(GrantTableTest, AnEntryLeavesTheTableWithItsSubscription) {
  auto entry = held();
  entry->add({.by = By::token, .expire_at = in(10)});
  entry.reset();
  EXPECT_EQ(grant_table.ending(), 0u);
  EXPECT_EQ(grant_table.first_due(after(3600)), nullptr);
}

TEST_F(GrantTableTest, AnInfoGoesWithItsGrant) {
  const auto grants = held();
  grants->add({.by = By::backend, .info = "\"of the backend\""});
  grants->add({.by = By::token, .info = "\"of the user\"", .expire_at = in(10)});
  EXPECT_EQ(grants->info(), "\"of the user\"");
  ASSERT_EQ(grants->all().size(), 2u);
  EXPECT_EQ(grants->all()[0].info, "\"of the backend\"");
  EXPECT_EQ(grants->all()[1].info, "\"of the user\"") << "the newest is the last";
  grants->drop_client();
  EXPECT_EQ(grants->info(), "\"of the backend\"");
  EXPECT_EQ(grants->all()[0].info, "\"of the backend\"");
  grants->add({.by = By::token});
  EXPECT_EQ(grants->info(), "") << "the newest grant has none";
}

TEST_F(GrantTableTest, TheClientsAndTheBackendsGrantEndOnTheirOwn) {
  const auto entry = held();
  entry->add({.by = By::token, .info = "1", .expire_at = in(10), .publish = true});
  entry->add({.by = By::backend, .info = "2", .expire_at = in(20)});
  EXPECT_EQ(entry->info(), "2");
  EXPECT_TRUE(entry->granted().token);
  EXPECT_EQ(entry->all().size(), 2u);

  const auto first = entry->take_ended(after(15));
  EXPECT_TRUE(first.client);
  EXPECT_FALSE(first.backend);
  EXPECT_FALSE(entry->granted().token);
  EXPECT_FALSE(entry->may_publish()) << "the right went with the grant that gave it";
  EXPECT_EQ(grant_table.first_due(after(25)), entry.get());
  EXPECT_TRUE(entry->take_ended(after(25)).backend);
  EXPECT_EQ(grant_table.ending(), 0u);
}

}  // namespace
}  // namespace usher::hub
