// What happens to tickets when Redis fails. The contract of all stores is in tests/contract.
#include "redis/tickets/ticket_store.h"

#include <gtest/gtest.h>

#include "support/redis_loop.h"
#include "ticket/mint.h"

namespace usher::redis {
namespace {

using std::chrono_literals::operator""s;
using test::RedisServer;
using ticket::Redeemed;
using ticket::TicketHash;
using Outcome = ticket::RedeemOutcome;

const TicketHash kOne = ticket::hash("one");
const TicketHash kOther = ticket::hash("other");
const std::string kKey = "usher:ticket:" + to_hex(kOne.bytes);
const std::string kGrantKey = "usher:grant:" + to_hex(kOne.bytes);
const std::string kClaimsKey = "usher:claims:" + to_hex(kOne.bytes);

class RedisTicketStoreTest : public testing::Test {
 protected:
  void start(std::vector<std::string> options = {}) {
    server.emplace(std::move(options));
    link.emplace(LinkOptions{}, test::destination(server->url()), loop.dependencies());
    store.emplace(*link, loop.entropy);
    link->start();
    ASSERT_TRUE(loop.run_until([&] { return link->is_up(); }));
  }
  void restart() {
    server->kill();
    ASSERT_TRUE(loop.run_until([&] { return !link->is_up(); }));
    server->start();
    ASSERT_TRUE(loop.run_until([&] { return link->is_up(); }));
  }
  Result<void, ticket::PutError> put(const TicketHash& hash, std::string claims = {}) {
    std::optional<Result<void, ticket::PutError>> stored;
    store->put(hash, {.session = "s", .claims = std::move(claims)}, 30s,
               [&](auto result) { stored = result; });
    EXPECT_TRUE(loop.run_until([&] { return stored.has_value(); }));
    return stored.value();
  }
  Redeemed redeemed(const TicketHash& hash) {
    std::optional<Redeemed> result;
    store->redeem(hash, [&](Redeemed answer) { result = std::move(answer); });
    EXPECT_TRUE(loop.run_until([&] { return result.has_value(); }));
    return result.value();
  }
  Outcome redeem(const TicketHash& hash) { return redeemed(hash).outcome; }
  Reply say(const std::vector<std::string>& words) {
    Reply reply = server->call(words);
    EXPECT_FALSE(reply.is_error()) << reply.text;
    return reply;
  }
  void grow_old() { say({"DEL", "usher:tickets:young"}); }

  test::RedisLoop loop;
  std::optional<RedisServer> server;
  std::optional<Link> link;
  std::optional<RedisTicketStore> store;
};

TEST_F(RedisTicketStoreTest, OneCommandToIssueAndOneToRedeem) {
  start();
  redeem(kOther);  // the connection's first commands are over
  const auto commands = [&] {
    const std::string info = say({"INFO", "commandstats"}).text;
    int calls = 0;
    for (const std::string name : {"eval", "evalsha"}) {
      const auto at = info.find("cmdstat_" + name + ":calls=");
      if (at != std::string::npos) calls += std::stoi(info.substr(at + name.size() + 15));
    }
    return calls;
  };
  const int before = commands();
  EXPECT_TRUE(put(kOne));
  EXPECT_EQ(commands() - before, 1);
  EXPECT_EQ(redeem(kOne), Outcome::ok);
  EXPECT_EQ(commands() - before, 2);
}

TEST_F(RedisTicketStoreTest, RedisNeverSeesATicketAndKeepsNoKeyForLongerThanItsTime) {
  start();
  ASSERT_TRUE(put(kOne));
  const std::int64_t left = say({"PTTL", kKey}).integer;
  EXPECT_GT(left, 80'000);
  EXPECT_LE(left, 90'000);
  EXPECT_EQ(redeem(kOne), Outcome::ok);
  EXPECT_LE(say({"PTTL", kKey}).integer, left);
  EXPECT_EQ(say({"GET", kKey}).text.find("1:s"), std::string::npos) << "the grant is gone";
}

TEST_F(RedisTicketStoreTest, ClaimsAreGoneWithTheGrant) {
  start();
  ASSERT_TRUE(put(kOne, R"({"org":7})"));
  EXPECT_GT(say({"PTTL", kClaimsKey}).integer, 20'000);
  EXPECT_LE(say({"PTTL", kClaimsKey}).integer, 30'000);
  EXPECT_EQ(redeemed(kOne).grant.claims, R"({"org":7})");
  EXPECT_EQ(say({"EXISTS", kGrantKey, kClaimsKey}).integer, 0);
  ASSERT_TRUE(put(kOther));
  EXPECT_EQ(say({"KEYS", "usher:claims:*"}).items.size(), 0u) << "no key for no claims";
}

// While gateways are upgraded one after the other. A gateway of the version before knows no claims:
// what it issues is redeemed here, and the record that it would read here is one of its own.
TEST_F(RedisTicketStoreTest, TicketsOfGatewaysThatKnowNoClaimsAreGoodAndOursAreForThem) {
  start();
  ASSERT_TRUE(put(kOne, R"({"org":7})"));
  EXPECT_EQ(say({"GET", kGrantKey}).text, "11:s0:0:0:1:01:01:01:0");
  say({"DEL", kClaimsKey});
  const Redeemed without = redeemed(kOne);
  EXPECT_EQ(without.outcome, Outcome::ok);
  EXPECT_EQ(without.grant, (ticket::Grant{.session = "s"}));
}

TEST_F(RedisTicketStoreTest, ASnapshotFromBeforeTheRedeemBringsNothingBack) {
  start();
  ASSERT_TRUE(put(kOne) && put(kOther));
  grow_old();
  say({"SAVE"});
  ASSERT_EQ(redeem(kOne), Outcome::ok);
  restart();
  ASSERT_EQ(say({"EXISTS", kKey}).integer, 1) << "the live record is there again";
  EXPECT_EQ(redeem(kOne), Outcome::expired);
  EXPECT_EQ(redeem(kOther), Outcome::expired);
  EXPECT_EQ(redeem(ticket::hash("never issued")), Outcome::expired);
  grow_old();
  EXPECT_EQ(redeem(kOne), Outcome::expired);
  EXPECT_EQ(redeem(ticket::hash("never issued")), Outcome::unknown);
  const TicketHash fresh = ticket::hash("fresh");
  EXPECT_TRUE(put(fresh));
  EXPECT_EQ(redeem(fresh), Outcome::ok);
}

TEST_F(RedisTicketStoreTest, AnAppendOnlyFileKeepsTombstonesButNoLiveTicket) {
  start({"--appendonly", "yes", "--appendfsync", "always"});
  ASSERT_TRUE(put(kOne) && put(kOther));
  ASSERT_EQ(redeem(kOne), Outcome::ok);
  restart();
  EXPECT_EQ(redeem(kOne), Outcome::consumed);
  EXPECT_EQ(redeem(kOther), Outcome::expired);
}

TEST_F(RedisTicketStoreTest, AfterFlushallTicketsAreExpiredNotUnknown) {
  start();
  ASSERT_TRUE(put(kOne));
  grow_old();
  say({"FLUSHALL"});
  EXPECT_EQ(redeem(kOne), Outcome::expired);
  EXPECT_TRUE(put(kOther));
  EXPECT_EQ(redeem(kOther), Outcome::ok);
}

TEST_F(RedisTicketStoreTest, APromotionInBetweenEndsWhatWasLive) {
  start();
  ASSERT_TRUE(put(kOne));
  server->call({"REPLICAOF", "127.0.0.1", "1"});
  EXPECT_EQ(put(kOther).error(), ticket::PutError::unavailable);
  server->call({"REPLICAOF", "NO", "ONE"});
  ASSERT_TRUE(loop.run_until([&] { return link->is_up(); }));
  EXPECT_EQ(redeem(kOne), Outcome::expired);
}

TEST_F(RedisTicketStoreTest, AReconnectAloneLosesNothing) {
  start();
  ASSERT_TRUE(put(kOne));
  say({"CLIENT", "KILL", "TYPE", "normal"});
  ASSERT_TRUE(loop.run_until([&] { return !link->is_up(); }));
  EXPECT_EQ(redeem(kOne), Outcome::unavailable);
  ASSERT_TRUE(loop.run_until([&] { return link->is_up(); }));
  EXPECT_EQ(redeem(kOne), Outcome::ok);
}

TEST_F(RedisTicketStoreTest, WithoutRoomNewTicketsAreOverloadedAndOldOnesWait) {
  start();
  ASSERT_TRUE(put(kOne));
  say({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(put(kOther).error(), ticket::PutError::overloaded);
  EXPECT_EQ(redeem(kOne), Outcome::unavailable);
  say({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(redeem(kOne), Outcome::ok);
  EXPECT_EQ(redeem(kOne), Outcome::consumed);
}

TEST_F(RedisTicketStoreTest, WithoutAGenerationNoTicketIsRedeemed) {
  start();
  ASSERT_TRUE(put(kOne));
  say({"SAVE"});
  ASSERT_EQ(redeem(kOne), Outcome::ok);
  server->kill();
  ASSERT_TRUE(loop.run_until([&] { return !link->is_up(); }));
  server->start();
  say({"CONFIG", "SET", "maxmemory", "1"});
  ASSERT_TRUE(loop.run_until([&] { return link->is_up(); }));
  EXPECT_EQ(redeem(kOne), Outcome::unavailable);
  say({"CONFIG", "SET", "maxmemory", "0"});
  redeem(kOne);  // begins it, at the latest
  EXPECT_EQ(redeem(kOne), Outcome::expired);
}

TEST_F(RedisTicketStoreTest, RecordsOfOtherProgramsAreNoTickets) {
  start();
  redeem(kOther);
  say({"RPUSH", kKey, "x"});
  EXPECT_EQ(redeem(kOne), Outcome::unavailable);
  EXPECT_EQ(put(kOne).error(), ticket::PutError::unavailable);
  for (const char* record : {"", "L1", "L1 00 90000 1", "garbage", "L9 0 0 0"}) {
    say({"SET", kKey, record, "PX", "90000"});
    EXPECT_NE(redeem(kOne), Outcome::ok) << record;
  }
  const std::string memory = say({"GET", "usher:tickets:memory"}).text;
  say({"SET", kKey, "L1 " + memory.substr(0, 16) + " 90000 not a grant", "PX", "90000"});
  EXPECT_EQ(redeem(kOne), Outcome::unavailable);
  say({"DEL", "usher:tickets:memory"});
  say({"RPUSH", "usher:tickets:memory", "x"});
  EXPECT_EQ(redeem(kOne), Outcome::unavailable);
}

TEST_F(RedisTicketStoreTest, ALostAnswerIsUnavailableAndTheTicketIsSpent) {
  start();
  ASSERT_TRUE(put(kOne));
  std::optional<Outcome> outcome;
  server->pause();
  store->redeem(kOne, [&](const Redeemed& redeemed) { outcome = redeemed.outcome; });
  ASSERT_TRUE(loop.run_until([&] { return outcome.has_value(); }));  // after the command timeout
  EXPECT_EQ(outcome, Outcome::unavailable);
  server->resume();
  ASSERT_TRUE(loop.run_until([&] { return link->is_up(); }));
  EXPECT_NE(redeem(kOne), Outcome::unknown);  // it may have been read before the connection went
  EXPECT_EQ(redeem(kOne), Outcome::consumed);
}

}  // namespace
}  // namespace usher::redis
