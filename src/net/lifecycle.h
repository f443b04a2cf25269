// The life of a connection as a table: its phases, the events that lead from one to the next, and
// what each phase allows. accepted_socket.h carries it out.
//
//     http ─upgraded▶ held ─released▶ open ─said_close▶ closing ─sent▶ farewell ─peer_closed─┐
//      │                               └───said_last──▶ ending ──sent─────────▶ lingering ◀──┘
//      └──said_last──▶ answered ─sent▶ dismissed
//
// Every phase ends in `closed` when the connection is gone. An event that the table does not name
// for a phase changes nothing: next() returns the same phase.
//
// Threads: pure; from any.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace usher::net {

enum class Phase : std::uint8_t {
  http,        // requests and answers, one after the other
  answered,    // the last HTTP answer leaves
  dismissed,   // lingering after HTTP
  held,        // the upgrade is accepted, and not answered yet: nothing leaves
  open,        // WebSocket messages in both directions
  overflowed,  // more was to be sent than fits; the session hears of it in the next turn
  failed,      // the socket is broken; the session hears of it in the next turn
  closing,     // our close frame leaves, and the peer has not sent its own
  ending,      // our last frame leaves, and nothing of the peer is awaited
  farewell,    // the peer's close frame is awaited (RFC 6455 section 7.1.1)
  lingering,   // the peer's end is awaited: closing with unread bytes would send a reset, which can
               // overtake our reason
  closed,
  count_
};

enum class Event : std::uint8_t {
  upgraded,     // HTTP has become a WebSocket
  released,     // the session allows its first bytes to leave
  overflowed,   // the outbox is full
  broken,       // the socket takes nothing any more, or an invariant is broken while shared work
                // (a delivery, the shard's writing) is going on
  said_close,   // our close frame is in the outbox, and the peer's has not come
  said_last,    // the last bytes are in the outbox
  sent,         // all of the outbox has left
  peer_closed,  // the peer's close frame has come
  timed_out,    // the deadline of the phase has passed
  gone,         // the peer has left, or the connection is given up
  count_
};

// How the phase treats the peer's bytes.
enum class Reading : std::uint8_t {
  as_asked,  // AcceptedSocket::set_reading() decides
  stopped,   // not read
  discarded  // read, and thrown away
};

// What entering the phase does to the deadline.
enum class PhaseDeadline : std::uint8_t { kept, none, goodbye, linger };

struct PhaseRules {
  Reading reading = Reading::as_asked;
  PhaseDeadline deadline = PhaseDeadline::kept;
  bool admitted = false;       // a WebSocket: counted by the application until it is closed
  bool sends = false;          // the session may append to the outbox
  bool tells_session = false;  // the session has to hear when the connection ends
  bool leaves = false;         // the outbox is written to the socket
  bool acts_on_sent = false;   // something follows when all of the outbox has left
  bool keeps_bytes = false;    // bytes that cannot be handled yet are put by
  bool needs_turn = false;     // the end is handled in a turn of the connection's own
  bool lingers = false;        // counts against ShardOptions::lingering_max
  bool half_closed = false;    // the writing side of the socket is closed
};

namespace lifecycle {

inline constexpr auto kPhases = static_cast<std::size_t>(Phase::count_);
inline constexpr auto kEvents = static_cast<std::size_t>(Event::count_);

constexpr std::size_t at(Phase phase) { return static_cast<std::size_t>(phase); }
constexpr std::size_t at(Event event) { return static_cast<std::size_t>(event); }

using Table = std::array<std::array<Phase, kEvents>, kPhases>;

constexpr Table make_table() {
  Table table{};
  for (std::size_t from = 0; from < kPhases; ++from) {
    table[from].fill(static_cast<Phase>(from));
    table[from][at(Event::gone)] = Phase::closed;
    table[from][at(Event::broken)] = Phase::closed;
  }
  const auto set = [&table](Phase from, Event event, Phase to) { table[at(from)][at(event)] = to; };
  set(Phase::http, Event::upgraded, Phase::held);
  set(Phase::http, Event::said_last, Phase::answered);
  set(Phase::answered, Event::sent, Phase::dismissed);
  set(Phase::held, Event::released, Phase::open);
  for (const Phase live : {Phase::held, Phase::open}) {
    set(live, Event::overflowed, Phase::overflowed);
    set(live, Event::broken, Phase::failed);
  }
  for (const Phase live : {Phase::held, Phase::open, Phase::overflowed}) {
    set(live, Event::said_close, Phase::closing);
    set(live, Event::said_last, Phase::ending);
  }
  set(Phase::closing, Event::sent, Phase::farewell);
  set(Phase::ending, Event::sent, Phase::lingering);
  set(Phase::farewell, Event::peer_closed, Phase::lingering);
  set(Phase::farewell, Event::timed_out, Phase::lingering);
  for (const Phase last :
       {Phase::answered, Phase::dismissed, Phase::closing, Phase::ending, Phase::lingering}) {
    set(last, Event::timed_out, Phase::closed);
  }
  return table;
}

constexpr std::array<PhaseRules, kPhases> make_rules() {
  std::array<PhaseRules, kPhases> rules{};
  rules[at(Phase::http)] = {.leaves = true, .acts_on_sent = true};
  rules[at(Phase::answered)] = {.reading = Reading::stopped,
                                .deadline = PhaseDeadline::goodbye,
                                .leaves = true,
                                .acts_on_sent = true};
  rules[at(Phase::dismissed)] = {.reading = Reading::discarded,
                                 .deadline = PhaseDeadline::linger,
                                 .lingers = true,
                                 .half_closed = true};
  rules[at(Phase::held)] = {.deadline = PhaseDeadline::none,
                            .admitted = true,
                            .sends = true,
                            .tells_session = true,
                            .keeps_bytes = true};
  rules[at(Phase::open)] = {
      .admitted = true, .sends = true, .tells_session = true, .leaves = true, .keeps_bytes = true};
  for (const Phase found : {Phase::overflowed, Phase::failed}) {
    rules[at(found)] = {.admitted = true, .tells_session = true, .needs_turn = true};
  }
  for (const Phase last : {Phase::closing, Phase::ending}) {
    rules[at(last)] = {.reading = Reading::stopped,
                       .deadline = PhaseDeadline::goodbye,
                       .admitted = true,
                       .leaves = true,
                       .acts_on_sent = true,
                       .keeps_bytes = true};
  }
  rules[at(Phase::farewell)] = {.reading = Reading::discarded,
                                .deadline = PhaseDeadline::linger,
                                .admitted = true,
                                .lingers = true};
  rules[at(Phase::lingering)] = {.reading = Reading::discarded,
                                 .deadline = PhaseDeadline::linger,
                                 .admitted = true,
                                 .lingers = true,
                                 .half_closed = true};
  rules[at(Phase::closed)] = {.reading = Reading::stopped, .deadline = PhaseDeadline::none};
  return rules;
}

inline constexpr Table kTable = make_table();
inline constexpr std::array<PhaseRules, kPhases> kRules = make_rules();

}  // namespace lifecycle

// The phase that follows when `event` happens in `phase`; `phase` itself if nothing follows.
constexpr Phase next(Phase phase, Event event) {
  return lifecycle::kTable[lifecycle::at(phase)][lifecycle::at(event)];
}

constexpr const PhaseRules& rules_of(Phase phase) {
  return lifecycle::kRules[lifecycle::at(phase)];
}

}  // namespace usher::net
