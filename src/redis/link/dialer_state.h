// The life of a Dialer as a table: which state follows which, and on what event.
//
//     idle ──► asking ──► greeting ──► up
//                ▲  └─┐      │  ▲       │
//                │    ▼      ▼  │       │
//                └──── waiting ─┘ ◄─────┘
//
// Without sentinels, an attempt begins with greeting instead of asking.
//
// Threads: none. Plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace usher::redis {

enum class DialerState : std::uint8_t {
  idle,      // not started
  asking,    // a sentinel is asked where the master is
  greeting,  // the master is dialed, and shakes hands
  up,        // the listener may send
  waiting,   // for the next attempt
};
inline constexpr std::size_t kDialerStates = 5;

enum class DialerEvent : std::uint8_t {
  ask,           // an attempt begins, with a sentinel
  dial,          // an attempt begins, with a master that is known
  ask_next,      // a sentinel has failed, and there is another one
  master_found,  // a sentinel has named the master
  greeted,       // the handshake is done
  failed,        // the attempt is over
  lost,          // the connection that was up is over
};
inline constexpr std::size_t kDialerEvents = 7;

// Returns the state after `event`, or `nullopt` if the event is impossible in that state.
constexpr std::optional<DialerState> next(DialerState state, DialerEvent event) {
  using enum DialerState;
  constexpr std::optional<DialerState> none;
  constexpr std::array<std::array<std::optional<DialerState>, kDialerEvents>, kDialerStates> kNext{{
      // clang-format off
      //              ask     dial      ask_next  master_found  greeted  failed   lost
      /* idle */     {asking, greeting, none,     none,         none,    none,    none},
      /* asking */   {none,   none,     asking,   greeting,     none,    waiting, none},
      /* greeting */ {none,   none,     none,     none,         up,      waiting, none},
      /* up */       {none,   none,     none,     none,         none,    none,    waiting},
      /* waiting */  {asking, greeting, none,     none,         none,    none,    none},
      // clang-format on
  }};
  return kNext[static_cast<std::size_t>(state)][static_cast<std::size_t>(event)];
}

}  // namespace usher::redis
