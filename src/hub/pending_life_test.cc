#include "hub/pending_life.h"

#include <map>
#include <utility>

#include <gtest/gtest.h>

namespace usher::hub {
namespace {

using Step = PendingStep;
using Event = PendingEvent;

static_assert(advance(Step::fresh, Event::no_owner_needed) == Step::reach);

TEST(PendingLifeTest, EveryPairOfStepAndEventIsAsListedHere) {
  const std::map<std::pair<Step, Event>, Step> follows{
      {{Step::fresh, Event::owner_needed}, Step::owner},
      {{Step::fresh, Event::no_owner_needed}, Step::reach},
      {{Step::fresh, Event::decision_needed}, Step::decision},
      {{Step::decision, Event::decided}, Step::reach},
      {{Step::owner, Event::unbound}, Step::pending},
      {{Step::owner, Event::bound}, Step::reach},
      {{Step::pending, Event::bound}, Step::reach},
      {{Step::reach, Event::reached}, Step::position},
      {{Step::position, Event::answered}, Step::ready},
      {{Step::ready, Event::handler_called}, Step::telling},
      {{Step::telling, Event::handler_returned}, Step::live},
  };
  std::size_t meant = 0;
  for (std::uint8_t s = 0; s < kPendingSteps; ++s) {
    for (std::uint8_t e = 0; e < kPendingEvents; ++e) {
      const std::pair pair{static_cast<Step>(s), static_cast<Event>(e)};
      const auto expected = follows.find(pair);
      const auto next = advance(pair.first, pair.second);
      ASSERT_EQ(next.has_value(), expected != follows.end()) << int(s) << " at " << int(e);
      if (!next) continue;
      EXPECT_EQ(*next, expected->second) << int(s) << " at " << int(e);
      ++meant;
    }
  }
  EXPECT_EQ(meant, follows.size());
}

// From each step, events lead to `live`, and nothing leads on from there.
TEST(PendingLifeTest, EveryStepButTheLastLeadsOnAndNoneLeadsBack) {
  for (std::uint8_t s = 0; s < kPendingSteps; ++s) {
    const auto step = static_cast<Step>(s);
    bool leads_on = false;
    for (std::uint8_t e = 0; e < kPendingEvents; ++e) {
      const auto next = advance(step, static_cast<Event>(e));
      if (!next) continue;
      leads_on = true;
      EXPECT_GT(*next, step);
    }
    EXPECT_EQ(leads_on, step != Step::live) << int(s);
  }
}

TEST(PendingLifeTest, AnEventWithoutMeaningChangesNothing) {
  PendingLife life;
  EXPECT_EQ(life.step(), Step::fresh);
  EXPECT_FALSE(life.take(Event::reached));
  EXPECT_EQ(life.step(), Step::fresh);
  EXPECT_TRUE(life.take(Event::owner_needed));
  EXPECT_TRUE(life.take(Event::unbound));
  EXPECT_FALSE(life.take(Event::unbound)) << "an answer that comes twice";
  EXPECT_EQ(life.step(), Step::pending);
}

TEST(PendingLifeTest, DeliveriesAreHeldBackFromReachToTelling) {
  for (const Step step : {Step::fresh, Step::owner, Step::pending, Step::live}) {
    EXPECT_FALSE(holds_back(step));
  }
  for (const Step step : {Step::reach, Step::position, Step::ready, Step::telling}) {
    EXPECT_TRUE(holds_back(step));
  }
}

TEST(PendingLifeTest, AnOperationWaitsUntilItsSubscriptionIsPendingOrReady) {
  for (const Step step : {Step::fresh, Step::owner, Step::reach, Step::position}) {
    EXPECT_TRUE(awaits_outcome(step));
  }
  for (const Step step : {Step::pending, Step::ready, Step::telling, Step::live}) {
    EXPECT_FALSE(awaits_outcome(step));
  }
}

}  // namespace
}  // namespace usher::hub
