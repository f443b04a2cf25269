#include "session/tunnel_state.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>

namespace usher::session {
namespace {

using State = TunnelState;
using Event = TunnelEvent;

constexpr std::array kStates{State::opening, State::joining, State::dialling, State::live,
                             State::ended};
constexpr std::array kEvents{Event::admitted, Event::joined, Event::opened, Event::ended};

// One row for each state, one column for each event.
constexpr State kTable[kStates.size()][kEvents.size()] = {
    {State::joining, State::opening, State::opening, State::ended},
    {State::joining, State::dialling, State::joining, State::ended},
    {State::dialling, State::dialling, State::live, State::ended},
    {State::live, State::live, State::live, State::ended},
    {State::ended, State::ended, State::ended, State::ended},
};

TEST(TunnelStateTest, EachPairOfStateAndEventHasItsNextState) {
  for (std::size_t s = 0; s < kStates.size(); ++s) {
    for (std::size_t e = 0; e < kEvents.size(); ++e) {
      EXPECT_EQ(next(kStates[s], kEvents[e]), kTable[s][e]) << "state " << s << ", event " << e;
    }
  }
}

TEST(TunnelStateTest, ThereIsOneWayToLiveAndNoWayBack) {
  for (const State state : kStates) {
    for (const Event event : kEvents) {
      const State after = next(state, event);
      EXPECT_GE(after, state);
      if (after == State::live && state != State::live) {
        EXPECT_EQ(state, State::dialling);
        EXPECT_EQ(event, Event::opened);
      }
    }
  }
}

}  // namespace
}  // namespace usher::session
