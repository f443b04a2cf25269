// Where the life of one TunnelSession stands, as a table.
//
//     opening ─admitted▶ joining ─joined▶ dialling ─opened▶ live ─ended▶ ended
//
// `ended` leads from everywhere to ended. An event that the table does not name for a state changes
// nothing.
//
// Threads: plain values.
#pragma once

#include <cstdint>

namespace usher::session {

enum class TunnelState : std::uint8_t {
  opening,   // the ticket is being checked
  joining,   // the hub is asked to count the connection
  dialling,  // the upstream's answer is awaited
  live,      // bytes pass
  ended,     // the client has been refused, or the tunnel is over
};

enum class TunnelEvent : std::uint8_t {
  admitted,  // the ticket is good
  joined,    // the connection counts, and orders of the backend find it
  opened,    // the upstream has accepted
  ended,
};

constexpr TunnelState next(TunnelState state, TunnelEvent event) {
  switch (event) {
    case TunnelEvent::admitted:
      return state == TunnelState::opening ? TunnelState::joining : state;
    case TunnelEvent::joined:
      return state == TunnelState::joining ? TunnelState::dialling : state;
    case TunnelEvent::opened:
      return state == TunnelState::dialling ? TunnelState::live : state;
    case TunnelEvent::ended:
      return TunnelState::ended;
  }
  return state;
}

}  // namespace usher::session
