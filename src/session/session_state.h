// Where the life of one ServerSession stands, as a table.
//
//     opening ──admitted──▶ joining ──joined──▶ live ──ended──▶ ended
//
// `rejected` leads from opening and joining to ended; `ended` leads there from everywhere.
//
// Life holds the state, and take() is the only function that changes it.
//
// Threads: plain values.
#pragma once

#include <cstdint>

namespace usher::session {

enum class State : std::uint8_t {
  opening,  // no good credential yet
  joining,  // the hub is asked to join the connection
  live,     // the client has its `connect` answer
  ended,    // nothing more is sent
};

enum class Event : std::uint8_t {
  admitted,  // the credential is good
  joined,    // the hub has joined the connection
  rejected,  // the connection is not let in
  ended,     // the connection ends, from whichever side
};

// Returns the state after `event`. An event that `state` does not expect leaves it as it is.
constexpr State next(State state, Event event) {
  switch (event) {
    case Event::admitted:
      return state == State::opening ? State::joining : state;
    case Event::joined:
      return state == State::joining ? State::live : state;
    case Event::rejected:
      return state == State::live ? state : State::ended;
    case Event::ended:
      return State::ended;
  }
  return state;
}

class Life {
 public:
  State state() const { return state_; }

  // Returns whether `event` has changed the state.
  bool take(Event event) {
    const State before = state_;
    state_ = next(before, event);
    return state_ != before;
  }

 private:
  State state_ = State::opening;
};

}  // namespace usher::session
