// What is the memory store's own. What every store must do is in tests/contract/.
#include "ticket/memory_ticket_store.h"

#include <latch>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "support/manual_clock.h"
#include "ticket/mint.h"

namespace usher::ticket {
namespace {

using namespace std::chrono_literals;
using Outcome = RedeemOutcome;

class MemoryTicketStoreTest : public testing::Test {
 protected:
  void make(MemoryTicketStoreOptions options) {
    options.stripes = 4;
    store = std::make_unique<MemoryTicketStore>(clock, options);
    clock.advance(10min);
  }
  bool put(int number, Grant grant = {}) {
    bool stored = false;
    store->put(hash(std::to_string(number)), std::move(grant), 30s,
               [&](auto result) { stored = result.has_value(); });
    return stored;
  }
  Redeemed redeem(int number) {
    Redeemed redeemed;
    store->redeem(hash(std::to_string(number)), [&](Redeemed r) { redeemed = std::move(r); });
    return redeemed;
  }

  test::ManualClock clock;
  std::unique_ptr<MemoryTicketStore> store;
};

TEST_F(MemoryTicketStoreTest, ALiveTicketIsNeverPushedOutByANewOne) {
  make({.live_max = 3});
  ASSERT_TRUE(put(1) && put(2) && put(3));
  EXPECT_FALSE(put(4));
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(redeem(i).outcome, Outcome::ok);
  EXPECT_EQ(redeem(4).outcome, Outcome::unknown);
}

TEST_F(MemoryTicketStoreTest, RoomComesBackWithARedemptionAndWithExpiry) {
  make({.live_max = 3});
  ASSERT_TRUE(put(1) && put(2) && put(3));
  redeem(2);
  EXPECT_TRUE(put(4));
  EXPECT_FALSE(put(5));
  clock.advance(30s - 1ns);
  EXPECT_FALSE(put(5));
  clock.advance(1ns);
  EXPECT_TRUE(put(5));
}

TEST_F(MemoryTicketStoreTest, GrantsCountByTheirRealSize) {
  Grant large;
  large.subs = std::string(10'000, 's');
  large.channels = std::vector<std::string>(10, std::string(1'000, 'c'));
  make({.live_bytes_max = 50'000});
  ASSERT_TRUE(put(1, large));
  EXPECT_GE(store->usage().live_bytes, 20'000u);
  EXPECT_LE(store->usage().live_bytes, 22'000u);
  ASSERT_TRUE(put(2, large));
  EXPECT_FALSE(put(3, large));
  EXPECT_TRUE(put(4));
  redeem(1);
  EXPECT_TRUE(put(3, large));
}

TEST_F(MemoryTicketStoreTest, ASpentTicketsGrantLeavesMemoryAtOnce) {
  Grant grant;
  const auto channel = std::string(1'000, 'c');
  grant.channels = {channel};
  make({});
  put(1, grant);
  redeem(1);
  const auto usage = store->usage();
  EXPECT_EQ(usage.live, 0u);
  EXPECT_EQ(usage.live_bytes, 0u);
  EXPECT_EQ(usage.tombstones, 1u);
}

TEST_F(MemoryTicketStoreTest, AnIdleStoreThatIsSweptLetsGoOfEverything) {
  make({});
  for (int i = 0; i < 100; ++i) put(i);
  for (int i = 0; i < 50; ++i) redeem(i);
  EXPECT_EQ(store->usage().live, 50u);
  clock.advance(30s);
  store->sweep();
  EXPECT_EQ(store->usage().live, 0u);
  EXPECT_EQ(store->usage().live_bytes, 0u);
  EXPECT_EQ(store->usage().tombstones, 100u);
  clock.advance(60s);
  store->sweep();
  EXPECT_EQ(store->usage().tombstones, 0u);
}

TEST_F(MemoryTicketStoreTest, TombstonesAreBoundedApartAndALostOneMakesNoTicketUnknown) {
  make({.tombstones_max = 4 * 25});
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(put(i));
    ASSERT_EQ(redeem(i).outcome, Outcome::ok);
  }
  EXPECT_EQ(store->usage().tombstones, 100u);
  EXPECT_EQ(redeem(999).outcome, Outcome::consumed);
  const Redeemed lost = redeem(0);
  EXPECT_EQ(lost.outcome, Outcome::expired);
  EXPECT_EQ(lost.age, std::nullopt);
  clock.advance(90s - 1ns);
  EXPECT_EQ(redeem(0).outcome, Outcome::expired);
  clock.advance(1ns);
  EXPECT_EQ(redeem(0).outcome, Outcome::unknown);
}

TEST_F(MemoryTicketStoreTest, AHandlerMayCallTheStoreAgain) {
  make({});
  put(1);
  Outcome inner = Outcome::ok;
  store->redeem(hash("1"), [&](Redeemed) { inner = redeem(1).outcome; });
  EXPECT_EQ(inner, Outcome::consumed);
}

// Two threads issue, two redeem everything twice, one sweeps: each ticket is had exactly once and
// the bounds hold at every look.
TEST_F(MemoryTicketStoreTest, ThreadsShareItWithoutLosingOrDoublingATicket) {
  constexpr int kTickets = 4'000;
  make({.live_max = 500});
  std::atomic<int> stored = 0;
  std::atomic<int> had = 0;
  std::atomic<bool> over_bound = false;
  std::latch start(5);
  const auto issue = [&](int from) {
    start.arrive_and_wait();
    for (int i = from; i < kTickets; i += 2) {
      while (!put(i)) std::this_thread::yield();
      ++stored;
    }
  };
  const auto take = [&] {
    start.arrive_and_wait();
    while (had < kTickets) {
      for (int i = 0; i < kTickets; ++i) had += redeem(i).outcome == Outcome::ok ? 1 : 0;
    }
  };
  const auto look = [&] {
    start.arrive_and_wait();
    while (had < kTickets) {
      store->sweep();
      if (store->usage().live > 500 + 2) over_bound = true;  // a refused put counts for a moment
    }
  };
  {
    std::vector<std::jthread> threads;
    threads.emplace_back(issue, 0);
    threads.emplace_back(issue, 1);
    threads.emplace_back(take);
    threads.emplace_back(take);
    threads.emplace_back(look);
  }
  EXPECT_EQ(stored, kTickets);
  EXPECT_EQ(had, kTickets);
  EXPECT_FALSE(over_bound);
  EXPECT_EQ(store->usage().live_bytes, 0u);
}

}  // namespace
}  // namespace usher::ticket
