#include "redis/link/dialer_state.h"

#include <gtest/gtest.h>

#include <set>
#include <tuple>

namespace usher::redis {
namespace {

using State = DialerState;
using Event = DialerEvent;
using Step = std::tuple<State, Event, State>;

std::set<Step> all_steps() {
  std::set<Step> steps;
  for (std::size_t s = 0; s < kDialerStates; ++s) {
    for (std::size_t e = 0; e < kDialerEvents; ++e) {
      const auto state = static_cast<State>(s);
      const auto event = static_cast<Event>(e);
      if (const auto to = next(state, event)) steps.emplace(state, event, *to);
    }
  }
  return steps;
}

TEST(DialerState, EveryPairOfStateAndEventIsAStepOrImpossible) {
  EXPECT_EQ(all_steps(), (std::set<Step>{
                             {State::idle, Event::ask, State::asking},
                             {State::idle, Event::dial, State::greeting},
                             {State::asking, Event::ask_next, State::asking},
                             {State::asking, Event::master_found, State::greeting},
                             {State::asking, Event::failed, State::waiting},
                             {State::greeting, Event::greeted, State::up},
                             {State::greeting, Event::failed, State::waiting},
                             {State::up, Event::lost, State::waiting},
                             {State::waiting, Event::ask, State::asking},
                             {State::waiting, Event::dial, State::greeting},
                         }));
}

TEST(DialerState, EachStateIsReachedAndLeft) {
  std::set<State> reached{State::idle};
  std::set<State> left;
  std::set<Event> used;
  for (const auto& [from, event, to] : all_steps()) {
    left.insert(from);
    used.insert(event);
    reached.insert(to);
  }
  EXPECT_EQ(reached.size(), kDialerStates);
  EXPECT_EQ(left.size(), kDialerStates) << "it never gives up for good";
  EXPECT_EQ(used.size(), kDialerEvents);
}

TEST(DialerState, ADialerIsUpOnlyAfterAHandshake) {
  for (const auto& [from, event, to] : all_steps()) {
    if (to != State::up) continue;
    EXPECT_EQ(from, State::greeting);
    EXPECT_EQ(event, Event::greeted);
  }
}

static_assert(next(State::idle, Event::lost) == std::nullopt);

}  // namespace
}  // namespace usher::redis
