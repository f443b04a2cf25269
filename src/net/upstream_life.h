// The life of a connection to an upstream as a table. upstream_socket.h carries it out.
//
//     idle ─dialled▶ resolving ─resolved▶ connecting ─connected▶ asking ─answered▶ waiting
//                                                                                    │
//     closed ◀──gone── leaving ◀──said_last── open ◀────────────opened───────────────┘
//
// `gone` leads from everywhere to closed. An event that the table does not name for a stage changes
// nothing.
//
// Threads: pure; from any.
#pragma once

#include <cstdint>

namespace usher::net {

enum class UpstreamStage : std::uint8_t {
  idle,        // nothing was ordered yet
  resolving,   // the name's addresses are awaited
  connecting,  // to one of them
  asking,      // the request leaves (after a TLS handshake), and the answer comes
  waiting,     // the answer has come: the tunnel decides
  open,        // bytes pass in both directions
  leaving,     // the last bytes leave, and the upstream's end is awaited; what it says is dropped
  closed,
  count_,
};

enum class UpstreamEvent : std::uint8_t {
  dialled,
  resolved,
  connected,
  answered,
  opened,
  said_last,  // nothing more is sent but what waits
  gone,       // the socket is given up, or was never made
  count_,
};

constexpr UpstreamStage next(UpstreamStage stage, UpstreamEvent event) {
  using Stage = UpstreamStage;
  switch (event) {
    case UpstreamEvent::dialled:
      return stage == Stage::idle ? Stage::resolving : stage;
    case UpstreamEvent::resolved:
      return stage == Stage::resolving ? Stage::connecting : stage;
    case UpstreamEvent::connected:
      return stage == Stage::connecting ? Stage::asking : stage;
    case UpstreamEvent::answered:
      return stage == Stage::asking ? Stage::waiting : stage;
    case UpstreamEvent::opened:
      return stage == Stage::waiting ? Stage::open : stage;
    case UpstreamEvent::said_last:
      return stage == Stage::open ? Stage::leaving : stage;
    case UpstreamEvent::gone:
    case UpstreamEvent::count_:
      return Stage::closed;
  }
  return stage;
}

}  // namespace usher::net
