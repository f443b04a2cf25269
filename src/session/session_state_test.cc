#include "session/session_state.h"

#include <array>
#include <cstddef>

#include <gtest/gtest.h>

namespace usher::session {
namespace {

constexpr std::array kStates{State::opening, State::joining, State::live, State::ended};
constexpr std::array kEvents{Event::admitted, Event::joined, Event::rejected, Event::ended};

// One row for each state, one column for each event.
constexpr State kTable[kStates.size()][kEvents.size()] = {
    {State::joining, State::opening, State::ended, State::ended},
    {State::joining, State::live, State::ended, State::ended},
    {State::live, State::live, State::live, State::ended},
    {State::ended, State::ended, State::ended, State::ended},
};

TEST(SessionStateTest, EachPairOfStateAndEventHasItsNextState) {
  for (std::size_t s = 0; s < kStates.size(); ++s) {
    for (std::size_t e = 0; e < kEvents.size(); ++e) {
      EXPECT_EQ(next(kStates[s], kEvents[e]), kTable[s][e]) << "state " << s << ", event " << e;
    }
  }
}

TEST(SessionStateTest, ThereIsOneWayToLiveAndNoWayBack) {
  for (const State state : kStates) {
    for (const Event event : kEvents) {
      const State after = next(state, event);
      EXPECT_GE(after, state);
      if (after == State::live && state != State::live) {
        EXPECT_EQ(state, State::joining);
        EXPECT_EQ(event, Event::joined);
      }
    }
  }
  static_assert(next(State::opening, Event::joined) == State::opening);
}

TEST(SessionStateTest, TakeSaysWhetherTheStateHasChanged) {
  Life life;
  EXPECT_FALSE(life.take(Event::joined));
  EXPECT_TRUE(life.take(Event::admitted));
  EXPECT_TRUE(life.take(Event::joined));
  EXPECT_FALSE(life.take(Event::rejected));
  EXPECT_EQ(life.state(), State::live);
  EXPECT_TRUE(life.take(Event::ended));
  EXPECT_FALSE(life.take(Event::ended));
}

}  // namespace
}  // namespace usher::session
