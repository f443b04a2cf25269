#include "net/turn_list.h"

#include <gtest/gtest.h>

#include "net/turn_budget.h"
#include "support/manual_clock.h"

namespace usher::net {
namespace {

using namespace std::chrono_literals;

struct Item;
struct FirstStep {
  using Member = Item;
};
struct SecondStep {
  using Member = Item;
};
struct Item : Listed<FirstStep>, Listed<SecondStep> {
  int work_left = 1;
};

TEST(TurnListTest, GivesEachOnceInTheOrderOfAdding) {
  Item a, b;
  TurnList<FirstStep> list;
  list.add(a);
  list.add(b);
  list.add(a);
  EXPECT_EQ(list.size(), 2u);
  EXPECT_EQ(list.take(), &a);
  EXPECT_EQ(list.take(), &b);
  EXPECT_EQ(list.take(), nullptr);
  EXPECT_TRUE(list.empty());
}

TEST(TurnListTest, WhatIsTakenMayBeAddedAgainAndTheMarkSaysWhatIs) {
  Item a;
  TurnList<FirstStep> list;
  TurnList<SecondStep> other;
  list.add(a);
  EXPECT_TRUE(static_cast<Listed<FirstStep>&>(a).is_listed());
  EXPECT_FALSE(static_cast<Listed<SecondStep>&>(a).is_listed());
  other.add(a);
  EXPECT_EQ(list.take(), &a);
  EXPECT_FALSE(static_cast<Listed<FirstStep>&>(a).is_listed());
  EXPECT_TRUE(static_cast<Listed<SecondStep>&>(a).is_listed());
  list.add(a);
  EXPECT_EQ(list.take(), &a);
}

// As a shard runs the list: greedy members never end, and a good one that comes last still waits
// for one budget only.
TEST(TurnListTest, AGoodMemberWaitsNoLongerThanOneBudget) {
  test::ManualClock clock;
  TurnList<FirstStep> list;
  std::vector<Item> greedy(600);
  for (Item& item : greedy) {
    item.work_left = 1'000'000;
    list.add(item);
  }
  Item good;
  const auto run_turn = [&] {
    const TurnBudget budget(clock);
    std::size_t ran = 0;
    for (std::size_t left = list.size(); left > 0; --left) {
      Item& item = *list.take();
      clock.advance(20us);  // the time of one piece of work
      ++ran;
      if (--item.work_left > 0) list.add(item);
      if (budget.is_spent()) break;
    }
    return ran;
  };
  EXPECT_EQ(run_turn(), 100u);
  // Its event is handled at the beginning of the next turn: it has waited for the turn that was
  // running.
  const TimePoint came = clock.now();
  run_turn();
  EXPECT_LE(clock.now() - came, kTurnBudget + 20us);
  // When it continues by itself, it gets its turn after all others had theirs once.
  list.add(good);
  for (int turn = 0; turn < 7 && good.work_left > 0; ++turn) run_turn();
  EXPECT_EQ(good.work_left, 0);
}

TEST(TurnBudgetTest, IsSpentAtItsEndNotBefore) {
  test::ManualClock clock;
  const TurnBudget budget(clock, 3ms);
  EXPECT_FALSE(budget.is_spent());
  clock.advance(3ms - 1ns);
  EXPECT_FALSE(budget.is_spent());
  clock.advance(1ns);
  EXPECT_TRUE(budget.is_spent());
}

}  // namespace
}  // namespace usher::net
